import { sha256 as algorithm } from "@noble/hashes/sha2.js";
import { cryptoIsThere } from "./secure";

/** Bytes up to which a file is read at once; larger ones come in parts, so that memory holds a part at a time. */
const AT_ONCE = 32 << 20;

export interface Hashed {
  readonly sha256: string;
  /** The very bytes that were hashed: a file on the disk may be another by the time it is stored. */
  readonly blob: Blob;
}

/** Reads a file once, and returns its SHA-256 with a copy of it. */
export async function hashed(file: Blob, type: string): Promise<Hashed> {
  if (file.size <= AT_ONCE && cryptoIsThere()) {
    const data = await file.arrayBuffer();
    return { sha256: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", data))), blob: new Blob([data], { type }) };
  }
  const hash = algorithm.create();
  const parts: Blob[] = [];
  for await (const part of file.stream()) {
    hash.update(part);
    parts.push(new Blob([part]));
  }
  return { sha256: hex(hash.digest()), blob: new Blob(parts, { type }) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

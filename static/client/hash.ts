/**
 * SHA-256 as lower-case hexadecimal.
 *
 * Pages that are not a secure context have no `crypto.subtle`; there a script of our own origin does the work.
 */
export async function sha256(data: Uint8Array<ArrayBuffer> | ArrayBuffer): Promise<string> {
  const subtle: SubtleCrypto | undefined = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle) return hex(new Uint8Array(await subtle.digest("SHA-256", data)));
  const { sha256: digest } = await import("@noble/hashes/sha2.js");
  return hex(digest(data instanceof ArrayBuffer ? new Uint8Array(data) : data));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

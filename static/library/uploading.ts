import { type Database, type KeptFile, type StoredCommand, type Writing } from "./database";
import { Later, pathOf, Refusal, type Service } from "./service";
import type { Limits, Remote } from "./types";

const PARTIAL = "application/partial-upload";

/** Tells how many bytes of a file have arrived. */
export type Progress = (sent: number) => void;

/**
 * Sends a file, whole or in pieces (draft-ietf-httpbis-resumable-upload-12); goes on where it broke off. What the service has is not sent.
 *
 * The command is removed in the transaction in which the file is noted as being there.
 */
export class Uploading {
  constructor(
    private readonly database: Database,
    private readonly service: Service,
    private readonly remote: Remote,
    private readonly limits: Limits,
  ) {}

  /** @throws Later, Refusal. */
  async run(command: StoredCommand, progress: Progress): Promise<void> {
    const sha256 = command.sha256 ?? "";
    const { file, blob } = await this.database.read(async (transaction) => ({
      file: await transaction.objectStore("files").get(sha256),
      blob: await transaction.objectStore("bytes").get(sha256),
    }));
    if (!file || !blob || file.confirmed !== undefined || file.loose !== undefined) {
      await this.database.write((transaction) => unneeded(transaction, command));
      return;
    }
    const isThere = (await this.service.ask("HEAD", pathOf(this.remote, `/blobs/${sha256}`), { expected: [404] })).status !== 404;
    if (!isThere) {
      if (blob.size <= this.limits.piece) await this.whole(file, blob);
      else await this.inPieces(command, file, blob, progress);
    }
    await this.database.write(async (transaction) => {
      const found = await transaction.objectStore("files").get(sha256);
      // One that was there may have been on its way out: it is looked at again first of all.
      if (found) await transaction.objectStore("files").put({ ...found, confirmed: isThere ? 1 : Date.now() });
      await transaction.objectStore("outbox").delete(command.key);
    });
  }

  private async whole(file: KeptFile, blob: Blob): Promise<void> {
    const headers = { "Content-Type": file.type, "Repr-Digest": digest(file.sha256) };
    await this.service.ask("POST", pathOf(this.remote, "/blobs"), { body: await bytes(blob), headers, time: this.limits.carry });
  }

  private async inPieces(command: StoredCommand, file: KeptFile, blob: Blob, progress: Progress): Promise<void> {
    let { url, offset } = await this.resume(command.url);
    let piece = this.limits.piece;
    if (url === undefined) {
      const headers = { "Content-Type": file.type, "Repr-Digest": digest(file.sha256), "Upload-Complete": "?0", "Upload-Length": String(blob.size) };
      const response = await this.service.ask("POST", pathOf(this.remote, "/blobs"), { body: new Uint8Array(), headers });
      url = this.pathOfUpload(response.headers.get("Location") ?? "");
      offset = 0;
      const most = Number(/max-append-size=(\d{1,15})/.exec(response.headers.get("Upload-Limit") ?? "")?.[1] ?? piece);
      if (most > 0) piece = Math.min(piece, most);
    }
    await this.note(command, url, offset);
    while (offset < blob.size) {
      progress(offset);
      offset = await this.piece(url, blob, offset, Math.min(offset + piece, blob.size));
      await this.note(command, url, Math.min(offset, blob.size));
    }
  }

  /** Where an upload that was begun goes on. */
  private async resume(url: string | undefined): Promise<{ url: string | undefined; offset: number }> {
    if (url === undefined) return { url, offset: 0 };
    const response = await this.service.ask("HEAD", url, { expected: [404] });
    if (response.status === 404) return { url: undefined, offset: 0 };
    if (response.headers.get("Upload-Complete") === "?1") return { url, offset: Number.MAX_SAFE_INTEGER };
    return { url, offset: offsetOf(response) };
  }

  private async piece(url: string, blob: Blob, start: number, end: number): Promise<number> {
    const headers = { "Content-Type": PARTIAL, "Upload-Offset": String(start), "Upload-Complete": end === blob.size ? "?1" : "?0" };
    const response = await this.service.ask("PATCH", url, { body: await bytes(blob.slice(start, end)), headers, time: this.limits.carry, expected: [404, 409] });
    // The answer to the piece before was lost, or the upload was given up: it is looked at again.
    if (response.status === 404 || response.status === 409) throw new Later("The upload goes on elsewhere.", true, 1);
    return end;
  }

  /** The upload's address is on the disk before bytes are sent to it. */
  private async note(command: StoredCommand, url: string, sent: number): Promise<void> {
    await this.database.write(async (transaction) => {
      const found = await transaction.objectStore("outbox").get(command.key);
      if (found) await transaction.objectStore("outbox").put({ ...found, url, sent });
    });
  }

  /** The address is the service's to say, but only below this library. */
  private pathOfUpload(location: string): string {
    const [, id] = /\/uploads\/([A-Za-z0-9_-]{22})$/.exec(location) ?? [];
    if (id === undefined) throw new Later("The service told no address of the upload.", true);
    return pathOf(this.remote, `/uploads/${id}`);
  }
}

async function unneeded(transaction: Writing, { key, sha256 }: StoredCommand): Promise<void> {
  const file = await transaction.objectStore("files").get(sha256 ?? "");
  if (!file || file.confirmed !== undefined || file.loose !== undefined) await transaction.objectStore("outbox").delete(key);
}

function offsetOf(response: Response): number {
  const offset = Number(response.headers.get("Upload-Offset") ?? "");
  if (!Number.isSafeInteger(offset) || offset < 0) throw new Later("The service told no offset of the upload.", true);
  return offset;
}

/** `Repr-Digest` (RFC 9530). */
export function digest(sha256: string): string {
  const found = sha256.match(/../g) ?? [];
  return `sha-256=:${btoa(String.fromCharCode(...found.map((pair) => parseInt(pair, 16))))}:`;
}

/** Reads bytes before they are sent, so that a file that cannot be read is told from a network that fails. */
async function bytes(blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer();
  } catch (error) {
    throw new Refusal({ status: 0, code: "file_lost", title: "The file cannot be read any more", detail: error instanceof Error ? error.message : String(error) });
  }
}

import { type Database, fact, type KeptFile, type Writing } from "./database";
import { LibraryError } from "./errors";
import { hashed } from "./hashing";
import { noteUpload } from "./outbox";
import { mediaType } from "./reading";
import { Refusal, type Service } from "./service";

/** The files that are kept on this device, by their SHA-256. */
export class Files {
  private readonly fetching = new Map<string, Promise<Blob>>();

  constructor(private readonly database: Database) {}

  /** Keeps a file within a transaction, and has it sent where there is a library of the service; equal bytes are kept once. */
  static async keep(transaction: Writing, sha256: string, blob: Blob, about: string): Promise<void> {
    const found = await transaction.objectStore("files").get(sha256);
    const { loose, ...file }: KeptFile = found ?? { sha256, type: mediaType(blob.type), bytes: blob.size };
    if (!found) await transaction.objectStore("bytes").add(blob, sha256);
    if (!found || loose !== undefined) await transaction.objectStore("files").put(file);
    await noteUpload(transaction, await fact(transaction, "remote"), file, about);
  }

  /** Has files sent again, and not removed, that something refers to again. */
  static async want(transaction: Writing, wanted: ReadonlyMap<string, string>): Promise<void> {
    const remote = await fact(transaction, "remote");
    for (const [sha256, about] of wanted) {
      const found = await transaction.objectStore("files").get(sha256);
      if (!found) continue;
      const { loose, ...file } = found;
      if (loose !== undefined) await transaction.objectStore("files").put(file);
      await noteUpload(transaction, remote, file, about);
    }
  }

  /** Notes since when nothing refers to files. */
  static async loosen(transaction: Writing, digests: Iterable<string>): Promise<void> {
    const files = transaction.objectStore("files");
    for (const sha256 of digests) {
      const file = await files.get(sha256);
      if (file && file.loose === undefined) await files.put({ ...file, loose: Date.now() });
    }
  }

  static async drop(transaction: Writing, sha256: string): Promise<void> {
    await transaction.objectStore("files").delete(sha256);
    await transaction.objectStore("bytes").delete(sha256);
  }

  /** @returns undefined where it is not kept here. */
  get(sha256: string): Promise<Blob | undefined> {
    return this.database.read((transaction) => transaction.objectStore("bytes").get(sha256));
  }

  all(): Promise<KeptFile[]> {
    return this.database.read((transaction) => transaction.objectStore("files").getAll());
  }

  /**
   * Has a file from the service, and keeps it where there is room.
   *
   * @throws LibraryError `not_found`: the service does not have it, or not the right bytes; `unreachable`.
   */
  fetch(sha256: string, service: Service, path: string, time: number): Promise<Blob> {
    const found = this.fetching.get(sha256) ?? this.load(sha256, service, path, time).finally(() => this.fetching.delete(sha256));
    this.fetching.set(sha256, found);
    return found;
  }

  private async load(sha256: string, service: Service, path: string, time: number): Promise<Blob> {
    let blob: Blob;
    try {
      const response = await service.ask("GET", path, { time });
      blob = new Blob([await response.arrayBuffer()], { type: mediaType(response.headers.get("Content-Type")) });
    } catch (error) {
      if (error instanceof Refusal) throw new LibraryError("not_found", "The service does not have this file yet: whoever added it has not sent it.", { cause: error });
      throw new LibraryError("unreachable", "This file is at the service, which cannot be reached now.", { cause: error });
    }
    if ((await hashed(blob, blob.type)).sha256 !== sha256) throw new LibraryError("not_found", "The service sent other bytes than these.");
    await this.keepFetched(sha256, blob);
    return blob;
  }

  private async keepFetched(sha256: string, blob: Blob): Promise<void> {
    try {
      await this.database.write(async (transaction) => {
        if (await transaction.objectStore("files").getKey(sha256)) return;
        await transaction.objectStore("bytes").put(blob, sha256);
        await transaction.objectStore("files").put({ sha256, type: blob.type, bytes: blob.size, confirmed: Date.now() });
      });
    } catch {
      // It is there to be looked at; that there is no room to keep it, the storage's state says.
    }
  }
}

import type { Writing } from "./database";
import { USER } from "./document";
import * as edits from "./edits";
import { LibraryError } from "./errors";
import { Files } from "./files";
import { type Hashed, hashed } from "./hashing";
import type { Journal } from "./journal";
import { newId } from "./link";
import { line, mediaType, pictureId } from "./reading";
import type { Added, Limits, Refused } from "./types";

/** Files, and bytes of them, that are stored in one transaction. */
const MOST_FILES = 64;
const MOST_BYTES = 32 << 20;

interface Read extends Hashed {
  readonly file: File;
}

/** Takes files into a library, a few at a time. */
export class Adding {
  private readonly ids: string[] = [];
  private readonly already = new Set<string>();
  private readonly refused: Refused[] = [];
  private readonly step = newId();
  private batch: Read[] = [];

  constructor(
    private readonly journal: Journal,
    private readonly limits: Limits,
    private readonly collection: string | undefined,
  ) {}

  async run(files: readonly File[], onProgress: (done: number, of: number) => void): Promise<Added> {
    for (const [number, file] of files.entries()) {
      const read = await this.read(file);
      if (read) this.batch.push(read);
      if (this.batch.length >= MOST_FILES || this.batch.reduce((sum, { blob }) => sum + blob.size, 0) >= MOST_BYTES) await this.flush();
      onProgress(number + 1, files.length);
    }
    await this.flush();
    return { ids: this.ids, already: [...this.already].filter((id) => !this.ids.includes(id)), refused: this.refused };
  }

  private async read(file: File): Promise<Read | undefined> {
    try {
      if (file.size === 0) throw new Error("It is empty.");
      if (file.size > this.limits.file) throw new Error(`It has ${file.size} bytes, a file may have ${this.limits.file}.`);
      return { file, ...(await hashed(file, mediaType(file.type))) };
    } catch (error) {
      this.refused.push({ file, why: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  private async flush(): Promise<void> {
    const batch = this.batch;
    this.batch = [];
    try {
      await this.store(batch);
    } catch (error) {
      if (!(error instanceof LibraryError) || error.code !== "storage_full") throw error;
      // Some of them may still find room.
      for (const read of batch) {
        try {
          await this.store([read]);
        } catch (reason) {
          if (!(reason instanceof LibraryError) || reason.code !== "storage_full") throw reason;
          this.refused.push({ file: read.file, why: reason.message });
        }
      }
    }
  }

  private async store(batch: readonly Read[]): Promise<void> {
    if (batch.length === 0) return;
    const added: string[] = [];
    const already: string[] = [];
    await this.journal.edit(
      (document) => {
        if (this.collection !== undefined) edits.put(document, [], this.collection);
        for (const { file, sha256, blob } of batch) {
          const id = pictureId(sha256);
          const isThere = this.journal.state.value.pictures.has(id) || added.includes(id);
          (isThere ? already : added).push(id);
          if (!isThere) edits.addPicture(document, { sha256, name: line(file.name, 255), type: blob.type, bytes: blob.size, added: Date.now() });
          if (this.collection !== undefined) edits.put(document, [id], this.collection);
        }
      },
      { origin: USER, step: this.step, also: (transaction) => keepAll(transaction, batch) },
    );
    this.ids.push(...added);
    for (const id of already) this.already.add(id);
  }
}

/** Those that were there already may not be on this device, so their bytes are kept as well. */
async function keepAll(transaction: Writing, batch: readonly Read[]): Promise<void> {
  for (const { file, sha256, blob } of batch) await Files.keep(transaction, sha256, blob, line(file.name, 255));
}

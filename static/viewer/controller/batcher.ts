import { makeZip } from "client-zip";
import type { SaveChoice } from "../model/choice";
import type { Document } from "../model/documents";
import { type Batch, type Failure, failureText, NO_BATCH } from "../model/batch";
import { UniqueNames } from "../model/names";
import { Observable } from "../model/observable";
import { asCodecError } from "./caller";
import type { Saver } from "./saver";
import { zipSink } from "./sink";

const FAILURES = "not converted.txt";

interface Entry {
  name: string;
  lastModified: Date;
  input: Blob | string;
}

/** Converts many files into one archive, one after the other: the archive's reader asks for the next when it has taken the last. */
export class Batcher {
  readonly batch = new Observable<Batch>(NO_BATCH);
  private running: AbortController | undefined;

  constructor(private readonly saver: Saver) {}

  /** Stops what runs; whether there was anything. */
  cancel(): boolean {
    const { running } = this;
    running?.abort();
    return running !== undefined;
  }

  /** Converts documents and saves the archive; how it went is told by `batch` alone. */
  async run(documents: readonly Document[], choice: SaveChoice): Promise<void> {
    if (this.running) return;
    const archive = `${choice.format.title} pictures.zip`;
    const abort = (this.running = new AbortController());
    try {
      const sink = await zipSink(archive);
      if (!sink) return;
      this.batch.set({ ...NO_BATCH, state: "running", total: documents.length, archive });
      await sink.take(makeZip(this.entries(documents, choice, abort)), abort.signal);
      this.change({ state: "done", name: "" });
    } catch (thrown) {
      const state = abort.signal.aborted ? "cancelled" : "failed";
      abort.abort();
      this.change({ state, name: "", archive, error: asCodecError(thrown).message });
    } finally {
      this.running = undefined;
    }
  }

  private async *entries(documents: readonly Document[], { format, options }: SaveChoice, abort: AbortController): AsyncGenerator<Entry> {
    const names = new UniqueNames();
    const failures: Failure[] = [];
    for (const { file } of documents) {
      abort.signal.throwIfAborted();
      this.change({ name: file.name });
      try {
        const { name, blob, result } = await this.saver.convert(file, format, options, abort.signal);
        const { bytesIn, bytesOut } = this.batch.value;
        this.change({ bytesIn: bytesIn + file.size, bytesOut: bytesOut + result.image.byteLength });
        // A blob is read in pieces: the check sum of a large one at once would hold the page up.
        yield { name: names.give(name), lastModified: new Date(file.lastModified), input: blob };
      } catch (thrown) {
        const { code, message } = asCodecError(thrown);
        if (code === "cancelled") abort.abort();
        abort.signal.throwIfAborted();
        failures.push({ name: file.name, message, code });
        this.change({ failures: [...failures] });
      }
      this.change({ done: this.batch.value.done + 1 });
    }
    if (failures.length > 0) yield { name: names.give(FAILURES), lastModified: new Date(), input: failureText(failures) };
  }

  private change(fields: Partial<Batch>): void {
    this.batch.set({ ...this.batch.value, ...fields });
  }
}

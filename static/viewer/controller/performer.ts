import type { EditArguments, Provenance, TranscodeArguments } from "../../client/index";
import type { Conversion, Library, PictureEntry } from "../../library/index";
import { asCodecError, type Caller } from "./caller";

/** Milliseconds until a conversion that another page of this browser holds is looked at again. */
const AGAIN = 2000;

export interface PerformerParts {
  caller: Caller;
  library: Library;
  file: (picture: PictureEntry) => Promise<File>;
}

/** Makes the conversions that were asked for here, one after the other; also those that a page asked for that is no more. */
export class Performer {
  private readonly running = new Map<string, AbortController>();
  private isBusy = false;
  private isClosed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = (): void => undefined;

  constructor(private readonly parts: PerformerParts) {
    this.ended = parts.library.model.watch(() => void this.next());
  }

  /** Begins no more, and stops what runs: whoever opens the library next goes on. */
  close(): void {
    this.isClosed = true;
    this.ended();
    clearTimeout(this.timer);
    for (const abort of this.running.values()) abort.abort();
  }

  cancel(conversion: Conversion): void {
    this.running.get(conversion.id)?.abort();
  }

  /** Looks whether anything is asked for. */
  async next(): Promise<void> {
    if (this.isBusy || this.isOver()) return;
    this.isBusy = true;
    const { library } = this.parts;
    let held = 0;
    for (const conversion of library.pending()) {
      if (this.isOver()) break;
      // Of several pages of one browser one makes it.
      const isMade = await navigator.locks.request(`eitherside-conversion-${conversion.id}`, { ifAvailable: true }, async (lock) => {
        if (lock) await this.perform(conversion);
        return lock !== null;
      });
      if (!isMade) held += 1;
    }
    this.isBusy = false;
    clearTimeout(this.timer);
    if (!this.isOver() && library.pending().length > 0) this.timer = setTimeout(() => void this.next(), held > 0 ? AGAIN : 0);
  }

  private isOver(): boolean {
    return this.isClosed;
  }

  private async perform(conversion: Conversion): Promise<void> {
    const { library, file } = this.parts;
    // Another page may have made it while this one waited.
    if (!library.pending().some(({ id }) => id === conversion.id)) return;
    const picture = library.model.value.pictures.get(conversion.picture);
    if (!picture) {
      await library.cancel(conversion.id);
      return;
    }
    const abort = new AbortController();
    this.running.set(conversion.id, abort);
    try {
      const source = await file(picture);
      const { blob, place, milliseconds } = await this.made(conversion, source, abort.signal);
      await library.finish(conversion.id, { file: blob, place, milliseconds });
    } catch (thrown) {
      const error = asCodecError(thrown);
      // What cannot even be noted stays asked for, and is tried again when the page is opened anew.
      if (error.code !== "cancelled") await library.fail(conversion.id, { code: error.code, title: error.title ?? error.code, detail: error.message }).catch(() => this.close());
    } finally {
      this.running.delete(conversion.id);
    }
  }

  private async made({ fn, options }: Conversion, file: File, signal: AbortSignal): Promise<{ blob: Blob; place: string; milliseconds: number }> {
    const { caller } = this.parts;
    const label = `Converting ${file.name}`;
    const { image, provenance } = await caller.call<{ image: Uint8Array<ArrayBuffer>; provenance: Provenance }>({
      fn, label, signal,
      // What is wrong with options, whoever wrote them, the codec says.
      run: (settings) => (fn === "edit" ? caller.codec.edit(file, options as unknown as EditArguments, settings) : caller.codec.transcode(file, options as unknown as TranscodeArguments, settings)),
    });
    const type = caller.codec.connection.interface.formats.find(({ name }) => name === options.to)?.media_type ?? "";
    return { blob: new Blob([image], { type }), place: provenance.place, milliseconds: provenance.times.total };
  }
}

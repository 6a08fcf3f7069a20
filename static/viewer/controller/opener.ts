import { CodecError, type InspectResult } from "../../client/index";
import type { Document, Documents } from "../model/documents";
import { closePicture, type Picture } from "../model/picture";
import { asCodecError, type Caller } from "./caller";
import type { Looker } from "./looker";

/** Opens files: inspects and decodes the one that is looked at. */
export class Opener {
  private readonly working = new Map<Document, AbortController>();

  constructor(
    private readonly documents: Documents,
    private readonly caller: Caller,
    private readonly looker: Looker,
  ) {}

  /** Adds files to the list and shows the first of them. */
  async open(files: readonly File[]): Promise<void> {
    const [first] = this.documents.add(files);
    if (first) await this.show(first);
  }

  /** Shows a document, decoding it where that is still to be done. */
  async show(document: Document): Promise<void> {
    for (const [other, abort] of this.working) if (other !== document) abort.abort();
    this.documents.select(document);
    if (document.picture || document.state === "failed" || this.working.has(document)) return;
    await this.load(document);
  }

  /** Tries a document again that failed. */
  async retry(document: Document): Promise<void> {
    document.state = "opening";
    document.error = undefined;
    await this.show(document);
  }

  close(document: Document): void {
    this.working.get(document)?.abort();
    this.documents.remove(document);
    const { current } = this.documents.value;
    if (current) void this.show(current);
  }

  private async load(document: Document): Promise<void> {
    const abort = new AbortController();
    this.working.set(document, abort);
    document.state = "opening";
    try {
      document.facts ??= await this.inspect(document, abort.signal);
      this.documents.changed();
      const picture = await this.look(document, document.facts, abort.signal);
      if (abort.signal.aborted) {
        // Closed or left while it was painted: nobody else would give the bitmaps back.
        closePicture(picture);
        throw new CodecError({ code: "cancelled", message: "the file was closed" });
      }
      document.picture = picture;
      document.state = "ready";
    } catch (thrown) {
      const error = asCodecError(thrown);
      // A picture that another one took the place of is decoded when it is looked at again.
      const isLeft = error.code === "cancelled" && abort.signal.aborted;
      document.state = isLeft ? "opening" : "failed";
      document.error = isLeft ? undefined : error;
    } finally {
      this.working.delete(document);
      this.documents.changed();
    }
    const { current } = this.documents.value;
    // Looked at again while it was being stopped.
    if (current === document && document.state === "opening") await this.load(document);
  }

  private inspect({ file }: Document, signal: AbortSignal): Promise<InspectResult> {
    return this.caller.call({
      fn: "inspect",
      label: `Inspecting ${file.name}`,
      signal,
      run: (settings) => this.caller.codec.inspect(file, {}, settings),
    });
  }

  private look(document: Document, facts: InspectResult, signal: AbortSignal): Promise<Picture> {
    const how = this.looker.looking(facts);
    document.notice =
      how.tooMany === undefined ? undefined : `Only the first of ${how.tooMany} frames is shown: all of them would take too much memory.`;
    return this.looker.look(document.file, how, signal);
  }
}

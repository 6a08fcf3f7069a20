import { CodecError, type DecodeResult, type InspectResult } from "../../client/index";
import { isRecord } from "../../client/interface";
import type { Document, Documents } from "../model/documents";
import { durationOf, loopsOf } from "../model/facts";
import { closePicture, type Frame, type Picture } from "../model/picture";
import { asCodecError, type Caller } from "./caller";
import type { Painter } from "./painter";

/** An animation whose frames would take more bytes than this is shown by its first frame. */
const ANIMATION_BUDGET = 768 * 2 ** 20;

/** Opens files: inspects and decodes the one that is looked at. */
export class Opener {
  private readonly working = new Map<Document, AbortController>();

  constructor(
    private readonly documents: Documents,
    private readonly caller: Caller,
    private readonly painter: Painter,
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
      const picture = await this.decode(document, document.facts, abort.signal);
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

  private async decode(document: Document, facts: InspectResult, signal: AbortSignal): Promise<Picture> {
    const { file } = document;
    const count = facts.frames.length;
    const isTooMuch = count > 1 && facts.width * facts.height * 4 * count > ANIMATION_BUDGET;
    document.notice = isTooMuch ? `Only the first of ${count} frames is shown: all of them would take too much memory.` : undefined;
    const decoded = await this.caller.call({
      fn: "decode",
      label: `Decoding ${file.name}`,
      signal,
      run: (settings) =>
        this.caller.codec.decode(
          file,
          { type: "u8", channels: 4, colour: "srgb", frames: isTooMuch ? "first" : "all" },
          settings,
        ),
    });
    return this.paint(decoded);
  }

  private async paint(decoded: DecodeResult): Promise<Picture> {
    const { width, height, samples, animation } = decoded;
    const frames = await Promise.all(
      samples.map(async (each, index): Promise<Frame> => {
        const request = { samples: each.buffer, width, height, premultiplied: decoded.premultiplied === true };
        const painted = await this.painter.paint(request);
        return { ...painted, duration: isRecord(animation) ? durationOf(decoded.frames[index] ?? {}) : 0 };
      }),
    );
    return { width, height, frames, loops: loopsOf(animation) };
  }
}

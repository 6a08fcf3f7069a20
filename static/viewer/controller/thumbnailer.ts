import type { Codec, CodecError, PlaceChoice } from "../../client/index";
import { formatOf } from "../model/accepted";
import type { Document } from "../model/documents";
import { placeFor } from "../model/places";
import type { Settings } from "../model/settings";
import { isBroken, type Thumbnails } from "../model/thumbnails";
import type { Bitmaps } from "./bitmaps";
import { asCodecError } from "./caller";

/** Thumbnails that are made at a time, as far as that leaves a core to the page: the scheduler gives it no more than its share beside them. */
const AT_ONCE = Math.min(4, Math.max(1, navigator.hardwareConcurrency - 1));
/** Milliseconds that scrolling may pause before thumbnails are begun. */
const PAUSE = 60;

/** Makes the thumbnails that are wanted, in the order in which they are, behind all other calls. */
export class Thumbnailer {
  private readonly running = new Map<Document, AbortController>();
  private wanted: readonly Document[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly codec: Codec,
    private readonly thumbnails: Thumbnails,
    private readonly bitmaps: Bitmaps,
    private readonly settings: Settings,
    /** Pixels that the longer side has on the screen. */
    private readonly side: number,
  ) {
    settings.place.watch(() => this.again());
  }

  /** Makes thumbnails for these documents, the first ones first. What is no longer among them is stopped. */
  want(documents: readonly Document[]): void {
    const kept = new Set(documents);
    // What had nothing to do with the file may be otherwise when it is seen again.
    for (const { id } of this.wanted.filter((each) => !kept.has(each))) {
      if (!isBroken(this.thumbnails.failure(id))) this.thumbnails.forget(id);
    }
    this.wanted = documents;
    for (const [document, abort] of this.running) if (!kept.has(document)) abort.abort();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), PAUSE);
  }

  /** Forgets a document that was closed. */
  forget(document: Document): void {
    this.running.get(document)?.abort();
    this.thumbnails.forget(document.id);
  }

  clear(): void {
    this.wanted = [];
    for (const abort of this.running.values()) abort.abort();
    this.thumbnails.clear();
  }

  /** Elsewhere there may be thumbnails that there were none of before. */
  private again(): void {
    for (const { id } of this.wanted) if (this.thumbnails.failure(id) !== undefined) this.thumbnails.forget(id);
    this.next();
  }

  /** Begins one, and the others that may run beside it in tasks of their own: what begins a call takes the page some milliseconds. */
  private next(): void {
    if (this.running.size >= AT_ONCE) return;
    const document = this.wanted.find((each) => this.isToBeMade(each));
    if (!document) return;
    void this.make(document);
    setTimeout(() => this.next());
  }

  private isToBeMade(document: Document): boolean {
    const { id, file, address } = document;
    if (this.running.has(document) || this.thumbnails.failure(id) !== undefined || this.thumbnails.get(id) !== undefined) return false;
    // The size of a file on a disk is asked for there: of many that takes long.
    return address === undefined || file.size > 0;
  }

  private async make(document: Document): Promise<void> {
    const abort = new AbortController();
    this.running.set(document, abort);
    try {
      const { image, isPartial } = await this.image(document.file, abort.signal);
      if (!abort.signal.aborted) this.thumbnails.put(document.id, image, isPartial);
    } catch (thrown) {
      if (!abort.signal.aborted) this.thumbnails.fail(document.id, asCodecError(thrown).code);
    } finally {
      this.running.delete(document);
      this.next();
    }
  }

  /** @throws CodecError where there is none to be had. */
  private async image(file: File, signal: AbortSignal): Promise<{ image: Blob; isPartial: boolean }> {
    const side = Math.round(this.side * Math.min(2, Math.max(1, devicePixelRatio)));
    const place = placeFor(this.settings.place.value, false);
    try {
      const { image } = await this.codec.thumbnail(file, { width: side, height: side, to: "png" }, { place, priority: "low", signal });
      return { image: new Blob(image === undefined ? [] : [image], { type: "image/png" }), isPartial: false };
    } catch (thrown) {
      const error = asCodecError(thrown);
      const picture = await this.otherwise(file, error, place, signal);
      if (!picture) throw error;
      return { image: await this.bitmaps.shrunk(picture, side), isPartial: error.code === "truncated" };
    }
  }

  /** A picture of a file that the function for thumbnails makes none of: one that breaks off, or one that the browser alone reads. */
  private async otherwise(file: File, { code }: CodecError, place: PlaceChoice, signal: AbortSignal): Promise<ImageBitmap | undefined> {
    const shared = { as: "picture", priority: "low", signal } as const;
    const isKept = place === "local" || place === "auto";
    const ways: (() => Promise<ImageBitmap>)[] = [];
    if (code === "truncated") ways.push(async () => (await this.codec.decode(file, { prefix: true }, { ...shared, place })).picture);
    if (code === "truncated" && isKept) ways.push(() => this.bitmaps.partial(file, this.typeOf(file)));
    if (code === "unknown_format" && isKept) ways.push(async () => (await this.codec.decode(file, {}, { ...shared, place: "native" })).picture);
    for (const way of ways) {
      // The first error says more.
      const picture = await way().catch(() => undefined);
      if (picture || signal.aborted) return picture;
    }
    return undefined;
  }

  private typeOf(file: File): string {
    const { interface: description, service } = this.codec.connection;
    return formatOf(file, [...description.formats, ...service.formats])?.media_type ?? file.type;
  }
}

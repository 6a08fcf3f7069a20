import type { CallSettings, Codec, CodecError, PlaceChoice } from "../../client/index";
import { formatOf } from "../model/accepted";
import { placeFor } from "../model/places";
import type { Settings } from "../model/settings";
import { isBroken, type Thumbnails } from "../model/thumbnails";
import type { Bitmaps } from "./bitmaps";
import { asCodecError } from "./caller";

/** Thumbnails that are made at a time, as far as that leaves a core to the page: the scheduler gives it no more than its share beside them. */
const AT_ONCE = Math.min(4, Math.max(1, navigator.hardwareConcurrency - 1));
/** Milliseconds that scrolling may pause before thumbnails are begun. */
const PAUSE = 60;

/** What a thumbnail is to be made of. */
export interface Pictured<K> {
  readonly id: K;
}

export interface ThumbnailerParts<K, T extends Pictured<K>> {
  codec: Codec;
  thumbnails: Thumbnails<K>;
  bitmaps: Bitmaps;
  settings: Settings;
  /** Pixels that the longer side has on the screen. */
  side: number;
  /** Whether there is a file to make one of by now. */
  isThere: (subject: T) => boolean;
  read: (subject: T, signal: AbortSignal) => File | Promise<File>;
  /** Makes the picture of a file, no wider and no higher than `side`; by default the module's thumbnail. */
  make?: (subject: T, file: File, side: number, settings: CallSettings) => Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** Makes the thumbnails that are wanted, in the order in which they are, behind all other calls. */
export class Thumbnailer<K, T extends Pictured<K>> {
  private readonly running = new Map<K, AbortController>();
  private wanted: readonly T[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: ThumbnailerParts<K, T>) {
    parts.settings.place.watch(() => this.again());
  }

  /** Makes thumbnails of these, the first ones first. What is no longer among them is stopped. */
  want(subjects: readonly T[]): void {
    const { thumbnails } = this.parts;
    const kept = new Set(subjects.map(({ id }) => id));
    // What had nothing to do with the file may be otherwise when it is seen again.
    for (const { id } of this.wanted.filter((each) => !kept.has(each.id))) {
      if (!isBroken(thumbnails.failure(id))) thumbnails.forget(id);
    }
    this.wanted = subjects;
    for (const [id, abort] of this.running) if (!kept.has(id)) abort.abort();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), PAUSE);
  }

  /** Forgets what is no longer there. */
  forget(id: K): void {
    this.running.get(id)?.abort();
    this.parts.thumbnails.forget(id);
  }

  clear(): void {
    this.wanted = [];
    for (const abort of this.running.values()) abort.abort();
    this.parts.thumbnails.clear();
  }

  /** Elsewhere there may be thumbnails that there were none of before. */
  private again(): void {
    const { thumbnails } = this.parts;
    for (const { id } of this.wanted) if (thumbnails.failure(id) !== undefined) thumbnails.forget(id);
    this.next();
  }

  /** Begins one, and the others that may run beside it in tasks of their own: what begins a call takes the page some milliseconds. */
  private next(): void {
    if (this.running.size >= AT_ONCE) return;
    const subject = this.wanted.find((each) => this.isToBeMade(each));
    if (!subject) return;
    void this.make(subject);
    setTimeout(() => this.next());
  }

  private isToBeMade(subject: T): boolean {
    const { thumbnails, isThere } = this.parts;
    const { id } = subject;
    return !this.running.has(id) && thumbnails.failure(id) === undefined && thumbnails.get(id) === undefined && isThere(subject);
  }

  private async make(subject: T): Promise<void> {
    const { thumbnails, read } = this.parts;
    const { id } = subject;
    const abort = new AbortController();
    this.running.set(id, abort);
    try {
      const { image, isPartial } = await this.image(subject, await read(subject, abort.signal), abort.signal);
      if (!abort.signal.aborted) thumbnails.put(id, image, isPartial);
    } catch (thrown) {
      if (!abort.signal.aborted) thumbnails.fail(id, asCodecError(thrown).code);
    } finally {
      this.running.delete(id);
      this.next();
    }
  }

  /** @throws CodecError where there is none to be had. */
  private async image(subject: T, file: File, signal: AbortSignal): Promise<{ image: Blob; isPartial: boolean }> {
    const { codec, settings, bitmaps, make } = this.parts;
    const side = Math.round(this.parts.side * Math.min(2, Math.max(1, devicePixelRatio)));
    const place = placeFor(settings.place.value, false);
    const how = { place, priority: "low", signal } as const;
    try {
      const image = make ? await make(subject, file, side, how) : (await codec.thumbnail(file, { width: side, height: side, to: "png" }, how)).image;
      return { image: new Blob(image === undefined ? [] : [image], { type: "image/png" }), isPartial: false };
    } catch (thrown) {
      const error = asCodecError(thrown);
      const picture = await this.otherwise(file, error, place, signal);
      if (!picture) throw error;
      return { image: await bitmaps.shrunk(picture, side), isPartial: error.code === "truncated" };
    }
  }

  /** A picture of a file that the function for thumbnails makes none of: one that breaks off, or one that the browser alone reads. */
  private async otherwise(file: File, { code }: CodecError, place: PlaceChoice, signal: AbortSignal): Promise<ImageBitmap | undefined> {
    const shared = { as: "picture", priority: "low", signal } as const;
    const isKept = place === "local" || place === "auto";
    const ways: (() => Promise<ImageBitmap>)[] = [];
    if (code === "truncated") ways.push(async () => (await this.parts.codec.decode(file, { prefix: true }, { ...shared, place })).picture);
    if (code === "truncated" && isKept) ways.push(() => this.parts.bitmaps.partial(file, this.typeOf(file)));
    if (code === "unknown_format" && isKept) ways.push(async () => (await this.parts.codec.decode(file, {}, { ...shared, place: "native" })).picture);
    for (const way of ways) {
      // The first error says more.
      const picture = await way().catch(() => undefined);
      if (picture || signal.aborted) return picture;
    }
    return undefined;
  }

  private typeOf(file: File): string {
    const { interface: description, service } = this.parts.codec.connection;
    return formatOf(file, [...description.formats, ...service.formats])?.media_type ?? file.type;
  }
}

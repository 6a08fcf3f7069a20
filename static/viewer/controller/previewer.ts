import { type CallSettings, CodecError, type CompareResult, type Format, type PlaceChoice } from "../../client/index";
import type { SaveChoice } from "../model/choice";
import type { Document } from "../model/documents";
import { Observable } from "../model/observable";
import type { Picture } from "../model/picture";
import { estimate, NO_PREVIEW, type Outcome, type Preview, type View } from "../model/preview";
import { isSame, middleOf, type Region } from "../model/region";
import { asCodecError, type Caller } from "./caller";
import { cutOut, type Part, partOf, type Taken } from "./crop";
import { discard } from "./looker";
import type { Saver } from "./saver";

/** Milliseconds that whoever turns a knob may pause. */
const PAUSE = 150;
/** Most pixels of the part that is tried. */
const MOST = 1_000_000;
/** Where encoding is slow, the part shrinks by halves, but not below this. */
const LEAST = MOST / 16;
/** Milliseconds that encoding the part should take. */
const BUDGET = 1000;

/** What is to be tried. */
export interface Subject {
  document: Document;
  picture: Picture;
  frame: number;
  visible: Region;
  choice: SaveChoice;
}

export interface PreviewParts {
  /** Its calls are not in the page's table: there would be nothing else in it. */
  caller: Caller;
  saver: Saver;
  /** The picture, the part of it that is seen, and the form's choice; undefined where there is nothing to try. */
  subject: () => Subject | undefined;
  place: () => PlaceChoice;
}

/** A part that has been converted. */
interface Tried {
  part: Part;
  file: Blob;
  format: Format;
}

/** Tries the form's options on the part of the picture that is seen: decodes it, encodes it, decodes that again, and compares. */
export class Previewer {
  readonly preview = new Observable<Preview>(NO_PREVIEW);
  private isWanted = false;
  private view: View = "original";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private run: AbortController | undefined;
  private document: Document | undefined;
  private taken: Taken | undefined;
  private part: { part: Part; before: ImageBitmap } | undefined;
  private tried: Tried | undefined;

  constructor(private readonly parts: PreviewParts) {}

  /** Begins, or ends and gives everything back. */
  want(isWanted: boolean): void {
    this.isWanted = isWanted;
    this.changed();
  }

  /** What is looked at: only for the difference its picture is made. */
  look(view: View): void {
    this.view = view;
    const { difference, state } = this.preview.value;
    if (view === "difference" && state === "done" && !difference && this.tried) void this.work((signal) => this.score(signal));
  }

  /** Something of what is tried may have changed. */
  changed(pause = PAUSE): void {
    this.forgetPause();
    const subject = this.isWanted ? this.parts.subject() : undefined;
    if (!subject || subject.document !== this.document) this.drop(subject?.document);
    if (!subject) return;
    this.run?.abort();
    this.change({ state: "working" });
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.work((signal) => this.attempt(subject, signal));
    }, pause);
  }

  /** Stops what runs; whether there was anything. */
  cancel(): boolean {
    this.forgetPause();
    const isRunning = this.preview.value.state === "working";
    this.run?.abort();
    return isRunning;
  }

  private forgetPause(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private drop(document: Document | undefined): void {
    this.run?.abort();
    this.document = document;
    this.taken = this.tried = undefined;
    this.part?.before.close();
    this.part = undefined;
    if (this.preview.value !== NO_PREVIEW) this.show(NO_PREVIEW);
  }

  /** Does something that a later one takes the place of. */
  private async work(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.run?.abort();
    const abort = (this.run = new AbortController());
    this.change({ state: "working", error: undefined });
    try {
      await act(abort.signal);
      if (!abort.signal.aborted) this.change({ state: "done" });
    } catch (thrown) {
      if (this.run === abort) this.fail(asCodecError(thrown));
    }
  }

  private fail(error: CodecError): void {
    if (error.code !== "cancelled") this.show({ ...NO_PREVIEW, state: "failed", error });
    // Stopped for the next one, it goes on.
    else if (this.timer === undefined) this.change({ state: this.preview.value.outcome ? "done" : "off" });
  }

  private async attempt({ document, picture, frame, visible, choice }: Subject, signal: AbortSignal): Promise<void> {
    const { file, facts } = document;
    const pixels = picture.width * picture.height * Math.max(1, facts?.frames.length ?? picture.frames.length);
    const { carried, time } = await this.expected(file, choice, signal);
    if (carried) {
      await this.whole(file, choice, signal);
      return;
    }
    const region = middleOf(visible, MOST);
    if (this.taken?.frame !== frame || !isSame(this.taken.region, region)) {
      this.taken = await cutOut(this.parts.caller, document, frame, region, signal);
    }
    const wanted = middleOf(region, affordable(time / pixels));
    const { part, before } = await this.partFor(this.taken, wanted, signal);
    await this.encode(part, before, choice, { file, pixels }, signal);
  }

  /** Encodes the part, shows it, then scores it. */
  private async encode(part: Part, before: ImageBitmap, choice: SaveChoice, { file, pixels }: { file: File; pixels: number }, signal: AbortSignal): Promise<void> {
    const { saver, caller } = this.parts;
    const { format } = choice;
    const share = (part.region.width * part.region.height) / pixels;
    const plan = saver.plan(part.file, format, this.scaled(choice, share), `Trying ${file.name} as ${format.title}`);
    const { image, distance, provenance } = await caller.call({ ...plan, signal });
    const outcome: Outcome = {
      title: format.title, bytes: image.byteLength, estimate: estimate(image.byteLength, part.region, pixels), source: file.size,
      carried: undefined, distance: distance ?? undefined, place: provenance.place, milliseconds: provenance.times.total,
    };
    const blob = new Blob([image], { type: format.media_type });
    const after = await this.picture(blob, format, signal);
    this.tried = { part, file: blob, format };
    this.show({ ...NO_PREVIEW, state: "working", region: part.region, before, after, outcome });
    await this.score(signal);
  }

  private async score(signal: AbortSignal): Promise<void> {
    const { tried, view, parts: { caller } } = this;
    if (!tried) return;
    const drawn = view === "difference" ? "png" : "none";
    const result = await caller.call({
      fn: "compare",
      label: "Comparing",
      signal,
      run: (settings): Promise<CompareResult> => caller.codec.compare(tried.part.file, tried.file, { difference: drawn }, settings),
    });
    const { identical, butteraugli, butteraugli_3norm, ssimulacra2, psnr, difference: file } = result;
    const difference = file && (await this.picture(new Blob([file]), undefined, signal));
    this.change({ scores: { identical, butteraugli, butteraugli_3norm, ssimulacra2, psnr }, difference });
  }

  /** Where a file's own JPEG data is carried over, the whole is done: that is quick, and what a part of it takes would tell nothing. */
  private async whole(file: File, choice: SaveChoice, signal: AbortSignal): Promise<void> {
    const { saver, caller } = this.parts;
    const plan = saver.plan(file, choice.format, choice.options, `Trying ${file.name} as ${choice.format.title}`);
    const { image, provenance, ...result } = await caller.call({ ...plan, signal });
    this.tried = undefined;
    const outcome: Outcome = {
      title: choice.format.title, bytes: image.byteLength, estimate: undefined, source: file.size, carried: result.jpeg,
      distance: undefined, place: provenance.place, milliseconds: provenance.times.total,
    };
    this.show({ ...NO_PREVIEW, state: "working", outcome });
  }

  /** Whether JPEG data would be carried over, and the milliseconds that the whole would take, as the planner expects. */
  private async expected(file: File, { format, options }: SaveChoice, signal: AbortSignal): Promise<{ carried: boolean; time: number }> {
    const { codec } = this.parts.caller;
    const { job, estimates, place } = await codec.explain("transcode", file, { ...options, to: format.name }, { place: this.parts.place(), signal });
    const time = estimates.find((each) => each.place === place)?.parts.compute ?? 0;
    return { carried: job.kind.split("/").includes("exact"), time };
  }

  private async partFor(taken: Taken, region: Region, signal: AbortSignal): Promise<{ part: Part; before: ImageBitmap }> {
    if (this.part?.part.taken === taken && isSame(this.part.part.region, region)) return this.part;
    const part = await partOf(this.parts.caller, taken, region, signal);
    const before = await this.picture(part.file, undefined, signal);
    if (this.part && this.part.before !== this.preview.value.before) this.part.before.close();
    this.part = { part, before };
    return this.part;
  }

  /** A target in bytes is one for the whole file: the part gets its share. */
  private scaled({ options }: SaveChoice, share: number): Record<string, unknown> {
    const fn = this.parts.caller.codec.connection.interface.functions.find(({ name }) => name === "transcode");
    const properties = fn?.options.properties ?? {};
    return Object.fromEntries(
      Object.entries(options).map(([name, value]) => {
        const isSize = Object.hasOwn(properties, name) && properties[name]?.unit === "bytes" && typeof value === "number";
        return [name, isSize ? Math.max(1, Math.round(value * share)) : value];
      }),
    );
  }

  /** Both sides by the same decoder: the browser's own has its own ideas of colour. */
  private async picture(file: Blob, format: Format | undefined, signal: AbortSignal): Promise<ImageBitmap> {
    const { caller, place } = this.parts;
    const isForeign = format?.by !== undefined;
    const decoded = await caller.call({
      fn: "decode",
      label: "Showing",
      signal,
      isPicture: true,
      place: isForeign || place() === "server" ? place() : "local",
      run: (settings: CallSettings) => caller.codec.decode(file, {}, { ...settings, as: "picture" }),
    });
    if (!signal.aborted) return decoded.picture;
    discard(decoded);
    throw new CodecError({ code: "cancelled", message: "something else is tried" });
  }

  private change(fields: Partial<Preview>): void {
    this.show({ ...this.preview.value, ...fields });
  }

  /** Shows something else, and gives back the pictures that are no longer needed. */
  private show(next: Preview): void {
    const before = this.preview.value;
    this.preview.set(next);
    const kept = new Set([next.before, next.after, next.difference, this.part?.before]);
    for (const bitmap of [before.before, before.after, before.difference]) if (!kept.has(bitmap)) bitmap?.close();
  }
}

/** How many pixels can be encoded in the time that people wait, given the milliseconds for one: halves of the most, so that small changes change nothing. */
function affordable(perPixel: number): number {
  let pixels = MOST;
  while (pixels > LEAST && pixels * perPixel > BUDGET) pixels /= 2;
  return pixels;
}

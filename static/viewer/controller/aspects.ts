import type { DecodeResult, InspectResult } from "../../client/index";
import { isRecord } from "../../client/interface";
import type { AspectQuestion, AspectReply } from "../aspect.worker";
import { ALL, type Aspect, aspectName, aspectOptions, buffersOf, isAll, type Parts, partsOf } from "../model/aspect";
import { type Document, seen } from "../model/documents";
import { durationOf, loopsOf } from "../model/facts";
import type { StoredLayer } from "../model/layers";
import { closePicture, type Frame, type Picture } from "../model/picture";
import { renderParts, tellParts } from "../view/parts";
import type { Stage } from "../view/stage";
import { announce } from "../view/status";
import { Asked } from "./asked";
import { asCodecError, type Caller } from "./caller";
import type { Looker } from "./looker";
import type { Painter } from "./painter";
import type { Player } from "./player";

export interface AspectParts {
  caller: Caller;
  looker: Looker;
  painter: Painter;
  stage: Stage;
  player: Player;
  current: () => Document | undefined;
  /** Is told that something else of the document is seen. */
  changed: () => void;
}

const NO_PARTS: Parts = { channels: [], layers: [] };
/** Layers that take more bytes than this are not taken apart. */
const LAYER_BUDGET = 512 * 2 ** 20;

/** Switches layers and extra channels on and off, for looking at. */
export class Aspects {
  private readonly worker = new Asked<AspectQuestion, AspectReply>(
    () => new Worker(new URL("../aspect.worker.ts", import.meta.url), { type: "module", name: "aspect" }),
  );
  private of: Document | undefined;
  private aspect: Aspect = ALL;
  private parts: Parts = NO_PARTS;
  /** What the worker keeps the layers of: whether spot colours are painted. */
  private kept: boolean | undefined;
  private abort = new AbortController();

  constructor(private readonly needs: AspectParts) {}

  /** Takes the document that is looked at. */
  refresh(): void {
    const document = this.needs.current();
    const hasPicture = document?.facts !== undefined && document.picture !== undefined;
    if (document === this.of && hasPicture === (this.parts !== NO_PARTS)) return;
    if (document !== this.of) this.leave();
    this.of = document;
    this.parts = hasPicture && document.facts ? partsOf(document.facts) : NO_PARTS;
    this.render();
  }

  /** Shows the colours with or without alpha. */
  toggleAlpha(): void {
    if (!this.parts.channels.some(({ type }) => type === "alpha")) return;
    void this.show({ ...this.aspect, shows: this.aspect.shows === "opaque" ? "picture" : "opaque" });
  }

  private render(): void {
    renderParts(this.parts, this.aspect, (aspect) => void this.show(aspect));
  }

  private leave(): void {
    this.abort.abort();
    this.worker.stop();
    this.kept = undefined;
    this.aspect = ALL;
    if (this.of?.aspect) closePicture(this.of.aspect);
    if (this.of) this.of.aspect = undefined;
    tellParts("");
  }

  private async show(aspect: Aspect): Promise<void> {
    const document = this.needs.current();
    if (!document?.facts || !document.picture) return;
    this.abort.abort();
    const abort = (this.abort = new AbortController());
    const before = this.aspect;
    this.aspect = aspect;
    this.render();
    tellParts("");
    try {
      const picture = isAll(aspect) ? undefined : await this.make(document, document.facts, aspect, abort.signal);
      if (abort.signal.aborted || document !== this.needs.current()) {
        if (picture) closePicture(picture);
        return;
      }
      this.put(document, picture);
      announce(`Shown: ${aspectName(aspect, this.parts)}`);
    } catch (thrown) {
      if (abort.signal.aborted) return;
      this.aspect = before;
      this.render();
      const { message } = asCodecError(thrown);
      tellParts(`It stays as it was: ${message}.`);
      announce(message, true);
    }
  }

  private put(document: Document, picture: Picture | undefined): void {
    const old = document.aspect;
    document.aspect = picture;
    const now = seen(document);
    const { stage, player, changed } = this.needs;
    // Before the player tells of its frame: the viewport stays as it is.
    stage.swap(now, player.value.frame);
    if (now) player.replace(now);
    changed();
    if (old) closePicture(old);
  }

  private async make(document: Document, facts: InspectResult, aspect: Aspect, signal: AbortSignal): Promise<Picture> {
    const hasLayers = aspect.hidden.size > 0 && typeof aspect.shows !== "number";
    if (hasLayers) return this.layers(document, facts, aspect, signal);
    const decoded = await this.decode(document, facts, aspect, signal);
    const { width, height, animation } = decoded;
    const buffers = typeof aspect.shows === "number" ? buffersOf(decoded, aspect.shows).map((index) => decoded.extra[index]) : decoded.samples;
    const frames: Frame[] = [];
    for (const [index, each] of buffers.entries()) {
      if (!(each instanceof Uint8Array)) throw new Error("the channel came as no 8-bit samples");
      const duration = isRecord(animation) ? durationOf(decoded.frames[index] ?? {}) : 0;
      frames.push(await this.frame(await this.changed(each, aspect), { width, height }, duration));
    }
    if (frames.length === 0) throw new Error("the file did not give that channel");
    return { width, height, frames, loops: loopsOf(animation), provenance: decoded.provenance };
  }

  private async changed(samples: Uint8Array<ArrayBuffer>, { shows }: Aspect): Promise<ArrayBuffer> {
    if (shows === "picture") return samples.buffer;
    const question = shows === "opaque" ? { opaque: samples } : { grey: samples };
    const { samples: made } = await this.worker.ask(question, [samples.buffer]);
    return made ?? new ArrayBuffer();
  }

  private async layers(document: Document, facts: InspectResult, aspect: Aspect, signal: AbortSignal): Promise<Picture> {
    const { width, height } = facts;
    if (this.kept !== aspect.hasSpots) await this.keep(document, facts, aspect, signal);
    const { samples } = await this.worker.ask({ hidden: [...aspect.hidden] });
    const made = new Uint8Array(samples ?? new ArrayBuffer());
    const shown = aspect.shows === "opaque" ? await this.changed(made, aspect) : made.buffer;
    const provenance = document.picture?.provenance;
    return { width, height, frames: [await this.frame(shown, { width, height }, 0)], loops: 0, ...(provenance ? { provenance } : {}) };
  }

  private async keep(document: Document, facts: InspectResult, aspect: Aspect, signal: AbortSignal): Promise<void> {
    const { width, height } = facts;
    if (width * height * 4 * this.parts.layers.length > LAYER_BUDGET) throw new Error("its layers take too much memory to be taken apart");
    const decoded = await this.decode(document, facts, aspect, signal);
    const layers = decoded.samples.map((samples, index) => layerOf(samples, decoded.frames[index] ?? {}));
    await this.worker.ask({ keep: layers, extent: { width, height } }, layers.map((each) => each.samples.buffer));
    this.kept = aspect.hasSpots;
  }

  private decode({ file }: Document, facts: InspectResult, aspect: Aspect, signal: AbortSignal): Promise<DecodeResult> {
    const { caller, looker } = this.needs;
    const options = { ...looker.pictureOptions(facts), ...aspectOptions(aspect, this.parts.channels) };
    return caller.call({
      fn: "decode",
      label: `Decoding parts of ${file.name}`,
      signal,
      run: (settings) => caller.codec.decode(file, options, settings),
    });
  }

  private async frame(samples: ArrayBuffer, size: { width: number; height: number }, duration: number): Promise<Frame> {
    return { ...(await this.needs.painter.paint({ samples, ...size })), duration };
  }
}

function layerOf(samples: DecodeResult["samples"][number], told: Record<string, unknown>): StoredLayer & { samples: Uint8Array<ArrayBuffer> } {
  if (!(samples instanceof Uint8Array)) throw new Error("the layers came as no 8-bit samples");
  const [alphaBlend] = Array.isArray(told.extra_blend) ? told.extra_blend.map(modeOf) : [];
  return {
    samples,
    x: Number(told.x),
    y: Number(told.y),
    width: Number(told.width),
    height: Number(told.height),
    blend: modeOf(told.blend),
    alphaBlend: alphaBlend ?? modeOf(told.blend),
    source: Number(told.source),
    slot: Number(told.save_as),
  };
}

function modeOf(told: unknown): string {
  return isRecord(told) ? String(told.blend ?? told.mode) : String(told);
}

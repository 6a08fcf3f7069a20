import type { DecodeResult, InspectResult } from "../../client/index";
import { type Document, seen } from "../model/documents";
import { DIFFUSE_WHITE, highRange, rangeLabel, type Shown } from "../model/range";
import { renderRange } from "../view/badges";
import { byId } from "../view/dom";
import { HighView } from "../view/high";
import type { Stage } from "../view/stage";
import { announce } from "../view/status";
import { asCodecError, type Caller } from "./caller";

/** Pictures that would take more bytes than this as half floats are shown tone-mapped. */
const BUDGET = 512 * 2 ** 20;
/** cd/m² to which PQ and HLG are mapped for an ordinary screen. */
const MAPPED_TO = 255;

/** Shows pictures of high dynamic range as such, where the screen and the browser can, and says what is shown. */
export class High {
  private readonly screen = matchMedia("(dynamic-range: high)");
  private readonly canvas = byId("high", HTMLCanvasElement);
  private view: Promise<HighView | undefined> | undefined;
  private abort = new AbortController();
  /** The document whose picture is taken care of. */
  private of: Document | undefined;
  private picture: Document["picture"];

  constructor(
    private readonly caller: Caller,
    private readonly stage: Stage,
    private readonly current: () => Document | undefined,
  ) {
    this.screen.addEventListener("change", () => {
      this.picture = undefined;
      this.refresh();
    });
  }

  /** Takes what is seen of the document that is looked at. */
  refresh(): void {
    const document = this.current();
    const picture = seen(document);
    if (document === this.of && picture === this.picture) return;
    this.abort.abort();
    this.abort = new AbortController();
    [this.of, this.picture] = [document, picture];
    void this.cover(undefined);
    const range = document?.facts && highRange(document.facts);
    if (!document?.facts || !range || !picture) {
      renderRange(undefined);
      return;
    }
    const missing = this.missing(document);
    this.label(document.facts, { how: "mapped", to: MAPPED_TO, why: missing ?? "" });
    if (missing === undefined) void this.show(document, document.facts, this.abort.signal);
  }

  /** What of HDR is missing; undefined where it may be possible. */
  private missing({ facts, aspect }: Document): string | undefined {
    if (!this.screen.matches) return "This screen shows no HDR, or it is turned off.";
    if (aspect) return "Parts of a picture are shown without HDR.";
    if ((facts?.frames.length ?? 1) > 1) return "Animations are shown without HDR.";
    if ((facts?.width ?? 0) * (facts?.height ?? 0) * 8 > BUDGET) return "The picture is too large to be shown with HDR.";
    return undefined;
  }

  private async show(document: Document, facts: InspectResult, signal: AbortSignal): Promise<void> {
    // A function, as what it tells may change while something is waited for.
    const isLeft = (): boolean => signal.aborted;
    try {
      const view = await this.viewOf();
      if (isLeft()) return;
      if (!view) throw new Error("this browser cannot show more than white on a page");
      if (Math.max(facts.width, facts.height) > view.limit) throw new Error("the picture is too large for the graphics card");
      const decoded = await this.decode(document, facts, signal);
      const { width, height, samples: [samples] } = decoded;
      if (isLeft() || !(samples instanceof Uint16Array)) return;
      await this.cover({ samples, width, height, gain: decoded.intensity_target / DIFFUSE_WHITE });
      this.label(facts, { how: "hdr" });
      announce("Shown in HDR");
    } catch (thrown) {
      if (!isLeft()) this.label(facts, { how: "mapped", to: MAPPED_TO, why: `No HDR: ${asCodecError(thrown).message}.` });
    }
  }

  private decode({ file }: Document, facts: InspectResult, signal: AbortSignal): Promise<DecodeResult> {
    const { caller } = this;
    return caller.call({
      fn: "decode",
      label: `Decoding ${file.name} for HDR`,
      signal,
      run: (settings) =>
        caller.codec.decode(
          file,
          {
            type: "f16", channels: 4, colour: "display_p3", alpha: "premultiplied", frames: "first",
            // Its own, so that nothing is tone-mapped.
            intensity_target: facts.intensity_target ?? DIFFUSE_WHITE,
          },
          settings,
        ),
    });
  }

  private async cover(samples: Parameters<HighView["load"]>[0]): Promise<void> {
    const view = samples ? await this.view : undefined;
    if (!samples) void this.view?.then((each) => each?.load(undefined));
    view?.load(samples);
    this.stage.isCovered = view !== undefined;
    this.stage.invalidate();
  }

  private viewOf(): Promise<HighView | undefined> {
    this.view ??= this.make();
    return this.view;
  }

  private async make(): Promise<HighView | undefined> {
    const view = await HighView.make(this.canvas).catch(() => undefined);
    if (!view) return undefined;
    this.stage.overlays.unshift(view);
    void view.lost.then(() => {
      // Not tried again: what made it stop may do so again.
      this.stage.overlays.splice(this.stage.overlays.indexOf(view), 1);
      this.view = Promise.resolve(undefined);
      this.canvas.hidden = true;
      this.picture = undefined;
      this.refresh();
    });
    return view;
  }

  private label(facts: InspectResult, shown: Shown): void {
    const range = highRange(facts);
    renderRange(range && rangeLabel(range, shown, this.picture?.provenance));
  }
}

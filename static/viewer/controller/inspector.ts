import { valuesAt } from "../model/block";
import type { Document } from "../model/documents";
import { colourName } from "../model/facts";
import { Inspection, spoken } from "../model/inspected";
import type { Point } from "../model/viewport";
import { button, byId } from "../view/dom";
import { OverlayView } from "../view/overlay";
import { PixelView } from "../view/pixel";
import { shownColour } from "../view/shown";
import type { Stage } from "../view/stage";
import { announce } from "../view/status";
import { asCodecError } from "./caller";
import type { Player } from "./player";
import type { Sampler } from "./sampler";

/** Milliseconds that the pointer rests before the file is read for it. */
const REST = 80;
/** Milliseconds after the last step of the cross-hair until its pixel is said. */
const SAY = 350;
/** CSS pixels that a finger may slip in a tap. */
const SLIP = 8;

export interface InspectorParts {
  stage: Stage;
  player: Player;
  sampler: Sampler;
  current: () => Document | undefined;
}

/** Tells of the pixel under the pointer, or under a cross-hair that the keys move. */
export class Inspector {
  readonly inspection = new Inspection();
  private readonly view = new PixelView();
  readonly overlay = new OverlayView(byId("overlay", HTMLCanvasElement));
  private rest: ReturnType<typeof setTimeout> | undefined;
  private say: ReturnType<typeof setTimeout> | undefined;
  private shownOf: Document | undefined;
  private reads = 0;

  constructor(private readonly parts: InspectorParts) {
    const { stage } = parts;
    stage.overlays.push(this.overlay);
    this.inspection.watch((inspected) => {
      const facts = parts.current()?.facts;
      this.view.render(inspected, facts ? colourName(facts) : "");
      this.view.magnify(stage, inspected);
      this.overlay.inspected = inspected;
      stage.invalidate();
    });
    button("inspect").addEventListener("click", () => this.toggle());
    this.followPointer();
  }

  get isOn(): boolean {
    return this.inspection.value.isOn;
  }

  toggle(): void {
    if (this.isOn) {
      this.inspection.change({ isOn: false, pixel: undefined, values: undefined, shown: undefined, failure: undefined });
      announce("Pixels are not inspected any more");
      return;
    }
    this.inspection.change({ isOn: true });
    const { width, height } = this.parts.stage.size;
    this.look(this.parts.stage.under({ x: width / 2, y: height / 2 }), true);
  }

  toggleGrid(): void {
    this.overlay.hasGrid = !this.overlay.hasGrid;
    this.parts.stage.invalidate();
    announce(this.overlay.hasGrid ? "Lines between pixels from 1200 % on" : "No lines between pixels");
  }

  /** Moves the cross-hair by pixels of the screen's directions, whichever way the picture is turned. */
  move(dx: number, dy: number): void {
    const { stage } = this.parts;
    const { pixel } = this.inspection.value;
    if (!pixel) return;
    const centre = { x: pixel.x + 0.5, y: pixel.y + 0.5 };
    const { scale } = stage.viewport.value;
    const over = stage.over(centre);
    const to = stage.under({ x: over.x + dx * scale, y: over.y + dy * scale });
    this.look(to, true);
    const now = this.inspection.value.pixel;
    if (now) stage.reveal({ x: now.x + 0.5, y: now.y + 0.5 });
  }

  /** Reads again after what is shown has changed. */
  refresh(): void {
    if (!this.isOn) return;
    const document = this.parts.current();
    const { pixel, isFixed } = this.inspection.value;
    const isOther = document !== this.shownOf;
    this.shownOf = document;
    if (!document?.picture) this.inspection.change({ pixel: undefined, values: undefined, shown: undefined, failure: undefined });
    else if (pixel && !isOther) this.look(pixel, isFixed);
    else this.look({ x: document.picture.width / 2, y: document.picture.height / 2 }, true);
  }

  private look(point: Point, isFixed: boolean): void {
    const { stage, current } = this.parts;
    const document = current();
    if (!document?.picture || !stage.shown) return;
    const { width, height } = stage.source;
    const pixel = { x: within(point.x, width), y: within(point.y, height) };
    const values = this.valuesOf(document, pixel);
    const isPlaying = this.parts.player.value.playing;
    const failure = isPlaying && !values ? "Pause to read the file’s own values." : undefined;
    this.inspection.change({ pixel, isFixed, values, failure, shown: shownColour(stage.shown, pixel) });
    clearTimeout(this.rest);
    if (isPlaying) return;
    if (!values) this.rest = setTimeout(() => void this.read(document, pixel), REST);
    if (isFixed) this.sayLater();
  }

  private valuesOf(document: Document, pixel: Point): ReturnType<typeof valuesAt> {
    const block = this.parts.sampler.known(document, this.parts.player.value.frame, pixel);
    return block && valuesAt(block, pixel);
  }

  private async read(document: Document, pixel: Point): Promise<void> {
    const { player, sampler } = this.parts;
    const { facts } = document;
    if (!facts || player.value.playing) return;
    const read = (this.reads += 1);
    let failure: string | undefined;
    try {
      await sampler.read(document, facts, player.value.frame, pixel);
    } catch (thrown) {
      failure = `The file’s own values cannot be read: ${asCodecError(thrown).message}.`;
    }
    const now = this.inspection.value;
    if (read !== this.reads || document !== this.parts.current() || !now.pixel) return;
    this.inspection.change({ values: this.valuesOf(document, now.pixel), failure });
    if (now.isFixed) this.sayLater();
  }

  private sayLater(): void {
    clearTimeout(this.say);
    this.say = setTimeout(() => {
      const { value } = this.inspection;
      if (value.values ?? value.failure) announce(spoken(value));
    }, SAY);
  }

  private followPointer(): void {
    const { stage } = this.parts;
    const { canvas } = stage;
    let pressed: Point | undefined;
    canvas.addEventListener("pointermove", (event) => {
      if (this.isOn && event.pointerType !== "touch" && event.buttons === 0) this.look(stage.under(stage.point(event)), false);
    });
    canvas.addEventListener("pointerdown", (event) => {
      pressed = event.isPrimary ? { x: event.clientX, y: event.clientY } : undefined;
    });
    canvas.addEventListener("pointerup", (event) => {
      const isTap = pressed !== undefined && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) <= SLIP;
      if (this.isOn && isTap) this.look(stage.under(stage.point(event)), true);
    });
  }
}

/** The pixel's number on an axis. */
function within(at: number, length: number): number {
  return Math.max(0, Math.min(length - 1, Math.floor(at)));
}

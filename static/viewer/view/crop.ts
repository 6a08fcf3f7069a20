import { type Box, boxBetween, boxChanged } from "../model/recipe";
import { button, byId, element } from "./dom";

/** Pixels of the picture that a key moves the box by; ten times as many without Alt. */
const FINE = 1;
const COARSE = 10;

export interface CropActions {
  /** Cropping begins or ends. */
  toggled: (isCropping: boolean) => void;
  cropped: (box: Box) => void;
}

/** The picture in small, on which a rectangle is drawn to crop it. */
export class CropView {
  private readonly area = element("crop-area");
  private readonly box = element("crop-box");
  private readonly image = byId("edit-picture", HTMLImageElement);
  private readonly toggle = button("crop-toggle");
  private size = { width: 0, height: 0 };
  private shown: Box | undefined;
  private from: { x: number; y: number; box: Box | undefined } | undefined;
  private isCropping = false;

  constructor(private readonly actions: CropActions) {
    this.toggle.addEventListener("click", () => this.set(!this.isCropping));
    this.area.addEventListener("pointerdown", (event) => this.begin(event));
    this.area.addEventListener("pointermove", (event) => this.draw(event));
    this.area.addEventListener("pointerup", () => this.end());
    this.area.addEventListener("pointercancel", () => this.end());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.image.addEventListener("load", () => this.place());
    new ResizeObserver(() => this.place()).observe(this.image);
  }

  get active(): boolean {
    return this.isCropping;
  }

  set(isCropping: boolean): void {
    if (isCropping === this.isCropping) return;
    this.isCropping = isCropping;
    this.toggle.setAttribute("aria-pressed", String(isCropping));
    this.area.classList.toggle("cropping", isCropping);
    this.place();
    this.actions.toggled(isCropping);
    if (isCropping) this.box.focus();
  }

  /** @param box of the picture, in its pixels; absent where all of it is kept. */
  render(size: { width: number; height: number }, box: Box | undefined): void {
    this.size = size;
    if (this.from === undefined) this.shown = box;
    this.place();
  }

  /** @param url of the picture in small; empty where there is none. */
  show(url: string, alt: string): void {
    this.image.hidden = url === "";
    this.image.alt = alt;
    if (url === "") this.image.removeAttribute("src");
    else this.image.src = url;
  }

  private get whole(): Box {
    return [0, 0, this.size.width, this.size.height];
  }

  private place(): void {
    const isShown = this.isCropping && this.size.width > 0 && this.image.clientWidth > 0;
    this.box.hidden = !isShown;
    if (!isShown) return;
    const scale = this.image.clientWidth / this.size.width;
    const [left, top, width, height] = (this.shown ?? this.whole).map((each) => each * scale);
    const { style } = this.box;
    style.left = `${this.image.offsetLeft + (left ?? 0)}px`;
    style.top = `${this.image.offsetTop + (top ?? 0)}px`;
    style.width = `${width ?? 0}px`;
    style.height = `${height ?? 0}px`;
  }

  private point({ clientX, clientY }: PointerEvent): { x: number; y: number } {
    const { left, top } = this.image.getBoundingClientRect();
    const scale = this.size.width / Math.max(1, this.image.clientWidth);
    return { x: (clientX - left) * scale, y: (clientY - top) * scale };
  }

  private begin(event: PointerEvent): void {
    if (!this.isCropping || this.size.width === 0 || event.button !== 0) return;
    event.preventDefault();
    this.area.setPointerCapture(event.pointerId);
    const isMoved = event.target === this.box && this.shown !== undefined;
    this.from = { ...this.point(event), box: isMoved ? this.shown : undefined };
    this.box.focus();
  }

  private draw(event: PointerEvent): void {
    if (!this.from) return;
    const to = this.point(event);
    const { x, y, box } = this.from;
    this.shown = box ? boxChanged(box, { x: Math.round(to.x - x), y: Math.round(to.y - y) }, this.size) : boxBetween(this.from, to, this.size);
    this.place();
  }

  private end(): void {
    if (!this.from) return;
    this.from = undefined;
    if (this.shown) this.actions.cropped(this.shown);
  }

  private key(event: KeyboardEvent): void {
    const step = event.altKey ? FINE : COARSE;
    const ways: Record<string, [number, number] | undefined> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const way = ways[event.key];
    if (event.key === "Escape" || event.key === "Enter") {
      this.set(false);
      this.toggle.focus();
    } else if (way) {
      const [x, y] = way;
      this.shown = boxChanged(this.shown ?? this.whole, event.shiftKey ? { width: x, height: y } : { x, y }, this.size);
      this.place();
      this.actions.cropped(this.shown);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

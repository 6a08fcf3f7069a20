import type { Frame, Picture } from "../model/picture";
import { Observable } from "../model/observable";
import { type Edges, flipped, placement, rotated, toTurned, toUpright, type Turn, turnedSize, UPRIGHT } from "../model/turning";
import { clamp, fit, panBy, type Point, type Size, step, toCanvas, toImage, type Viewport, zoomTo } from "../model/viewport";
import { checker } from "./checker";

/** Device pixels from the canvas's edge within which a point counts as out of sight. */
const EDGE = 24;

/** What lies over the picture, and is drawn in the same frame. */
export interface Overlay {
  draw: (stage: Stage) => void;
}

/** The canvas: draws the part of the picture that the viewport shows. */
export class Stage {
  readonly viewport = new Observable<Viewport>({ x: 0, y: 0, scale: 1, fitted: true });
  readonly turn = new Observable<Turn>(UPRIGHT);
  readonly overlays: Overlay[] = [];
  /** Whether an overlay draws the picture itself. */
  isCovered = false;
  private picture: Picture | undefined;
  private frame: Frame | undefined;
  private isDirty = false;

  constructor(readonly canvas: HTMLCanvasElement) {
    new ResizeObserver(() => this.resize()).observe(canvas);
    // The checkerboard has the colours of the scheme.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.invalidate());
  }

  /** Shows a frame of a picture; another picture than before is shown whole and upright. */
  show(picture: Picture | undefined, frame: number): void {
    const isOther = picture !== this.picture;
    this.swap(picture, frame);
    if (!isOther || !picture) return;
    this.turn.set(UPRIGHT);
    this.viewport.set(fit(this.image, this.size));
  }

  /** Shows a frame of another picture of the same size in the place of the one before. */
  swap(picture: Picture | undefined, frame: number): void {
    this.picture = picture;
    this.frame = picture?.frames[frame];
    this.invalidate();
  }

  /** Size of the picture as it is turned. */
  get image(): Size {
    return turnedSize(this.source, this.turn.value);
  }

  /** Size of the picture itself. */
  get source(): Size {
    return this.picture ?? { width: 1, height: 1 };
  }

  get shown(): Frame | undefined {
    return this.frame;
  }

  get size(): Size {
    return { width: this.canvas.width, height: this.canvas.height };
  }

  fit(): void {
    this.move(fit(this.image, this.size));
  }

  /** Zooms about a point of the canvas, by default its middle. */
  zoom(scale: number, anchor: Point = { x: this.size.width / 2, y: this.size.height / 2 }): void {
    this.move(zoomTo(this.viewport.value, scale, anchor, this.image, this.size));
  }

  step(direction: 1 | -1): void {
    this.zoom(step(this.viewport.value.scale, direction));
  }

  pan(dx: number, dy: number): void {
    this.move(panBy(this.viewport.value, dx, dy, this.image, this.size));
  }

  /** Canvas point in device pixels of a pointer event. */
  point(event: MouseEvent): Point {
    const box = this.canvas.getBoundingClientRect();
    const ratio = this.canvas.width / box.width;
    return { x: (event.clientX - box.left) * ratio, y: (event.clientY - box.top) * ratio };
  }

  rotate(by: 1 | -1): void {
    this.turnTo(rotated(this.turn.value, by));
  }

  mirror(): void {
    this.turnTo(flipped(this.turn.value));
  }

  /** The point of the picture under a point of the canvas. */
  under(point: Point): Point {
    return toUpright(toImage(this.viewport.value, point, this.size), this.source, this.turn.value);
  }

  /** Where a point of the picture is on the canvas. */
  over(point: Point): Point {
    return toCanvas(this.viewport.value, toTurned(point, this.source, this.turn.value), this.size);
  }

  /** Moves the picture so far that a point of it is in sight. */
  reveal(point: Point): void {
    const { x, y } = this.over(point);
    const { width, height } = this.size;
    const beyond = (at: number, length: number): number => Math.max(0, EDGE - at) - Math.max(0, at - (length - EDGE));
    const [dx, dy] = [beyond(x, width), beyond(y, height)];
    if (dx !== 0 || dy !== 0) this.pan(dx, dy);
  }

  invalidate(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    requestAnimationFrame(() => this.draw());
  }

  /** Keeps what is in the middle of the canvas there. */
  private turnTo(turn: Turn): void {
    const { value } = this.viewport;
    const centre = toUpright(value, this.source, this.turn.value);
    this.turn.set(turn);
    const moved = { ...value, ...toTurned(centre, this.source, turn) };
    this.move(value.fitted ? fit(this.image, this.size) : clamp(moved, this.image, this.size));
  }

  private move(viewport: Viewport): void {
    this.viewport.set(viewport);
    this.invalidate();
  }

  private resize(): void {
    const width = Math.max(1, Math.round(this.canvas.clientWidth * devicePixelRatio));
    const height = Math.max(1, Math.round(this.canvas.clientHeight * devicePixelRatio));
    if (width === this.canvas.width && height === this.canvas.height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    const { value } = this.viewport;
    this.viewport.set(value.fitted ? fit(this.image, this.size) : clamp(value, this.image, this.size));
    // A canvas that was resized is empty until it is drawn: no frame may show that.
    this.draw();
  }

  private draw(): void {
    this.isDirty = false;
    this.drawPicture();
    for (const overlay of this.overlays) overlay.draw(this);
  }

  private drawPicture(): void {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.frame) return;
    const { width, height } = this.source;
    const whole = this.edges(0, 0, width, height);
    this.checkerboard(context, whole);
    if (this.isCovered) return;
    const { scale } = this.viewport.value;
    // Enlarged, a pixel is a square; reduced, each pixel of the screen shows what all under it have in common.
    context.imageSmoothingEnabled = scale < 1;
    context.imageSmoothingQuality = "high";
    const { overview, tiles } = this.frame;
    if (overview && scale * Math.max(width, height) <= Math.max(overview.width, overview.height)) {
      this.place(context, overview, whole);
      return;
    }
    for (const { x, y, bitmap } of tiles) {
      const edges = this.edges(x, y, x + bitmap.width, y + bitmap.height);
      const isSeen = edges.right > 0 && edges.bottom > 0 && edges.left < this.canvas.width && edges.top < this.canvas.height;
      if (isSeen) this.place(context, bitmap, edges);
    }
  }

  private place(context: CanvasRenderingContext2D, bitmap: ImageBitmap, edges: Edges): void {
    const { matrix, width, height } = placement(edges, this.turn.value);
    context.setTransform(...matrix);
    context.drawImage(bitmap, 0, 0, width, height);
    context.resetTransform();
  }

  /** A rectangle of the picture on the canvas, on whole device pixels, so that tiles meet without a seam. */
  private edges(x0: number, y0: number, x1: number, y1: number): Edges {
    const [one, other] = [this.over({ x: x0, y: y0 }), this.over({ x: x1, y: y1 })];
    return {
      left: Math.round(Math.min(one.x, other.x)),
      top: Math.round(Math.min(one.y, other.y)),
      right: Math.round(Math.max(one.x, other.x)),
      bottom: Math.round(Math.max(one.y, other.y)),
    };
  }

  private checkerboard(context: CanvasRenderingContext2D, { left, top, right, bottom }: Edges): void {
    context.fillStyle = checker(context);
    context.fillRect(left, top, right - left, bottom - top);
  }
}

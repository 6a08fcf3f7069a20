import type { Frame, Picture } from "../model/picture";
import { Observable } from "../model/observable";
import { clamp, fit, panBy, type Point, type Size, step, toCanvas, toImage, type Viewport, zoomTo } from "../model/viewport";

const CHECKER = 10;

/** The canvas: draws the part of the picture that the viewport shows. */
export class Stage {
  readonly viewport = new Observable<Viewport>({ x: 0, y: 0, scale: 1, fitted: true });
  private picture: Picture | undefined;
  private frame: Frame | undefined;
  private isDirty = false;

  constructor(readonly canvas: HTMLCanvasElement) {
    new ResizeObserver(() => this.resize()).observe(canvas);
    // The checkerboard has the colours of the scheme.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.invalidate());
  }

  show(picture: Picture | undefined, frame: number): void {
    const isOther = picture !== this.picture;
    this.picture = picture;
    this.frame = picture?.frames[frame];
    if (isOther && picture) this.viewport.set(fit(picture, this.size));
    this.invalidate();
  }

  get image(): Size {
    return this.picture ?? { width: 1, height: 1 };
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

  /** The point of the picture under a point of the canvas. */
  under(point: Point): Point {
    return toImage(this.viewport.value, point, this.size);
  }

  /** Where a point of the picture is on the canvas. */
  over(point: Point): Point {
    return toCanvas(this.viewport.value, point, this.size);
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

  private invalidate(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.isDirty = false;
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.frame) return;
    const [left, top] = this.edge(0, 0);
    const [right, bottom] = this.edge(this.image.width, this.image.height);
    this.checkerboard(context, left, top, right - left, bottom - top);
    const { scale } = this.viewport.value;
    context.imageSmoothingEnabled = scale < 2;
    context.imageSmoothingQuality = "high";
    const { overview, tiles } = this.frame;
    if (overview && scale * this.image.width <= overview.width) {
      context.drawImage(overview, left, top, right - left, bottom - top);
      return;
    }
    for (const { x, y, bitmap } of tiles) {
      const [x0, y0] = this.edge(x, y);
      const [x1, y1] = this.edge(x + bitmap.width, y + bitmap.height);
      const isSeen = x1 > 0 && y1 > 0 && x0 < this.canvas.width && y0 < this.canvas.height;
      if (isSeen) context.drawImage(bitmap, x0, y0, x1 - x0, y1 - y0);
    }
  }

  /** An image point on the canvas, on whole device pixels, so that tiles meet without a seam. */
  private edge(x: number, y: number): [number, number] {
    const point = toCanvas(this.viewport.value, { x, y }, this.size);
    return [Math.round(point.x), Math.round(point.y)];
  }

  private checkerboard(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
    const style = getComputedStyle(this.canvas);
    const square = Math.round(CHECKER * devicePixelRatio);
    const pattern = new OffscreenCanvas(square * 2, square * 2);
    const cells = pattern.getContext("2d");
    if (!cells) return;
    cells.fillStyle = style.getPropertyValue("--checker-a");
    cells.fillRect(0, 0, square * 2, square * 2);
    cells.fillStyle = style.getPropertyValue("--checker-b");
    cells.fillRect(0, 0, square, square);
    cells.fillRect(square, square, square, square);
    context.fillStyle = context.createPattern(pattern, "repeat") ?? "transparent";
    context.fillRect(x, y, width, height);
  }
}

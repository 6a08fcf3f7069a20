import { caption, type Preview, type View } from "../model/preview";
import type { Region } from "../model/region";
import type { Point } from "../model/viewport";
import { checker } from "./checker";
import { byId, element } from "./dom";
import type { Stage } from "./stage";

/** Over the picture: the converted part beside the original, with a handle between them, or where they differ. */
export class SplitView {
  private readonly canvas = byId("over-canvas", HTMLCanvasElement);
  private readonly handle = element("split");
  private preview: Preview | undefined;
  private view: View = "original";
  private position = 0.5;
  private isDirty = false;

  /** @param title what a score is called. */
  constructor(
    private readonly stage: Stage,
    private readonly title: (field: string) => string,
  ) {
    stage.viewport.watch(() => this.invalidate());
    stage.turn.watch(() => this.invalidate());
    new ResizeObserver(() => this.invalidate()).observe(stage.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.invalidate());
  }

  /** @param position of the handle, from 0 at the left to 1 at the right. */
  render(preview: Preview, view: View, position: number): void {
    this.preview = preview;
    this.view = view;
    this.position = position;
    const isSplit = view === "split" && preview.after !== undefined;
    const isDifference = view === "difference" && preview.difference !== undefined;
    element("over").hidden = !isSplit && !isDifference;
    this.handle.hidden = element("over-before").hidden = !isSplit;
    element("over-after").textContent = caption(preview, view, this.title);
    element("over-after").classList.toggle("alone", isDifference);
    const percent = Math.round(position * 100);
    this.handle.style.setProperty("--at", `${position * 100}%`);
    this.handle.setAttribute("aria-valuenow", String(percent));
    this.handle.setAttribute("aria-valuetext", `original up to ${percent} %, ${preview.outcome?.title ?? "converted"} from there`);
    this.invalidate();
  }

  private invalidate(): void {
    if (this.isDirty || element("over").hidden) return;
    this.isDirty = true;
    requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.isDirty = false;
    const { width, height } = this.stage.size;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d");
    const { region, before, after, difference } = this.preview ?? {};
    if (!context || !region) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const at = Math.round(width * this.position);
    if (this.view === "difference") this.paint(context, region, difference, 0, width);
    else {
      this.paint(context, region, before, 0, at);
      this.paint(context, region, after, at, width);
    }
    this.outline(context, region);
  }

  /** Paints a bitmap over its part of the picture, between two columns of the canvas. */
  private paint(context: CanvasRenderingContext2D, region: Region, bitmap: ImageBitmap | undefined, from: number, to: number): void {
    if (!bitmap || to <= from) return;
    const [a, b, c, d] = this.corners(region);
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, this.canvas.height);
    context.clip();
    outlined(context, [a, b, d, c]);
    context.clip();
    // The original must not shine through.
    context.fillStyle = checker(context);
    context.fillRect(from, 0, to - from, this.canvas.height);
    const scale = Math.hypot(b.x - a.x, b.y - a.y) / region.width;
    context.imageSmoothingEnabled = scale < 1;
    context.imageSmoothingQuality = "high";
    const { width, height } = bitmap;
    context.transform((b.x - a.x) / width, (b.y - a.y) / width, (c.x - a.x) / height, (c.y - a.y) / height, a.x, a.y);
    context.drawImage(bitmap, 0, 0);
    context.restore();
  }

  /** Shows which part it is, where that is not all that is seen. */
  private outline(context: CanvasRenderingContext2D, region: Region): void {
    const [a, b, c, d] = this.corners(region);
    for (const [colour, width] of [["rgb(0 0 0 / 60%)", 3], ["rgb(255 255 255 / 90%)", 1]] as const) {
      context.lineWidth = width * devicePixelRatio;
      context.strokeStyle = colour;
      outlined(context, [a, b, d, c]);
      context.stroke();
    }
  }

  /** Top left, top right, bottom left and bottom right on the canvas, on whole pixels as the stage draws its tiles. */
  private corners({ x, y, width, height }: Region): [Point, Point, Point, Point] {
    const corner = (dx: number, dy: number): Point => {
      const point = this.stage.over({ x: x + dx, y: y + dy });
      return { x: Math.round(point.x), y: Math.round(point.y) };
    };
    return [corner(0, 0), corner(width, 0), corner(0, height), corner(width, height)];
  }
}

function outlined(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.closePath();
}

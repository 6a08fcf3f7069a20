import type { Inspected } from "../model/inspected";
import type { Overlay, Stage } from "./stage";

/** Device pixels of a picture's pixel from which on lines between pixels can be seen. */
export const GRID_FROM = 12;

/** What lies over the picture: lines between its pixels, and the cross-hair. */
export class OverlayView implements Overlay {
  hasGrid = true;
  inspected: Inspected | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  draw(stage: Stage): void {
    const { width, height } = stage.size;
    if (this.canvas.width !== width || this.canvas.height !== height) [this.canvas.width, this.canvas.height] = [width, height];
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    if (!stage.shown) return;
    const { scale } = stage.viewport.value;
    if (this.hasGrid && scale >= GRID_FROM) drawGrid(context, stage);
    const { isOn, pixel } = this.inspected ?? {};
    if (isOn === true && pixel) drawPixel(context, stage, pixel, scale);
  }
}

/** Lines that can be seen on dark and on light pixels, as thin as the screen allows. */
function drawGrid(context: CanvasRenderingContext2D, stage: Stage): void {
  const { width, height } = stage.size;
  const [one, other] = [stage.under({ x: 0, y: 0 }), stage.under({ x: width, y: height })];
  const { source } = stage;
  const [left, right] = range(one.x, other.x, source.width);
  const [top, bottom] = range(one.y, other.y, source.height);
  context.beginPath();
  for (let x = left; x <= right; x += 1) line(context, stage, x, top, x, bottom);
  for (let y = top; y <= bottom; y += 1) line(context, stage, left, y, right, y);
  context.lineWidth = 1;
  context.strokeStyle = "rgb(128 128 128 / 55%)";
  context.stroke();
}

function range(one: number, other: number, limit: number): [number, number] {
  return [Math.max(0, Math.floor(Math.min(one, other))), Math.min(limit, Math.ceil(Math.max(one, other)))];
}

function line(context: CanvasRenderingContext2D, stage: Stage, x0: number, y0: number, x1: number, y1: number): void {
  const [from, to] = [stage.over({ x: x0, y: y0 }), stage.over({ x: x1, y: y1 })];
  context.moveTo(Math.round(from.x) + 0.5, Math.round(from.y) + 0.5);
  context.lineTo(Math.round(to.x) + 0.5, Math.round(to.y) + 0.5);
}

/** A dark and a light frame about the pixel, and four lines that point to it. */
function drawPixel(context: CanvasRenderingContext2D, stage: Stage, pixel: { x: number; y: number }, scale: number): void {
  const centre = stage.over({ x: pixel.x + 0.5, y: pixel.y + 0.5 });
  const [x, y] = [Math.round(centre.x), Math.round(centre.y)];
  const half = Math.max(5, scale / 2 + 2) * Math.max(1, Math.min(devicePixelRatio, 2));
  const arm = 12 * devicePixelRatio;
  for (const [colour, thickness] of [["#000", 4], ["#fff", 2]] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thickness * Math.max(1, devicePixelRatio / 1.5);
    context.beginPath();
    context.rect(x - half, y - half, 2 * half, 2 * half);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      context.moveTo(x + dx * half, y + dy * half);
      context.lineTo(x + dx * (half + arm), y + dy * (half + arm));
    }
    context.stroke();
  }
}

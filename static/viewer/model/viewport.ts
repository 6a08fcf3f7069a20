/** Sizes and points are in device pixels of the canvas or in pixels of the image. */
export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** What part of the image is seen: the image point in the middle of the canvas, and device pixels per image pixel. */
export interface Viewport extends Point {
  scale: number;
  /** Whether the image is to fill the canvas, also when the canvas changes. */
  fitted: boolean;
}

export const MAXIMUM_SCALE = 64;
const STEP_LIMIT = 1 / 256;

/** The viewport that shows the whole image, never enlarged. */
export function fit(image: Size, view: Size): Viewport {
  const scale = Math.min(1, view.width / image.width, view.height / image.height);
  return { x: image.width / 2, y: image.height / 2, scale: scale > 0 ? scale : 1, fitted: true };
}

/** The same viewport within its bounds: the scale limited, the image never lost out of sight. */
export function clamp(viewport: Viewport, image: Size, view: Size): Viewport {
  const smallest = Math.min(fit(image, view).scale, 1) * 0.25;
  const scale = Math.min(MAXIMUM_SCALE, Math.max(viewport.scale, smallest, STEP_LIMIT));
  return {
    ...viewport,
    scale,
    x: clampAxis(viewport.x, image.width, view.width / scale),
    y: clampAxis(viewport.y, image.height, view.height / scale),
  };
}

/** An axis on which all fits is centred; else no empty space is shown beside the image. */
function clampAxis(centre: number, length: number, seen: number): number {
  if (seen >= length) return length / 2;
  return Math.min(length - seen / 2, Math.max(seen / 2, centre));
}

/** Image point under a point of the canvas. */
export function toImage(viewport: Viewport, point: Point, view: Size): Point {
  return {
    x: viewport.x + (point.x - view.width / 2) / viewport.scale,
    y: viewport.y + (point.y - view.height / 2) / viewport.scale,
  };
}

/** Canvas point over a point of the image. */
export function toCanvas(viewport: Viewport, point: Point, view: Size): Point {
  return {
    x: (point.x - viewport.x) * viewport.scale + view.width / 2,
    y: (point.y - viewport.y) * viewport.scale + view.height / 2,
  };
}

/** Zooms to a scale, the image point under `anchor` staying where it is unless the bounds forbid it. */
export function zoomTo(viewport: Viewport, scale: number, anchor: Point, image: Size, view: Size): Viewport {
  const wanted = clamp({ ...viewport, scale }, image, view).scale;
  const under = toImage(viewport, anchor, view);
  return clamp(
    {
      scale: wanted,
      x: under.x - (anchor.x - view.width / 2) / wanted,
      y: under.y - (anchor.y - view.height / 2) / wanted,
      fitted: false,
    },
    image,
    view,
  );
}

/** Moves the image by device pixels. */
export function panBy(viewport: Viewport, dx: number, dy: number, image: Size, view: Size): Viewport {
  return clamp({ ...viewport, x: viewport.x - dx / viewport.scale, y: viewport.y - dy / viewport.scale }, image, view);
}

/** The next scale up or down in steps of the square root of two, passing through 1. */
export function step(scale: number, direction: 1 | -1): number {
  const exact = Math.log2(scale) * 2;
  const near = Math.round(exact);
  // A scale that lies between two steps goes to the next one, not beyond it.
  const next = Math.abs(exact - near) < 0.01 ? near + direction : direction > 0 ? Math.ceil(exact) : Math.floor(exact);
  return 2 ** (next / 2);
}

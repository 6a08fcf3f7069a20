import type { Point, Size } from "./viewport";

/** How a picture is turned for looking at it: mirrored left to right first, where it is, then turned clockwise by quarters. */
export interface Turn {
  quarters: 0 | 1 | 2 | 3;
  mirrored: boolean;
}

export const UPRIGHT: Turn = { quarters: 0, mirrored: false };

/** A rectangle by its edges. */
export interface Edges {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Turned further by a quarter, clockwise or not. */
export function rotated({ quarters, mirrored }: Turn, by: 1 | -1): Turn {
  return { quarters: ((quarters + by + 4) % 4) as Turn["quarters"], mirrored };
}

/** Mirrored left to right as it is seen. */
export function flipped({ quarters, mirrored }: Turn): Turn {
  return { quarters: ((4 - quarters) % 4) as Turn["quarters"], mirrored: !mirrored };
}

/** What is done to the picture, in words; empty where nothing is. */
export function turnName({ quarters, mirrored }: Turn): string {
  const parts = [mirrored ? "mirrored" : "", quarters === 0 ? "" : `turned by ${quarters * 90}°`];
  return parts.filter((part) => part !== "").join(" and ");
}

export function turnedSize({ width, height }: Size, { quarters }: Turn): Size {
  return quarters % 2 === 0 ? { width, height } : { width: height, height: width };
}

/** Where a point of the picture lies in the turned picture. */
export function toTurned({ x, y }: Point, { width, height }: Size, { quarters, mirrored }: Turn): Point {
  const across = mirrored ? width - x : x;
  switch (quarters) {
    case 0:
      return { x: across, y };
    case 1:
      return { x: height - y, y: across };
    case 2:
      return { x: width - across, y: height - y };
    case 3:
      return { x: y, y: width - across };
  }
}

/** The point of the picture, of the size given, that lies at a point of the turned picture. */
export function toUpright({ x, y }: Point, { width, height }: Size, { quarters, mirrored }: Turn): Point {
  const back: Record<Turn["quarters"], Point> = {
    0: { x, y },
    1: { x: y, y: height - x },
    2: { x: width - x, y: height - y },
    3: { x: width - y, y: x },
  };
  const point = back[quarters];
  return { x: mirrored ? width - point.x : point.x, y: point.y };
}

export interface Placement {
  /** a, b, c, d, e and f of a canvas transform. */
  matrix: [number, number, number, number, number, number];
  width: number;
  height: number;
}

/** How to draw something at 0, 0 in a width and height so that it fills a rectangle of the canvas, turned. Whole numbers stay whole. */
export function placement({ left, top, right, bottom }: Edges, turn: Turn): Placement {
  const { width, height } = turnedSize({ width: right - left, height: bottom - top }, turn);
  const at = (x: number, y: number): Point => toTurned({ x, y }, { width, height }, turn);
  const [origin, across, down] = [at(0, 0), at(1, 0), at(0, 1)];
  const matrix: Placement["matrix"] = [
    across.x - origin.x, across.y - origin.y, down.x - origin.x, down.y - origin.y, origin.x + left, origin.y + top,
  ];
  return { matrix, width, height };
}

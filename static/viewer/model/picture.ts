import type { Provenance } from "../../client/index";

/** A part of a frame, small enough for every canvas implementation. */
export interface Tile {
  x: number;
  y: number;
  bitmap: ImageBitmap;
}

export interface Frame {
  tiles: Tile[];
  /** The whole frame reduced, for looking at a large one from afar. */
  overview: ImageBitmap | undefined;
  /** Seconds; 0 for a still image. */
  duration: number;
}

/** Pixels on a side of a tile. */
export const TILE = 2048;

/** Whether a picture needs no tiles. */
export function isSmall({ width, height }: { width: number; height: number }): boolean {
  return width <= TILE && height <= TILE;
}

/** A decoded image, ready to be drawn. */
export interface Picture {
  width: number;
  height: number;
  frames: Frame[];
  /** How often an animation plays; 0 is for ever. */
  loops: number;
  /** Where, when and why it was decoded there. */
  provenance?: Provenance;
}

/** Bytes of bitmaps that a picture holds, about. */
export function pictureBytes({ width, height, frames }: Pick<Picture, "width" | "height" | "frames">): number {
  return width * height * 4 * frames.length;
}

/** Gives the bitmaps' memory back. */
export function closePicture(picture: Picture): void {
  for (const frame of picture.frames) closeFrame(frame);
}

/** Gives one frame's memory back. */
export function closeFrame({ tiles, overview }: Frame): void {
  overview?.close();
  for (const { bitmap } of tiles) bitmap.close();
}

/** Index of the frame that shows `seconds` into an animation, and the seconds left until the next one. */
export function frameAt(durations: readonly number[], seconds: number): { index: number; left: number } {
  const total = durations.reduce((sum, each) => sum + each, 0);
  if (!(total > 0)) return { index: 0, left: Infinity };
  let rest = seconds % total;
  for (const [index, duration] of durations.entries()) {
    if (rest < duration) return { index, left: duration - rest };
    rest -= duration;
  }
  return { index: durations.length - 1, left: 0 };
}

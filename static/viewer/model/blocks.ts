import { type Block } from "./block";
import type { Point, Size } from "./viewport";

/** A part of the picture: x, y, width and height in pixels. */
export type Region = [number, number, number, number];

/** Pictures whose samples take more bytes than this are read in parts. */
export const WHOLE_BUDGET = 64 * 2 ** 20;
/** Pixels on a side of a part. */
export const SIDE = 256;
/** Bytes of parts that are kept. */
const KEPT = 64 * 2 ** 20;

/** The part that has a point: all of the picture where that is small. */
export function regionAt({ x, y }: Point, { width, height }: Size, bytesPerPixel: number): Region {
  if (width * height * bytesPerPixel <= WHOLE_BUDGET) return [0, 0, width, height];
  const [left, top] = [Math.floor(x / SIDE) * SIDE, Math.floor(y / SIDE) * SIDE];
  return [left, top, Math.min(SIDE, width - left), Math.min(SIDE, height - top)];
}

/** Blocks that were read, by what they are of; the longest unused are dropped first. */
export class Blocks {
  private readonly kept = new Map<string, Block>();

  /** @param limit bytes of blocks that are kept; the newest always is. */
  constructor(private readonly limit = KEPT) {}

  get(key: string): Block | undefined {
    const found = this.kept.get(key);
    if (found) this.touch(key, found);
    return found;
  }

  add(key: string, block: Block): void {
    this.touch(key, block);
    let bytes = 0;
    for (const [each, { bytes: own }] of [...this.kept].reverse()) {
      bytes += own;
      if (bytes > this.limit && each !== key) this.kept.delete(each);
    }
  }

  clear(): void {
    this.kept.clear();
  }

  private touch(key: string, block: Block): void {
    this.kept.delete(key);
    this.kept.set(key, block);
  }
}

import type { Point, Size } from "./viewport";

/** A part of a picture, in whole pixels. */
export interface Region extends Point, Size {}

/** The part of an image that lies between points of it; undefined where they show none of it. */
export function regionOf(points: readonly Point[], image: Size): Region | undefined {
  const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const left = within(Math.floor(Math.min(...xs)), image.width);
  const top = within(Math.floor(Math.min(...ys)), image.height);
  const right = within(Math.ceil(Math.max(...xs)), image.width);
  const bottom = within(Math.ceil(Math.max(...ys)), image.height);
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/** The middle of a region, of its shape and of at most so many pixels. */
export function middleOf(region: Region, pixels: number): Region {
  const share = Math.sqrt(pixels / (region.width * region.height));
  if (share >= 1) return region;
  const width = Math.max(1, Math.min(region.width, pixels, Math.floor(region.width * share)));
  const height = Math.max(1, Math.min(region.height, Math.floor(pixels / width), Math.max(1, Math.round(region.height * share))));
  return { x: region.x + Math.floor((region.width - width) / 2), y: region.y + Math.floor((region.height - height) / 2), width, height };
}

/** Whether two regions are the same. */
export function isSame(a: Region, b: Region): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

/**
 * A part of interleaved samples.
 *
 * @param samples rows from top to bottom, of `size` and with `channels` samples in each pixel.
 * @param part a region of `size`.
 */
export function cropped<T extends { readonly length: number; slice: (from: number, to: number) => T; set: (from: T, at: number) => void }>(
  samples: T, size: Size, channels: number, part: Region,
): T {
  if (part.x === 0 && part.width === size.width) {
    return samples.slice(part.y * size.width * channels, (part.y + part.height) * size.width * channels);
  }
  const row = part.width * channels;
  const out = samples.slice(0, row * part.height);
  for (let y = 0; y < part.height; y += 1) {
    const from = ((part.y + y) * size.width + part.x) * channels;
    out.set(samples.slice(from, from + row), y * row);
  }
  return out;
}

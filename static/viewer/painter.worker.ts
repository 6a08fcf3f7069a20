/** Turns samples into bitmaps, away from the page's main thread. */
import type { Tile } from "./model/picture";

export interface PaintRequest {
  id: number;
  /** Interleaved 8-bit RGBA. */
  samples: ArrayBuffer;
  width: number;
  height: number;
  premultiplied: boolean;
}

export type PaintReply =
  | { id: number; tiles: Tile[]; overview: ImageBitmap | undefined }
  | { id: number; error: string };

interface Scope {
  postMessage: (message: PaintReply, transfer?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<PaintRequest>) => void) | null;
}

const TILE = 2048;
const OVERVIEW = 4096;

const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => void paint(data);

async function paint(request: PaintRequest): Promise<void> {
  try {
    const samples = new Uint8ClampedArray(request.samples);
    if (request.premultiplied) divideByAlpha(samples);
    const tiles = await cut(samples, request.width, request.height);
    const overview = reduce(tiles, request.width, request.height);
    const bitmaps = tiles.map(({ bitmap }) => bitmap);
    scope.postMessage({ id: request.id, tiles, overview }, overview ? [...bitmaps, overview] : bitmaps);
  } catch (error) {
    scope.postMessage({ id: request.id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** ImageData is never premultiplied. */
function divideByAlpha(samples: Uint8ClampedArray): void {
  for (let at = 0; at < samples.length; at += 4) {
    const alpha = samples[at + 3] ?? 255;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel += 1) samples[channel] = ((samples[channel] ?? 0) * 255) / alpha;
  }
}

async function cut(samples: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): Promise<Tile[]> {
  if (width <= TILE && height <= TILE) {
    return [{ x: 0, y: 0, bitmap: await createImageBitmap(new ImageData(samples, width, height)) }];
  }
  const tiles: Tile[] = [];
  for (let y = 0; y < height; y += TILE) {
    for (let x = 0; x < width; x += TILE) {
      const part = new ImageData(Math.min(TILE, width - x), Math.min(TILE, height - y));
      for (let row = 0; row < part.height; row += 1) {
        const from = ((y + row) * width + x) * 4;
        part.data.set(samples.subarray(from, from + part.width * 4), row * part.width * 4);
      }
      tiles.push({ x, y, bitmap: await createImageBitmap(part) });
    }
  }
  return tiles;
}

function reduce(tiles: readonly Tile[], width: number, height: number): ImageBitmap | undefined {
  const scale = OVERVIEW / Math.max(width, height);
  if (scale >= 1) return undefined;
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext("2d");
  if (!context) return undefined;
  context.imageSmoothingQuality = "high";
  context.scale(canvas.width / width, canvas.height / height);
  for (const { x, y, bitmap } of tiles) context.drawImage(bitmap, x, y);
  return canvas.transferToImageBitmap();
}

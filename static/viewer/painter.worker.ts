/** Turns samples into bitmaps, and large bitmaps into tiles, away from the page's main thread. */
import { isSmall, type Tile, TILE } from "./model/picture";

/** Interleaved 8-bit RGBA, sRGB, not premultiplied. */
export interface Samples {
  samples: ArrayBuffer;
  width: number;
  height: number;
}

export interface PaintRequest {
  id: number;
  /** One of the two. */
  samples?: Samples;
  picture?: ImageBitmap;
}

export type PaintReply =
  | { id: number; tiles: Tile[]; overview: ImageBitmap | undefined }
  | { id: number; error: string };

interface Scope {
  postMessage: (message: PaintReply, transfer?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<PaintRequest>) => void) | null;
}

const OVERVIEW = 4096;

const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => void paint(data);

async function paint({ id, samples, picture }: PaintRequest): Promise<void> {
  try {
    const [tiles, size] = samples ? [await tilesOf(samples), samples] : picture ? [await cut(picture), picture] : [[], { width: 0, height: 0 }];
    const overview = reduce(tiles, size.width, size.height);
    picture?.close();
    const bitmaps = tiles.map(({ bitmap }) => bitmap);
    scope.postMessage({ id, tiles, overview }, overview ? [...bitmaps, overview] : bitmaps);
  } catch (error) {
    picture?.close();
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
}

async function tilesOf({ samples, width, height }: Samples): Promise<Tile[]> {
  const all = new Uint8ClampedArray(samples);
  if (isSmall({ width, height })) return [{ x: 0, y: 0, bitmap: await createImageBitmap(new ImageData(all, width, height)) }];
  return each(width, height, (x, y, across, down) => {
    const part = new ImageData(across, down);
    for (let row = 0; row < down; row += 1) {
      const from = ((y + row) * width + x) * 4;
      part.data.set(all.subarray(from, from + across * 4), row * across * 4);
    }
    return createImageBitmap(part);
  });
}

function cut(picture: ImageBitmap): Promise<Tile[]> {
  return each(picture.width, picture.height, (x, y, across, down) => createImageBitmap(picture, x, y, across, down));
}

/** Makes the tiles one after the other: all at once would take twice the memory. */
async function each(width: number, height: number, make: (x: number, y: number, width: number, height: number) => Promise<ImageBitmap>): Promise<Tile[]> {
  const tiles: Tile[] = [];
  for (let y = 0; y < height; y += TILE) {
    for (let x = 0; x < width; x += TILE) {
      tiles.push({ x, y, bitmap: await make(x, y, Math.min(TILE, width - x), Math.min(TILE, height - y)) });
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

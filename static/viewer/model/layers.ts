/** How a layer goes onto the picture before it (JPEG XL, ISO/IEC 18181-1, blending information). */
export interface LayerPlace {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of the colours, and of alpha: replace, add, blend, muladd or mul. */
  blend: string;
  alphaBlend: string;
  /** The slot that it is laid onto, and the slot that the outcome is kept in. */
  source: number;
  slot: number;
}

export interface StoredLayer extends LayerPlace {
  /** Interleaved RGBA, 8 bits, alpha straight. */
  samples: Uint8Array;
}

export interface Extent {
  width: number;
  height: number;
}

const SLOTS = 4;

/**
 * Lays layers onto each other, all but those hidden; gives interleaved RGBA of the picture's size.
 *
 * A hidden layer leaves what it would be laid onto as it is.
 */
export function composed(layers: readonly StoredLayer[], hidden: ReadonlySet<number>, extent: Extent): Uint8ClampedArray<ArrayBuffer> {
  const slots: (Uint8ClampedArray<ArrayBuffer> | undefined)[] = Array.from({ length: SLOTS });
  let last = new Uint8ClampedArray(extent.width * extent.height * 4);
  for (const [index, layer] of layers.entries()) {
    const ground = slots[layer.source];
    last = ground ? ground.slice() : new Uint8ClampedArray(extent.width * extent.height * 4);
    if (!hidden.has(index)) lay(layer, last, extent);
    slots[layer.slot] = last;
  }
  return last;
}

function lay(layer: StoredLayer, onto: Uint8ClampedArray, extent: Extent): void {
  const [left, right] = [Math.max(0, layer.x), Math.min(extent.width, layer.x + layer.width)];
  const [top, bottom] = [Math.max(0, layer.y), Math.min(extent.height, layer.y + layer.height)];
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const from = ((y - layer.y) * layer.width + x - layer.x) * 4;
      blendPixel(layer, layer.samples, from, onto, (y * extent.width + x) * 4);
    }
  }
}

function blendPixel({ blend, alphaBlend }: LayerPlace, top: Uint8Array, from: number, ground: Uint8ClampedArray, to: number): void {
  const [over, under] = [(top[from + 3] ?? 0) / 255, (ground[to + 3] ?? 0) / 255];
  const alpha = Math.min(1, Math.max(0, blendAlpha(alphaBlend, over, under)));
  for (let channel = 0; channel < 3; channel += 1) {
    const [colour, before] = [top[from + channel] ?? 0, ground[to + channel] ?? 0];
    ground[to + channel] = blendColour(blend, colour, before, over, under, over + under * (1 - over));
  }
  ground[to + 3] = alpha * 255;
}

function blendColour(mode: string, colour: number, before: number, over: number, under: number, alpha: number): number {
  switch (mode) {
    case "add":
      return before + colour;
    case "blend":
      return alpha > 0 ? (colour * over + before * under * (1 - over)) / alpha : 0;
    case "muladd":
      return before + colour * over;
    case "mul":
      return (before * colour) / 255;
    default:
      return colour;
  }
}

function blendAlpha(mode: string, over: number, under: number): number {
  switch (mode) {
    case "add":
      return under + over;
    case "blend":
      return over + under * (1 - over);
    case "muladd":
      return under;
    case "mul":
      return under * over;
    default:
      return over;
  }
}

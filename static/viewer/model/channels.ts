/** Interleaved RGBA of one channel's 8-bit samples, as grey. */
export function grey(samples: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const all = new Uint8ClampedArray(samples.length * 4);
  for (const [index, value] of samples.entries()) all.fill(value, index * 4, index * 4 + 3);
  return opaque(all);
}

/** Interleaved RGBA with all pixels made opaque, in place. */
export function opaque<T extends Uint8ClampedArray>(all: T): T {
  for (let at = 3; at < all.length; at += 4) all[at] = 255;
  return all;
}

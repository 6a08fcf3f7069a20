/** How many bytes `mayMove` looks at. */
export const HEAD = 64;

const ANIMATED = 0x02;

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/**
 * Whether a file that only the browser or the service reads may be an animation, by its first bytes.
 *
 * WebP: the flag of its extended header (RFC 9649, 2.7). AVIF: a brand of image sequences (AV1 Image File Format, 6.2).
 */
export function mayMove(head: Uint8Array): boolean {
  if (text(head, 0, 4) === "RIFF" && text(head, 8, 16) === "WEBPVP8X") return ((head[20] ?? 0) & ANIMATED) !== 0;
  return text(head, 4, 8) === "ftyp" && text(head, 8, HEAD).includes("avis");
}

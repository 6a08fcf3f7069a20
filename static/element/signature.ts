/** How files in JPEG XL begin: the codestream, and the container (ISO/IEC 18181-2). */
const SIGNATURES = [
  [0xff, 0x0a],
  [0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a],
];

/** Whether a file is in JPEG XL, as far as its first bytes tell. */
export function isJpegXl(beginning: Uint8Array): boolean {
  return SIGNATURES.some((signature) => signature.every((byte, index) => index >= beginning.length || beginning[index] === byte));
}

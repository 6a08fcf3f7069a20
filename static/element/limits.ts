/** Files that are decoded here at a time, in a page: each has a worker, and the memory of one call, for itself. */
export const AT_ONCE = 3;
/** Bytes of pixels that a page holds for images out of sight. */
export const HELD = 256 * 2 ** 20;

/** Bytes of the first piece: about what the header and a coarse picture take. */
const FIRST = 16 * 2 ** 10;
const LARGEST = 4 * 2 ** 20;

/** A file in pieces that grow: something can be seen early, and a large file has few of them. */
export function* pieces(file: Blob): Generator<Blob, void, undefined> {
  let at = 0;
  for (let size = FIRST; at < file.size; size = Math.min(2 * size, LARGEST)) {
    yield file.slice(at, at + size);
    at += size;
  }
}

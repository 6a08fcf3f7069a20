import { type CodecError, hostError } from "./errors";
import { type Bytes, type Flow, isOpenFile } from "./inputs";

/** Where pieces come from: the body of an answer, a file, a stream of Node's, anything that yields buffers. */
export type Source = Flow | Blob | AsyncIterable<Bytes> | Iterable<Bytes>;

interface Reading {
  next: () => Promise<IteratorResult<Bytes, unknown>>;
  /** Lets the source know that nothing more is wanted. */
  stop: () => void;
}

/**
 * Reads a source piece by piece. It is given up as soon as `over` is aborted, even while it is waited for.
 *
 * @throws CodecError the reason of `over`, or `unreachable` where the source fails.
 */
export async function* sourceOf(source: Source, over: AbortSignal): AsyncGenerator<Bytes, void, undefined> {
  const reading = readingOf(source);
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(over.reason as CodecError);
    if (over.aborted) abort();
    else over.addEventListener("abort", abort);
  });
  aborted.catch(() => undefined);
  let isOver = false;
  try {
    while (!isOver) {
      const { done, value } = await Promise.race([aborted, reading.next().catch(failed)]);
      isOver = done === true;
      if (!done) yield value;
    }
  } finally {
    if (abort) over.removeEventListener("abort", abort);
    if (!isOver) reading.stop();
  }
}

function failed(error: unknown): never {
  throw hostError("unreachable", "what is pushed cannot be read to its end", error);
}

function readingOf(source: Source): Reading {
  if (source instanceof Blob) return readerOf(source.stream());
  if (source instanceof ReadableStream) return readerOf(source);
  const iterable = isOpenFile(source) ? source.createReadStream({ autoClose: false }) : source;
  const iterator = iteratorOf(iterable);
  return {
    next: async () => iterator.next() as Promise<IteratorResult<Bytes, unknown>>,
    stop: () => {
      // Not waited for: it may be what does not answer.
      void (async () => iterator.return?.())().catch(() => undefined);
      // A stream of Node's ends no sooner than its next piece comes, unless it is told to.
      (iterable as { destroy?: () => void }).destroy?.();
    },
  };
}

function iteratorOf(source: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterator<unknown> | Iterator<unknown> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return source[Symbol.iterator]();
  throw new TypeError("a source must be a stream, a Blob, an open file or something to iterate over");
}

/** Not every engine's streams can be iterated over. */
function readerOf(stream: ReadableStream<Uint8Array>): Reading {
  const reader = (stream as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    stop: () => {
      reader.cancel().catch(() => undefined);
    },
  };
}

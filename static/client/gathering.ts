import { abortError, hostError } from "./errors";
import { type Flow, isBytes, isFlow } from "./inputs";
import { isRecord } from "./interface";
import { sourceOf } from "./pieces";
import type { AnySettings } from "./settings";

/** Whether bytes are among a method's arguments that come by and by. */
export function hasFlows(values: readonly unknown[]): boolean {
  return values.some((value) => isFlow(value) || (Array.isArray(value) && value.some(isFlow)) || (isRecord(value) && Object.values(value).some(isFlow)));
}

/**
 * A method's arguments with everything read that comes by and by: the sources are read one after the other, each into a Blob.
 *
 * @param limit most bytes of all of them.
 * @throws CodecError `cancelled` or `time_limit` as the settings say, `unreachable` where a source fails, `over_capacity` above the limit.
 */
export async function gathered(values: readonly unknown[], settings: AnySettings, limit: number): Promise<unknown[]> {
  const over = new AbortController();
  const { signal, timeLimit } = settings;
  const stop = (): void => over.abort(abortError(signal));
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  const late = hostError("time_limit", "the call's input did not come in time");
  const timer = timeLimit === undefined ? undefined : setTimeout(() => over.abort(late), timeLimit);
  let left = limit;
  const read = async (value: unknown): Promise<unknown> => {
    if (!isFlow(value)) return value;
    const blob = await collected(value, over.signal, left);
    left -= blob.size;
    return blob;
  };
  try {
    const all: unknown[] = [];
    for (const value of values) {
      if (Array.isArray(value)) all.push(await inTurn(value, read));
      else if (isRecord(value) && !isFlow(value) && !isBytes(value)) all.push(await members(value, read));
      else all.push(await read(value));
    }
    return all;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

async function members(record: Record<string, unknown>, read: (value: unknown) => Promise<unknown>): Promise<Record<string, unknown>> {
  const names = Object.keys(record);
  const values = await inTurn(Object.values(record), read);
  return Object.fromEntries(names.map((name, index) => [name, values[index]]));
}

async function inTurn(values: readonly unknown[], read: (value: unknown) => Promise<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const value of values) all.push(await read(value));
  return all;
}

async function collected(source: Flow, over: AbortSignal, limit: number): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of sourceOf(source, over)) {
    if (!ArrayBuffer.isView(piece) && !(piece instanceof ArrayBuffer)) throw new TypeError("a stream of bytes must yield buffers");
    const part = ArrayBuffer.isView(piece) ? new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength) : new Uint8Array(piece);
    size += part.length;
    if (size > limit) throw hostError("over_capacity", `more than ${limit} bytes came, the most allowed`);
    parts.push(part);
  }
  return new Blob(parts);
}

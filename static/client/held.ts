import { hostError } from "./errors";
import type { Source } from "./protocol";

/** Bytes of a caller, as they were given: `input` is the index in the function's list of inputs. */
export interface Item {
  input: number;
  data: Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;
}

/**
 * The buffers of one call, for as many attempts as it takes.
 *
 * Borrowed buffers stay the caller's: each attempt copies them when it starts, so nothing is held twice while a call waits.
 * Given ones (`transfer`) go to the worker as they are; it hands them back with an error, but not when it dies or is stopped.
 */
export class Held {
  private items: Item[];
  private isAway = false;

  constructor(items: readonly Item[], private readonly isGiven: boolean) {
    this.items = isGiven ? items.map(take) : [...items];
  }

  /** Whether two attempts may run at a time, and another one may follow a worker's death. */
  get isLasting(): boolean {
    return !this.isGiven || this.items.every(({ data }) => data instanceof Blob);
  }

  get giveBack(): boolean {
    return this.isGiven;
  }

  /** Sizes in bytes of the buffers for one input. */
  sizes(input: number): number[] {
    return this.items.filter((item) => item.input === input).map(({ data }) => sizeOf(data));
  }

  get bytes(): number {
    return this.items.reduce((sum, { data }) => sum + sizeOf(data), 0);
  }

  /** The first bytes of the first buffer for an input, copied. */
  prefix(input: number, length: number): Blob | ArrayBuffer | undefined {
    const item = this.items.find((each) => each.input === input);
    if (!item) return undefined;
    if (item.data instanceof Blob) return item.data.slice(0, length);
    const { buffer, from, to } = extent(item.data);
    return buffer.slice(from, Math.min(to, from + length));
  }

  /** Media type of the one buffer for an input, where it is a Blob that tells. */
  mediaType(input: number): string {
    const data = this.items.find((each) => each.input === input)?.data;
    return data instanceof Blob ? data.type : "";
  }

  /**
   * Buffers for one attempt, and which of them are to be transferred.
   *
   * @throws CodecError `worker_crashed` where given buffers were lost with a worker, `over_capacity` where memory is short.
   */
  load(): { sources: Source[]; transfer: Transferable[] } {
    if (this.isAway) throw hostError("worker_crashed", "the buffers were handed over with `transfer`, and lost with their worker");
    const sources = this.items.map(({ input, data }) => ({ input, data: this.isGiven ? asGiven(data) : copy(data) }));
    const buffers = sources.map(({ data }) => data).filter((data) => data instanceof ArrayBuffer);
    if (this.isGiven && buffers.length > 0) this.isAway = true;
    return { sources, transfer: [...new Set(buffers)] };
  }

  /** The same buffers, copied for each attempt even where they were given: for one that must not take them along. */
  lasting(): Held {
    return new Held(this.items, false);
  }

  /** Given buffers have come back from an attempt that failed. */
  restore(sources: readonly Source[]): void {
    this.items = [...sources];
    this.isAway = false;
  }
}

function sizeOf(data: Item["data"]): number {
  return data instanceof Blob ? data.size : data.byteLength;
}

function extent(data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): { buffer: ArrayBuffer; from: number; to: number } {
  if (data instanceof ArrayBuffer) return { buffer: data, from: 0, to: data.byteLength };
  return { buffer: data.buffer, from: data.byteOffset, to: data.byteOffset + data.byteLength };
}

/** Takes a buffer away from the caller at once; a view of a part is copied, because the rest is not ours. */
function take({ input, data }: Item): Item {
  if (data instanceof Blob) return { input, data };
  const { buffer, from, to } = extent(data);
  if (from > 0 || to < buffer.byteLength) return { input, data: buffer.slice(from, to) };
  return { input, data: structuredClone(buffer, { transfer: [buffer] }) };
}

function asGiven(data: Item["data"]): Blob | ArrayBuffer {
  return ArrayBuffer.isView(data) ? copy(data) : data;
}

function copy(data: Item["data"]): Blob | ArrayBuffer {
  if (data instanceof Blob) return data;
  const { buffer, from, to } = extent(data);
  try {
    return buffer.slice(from, to);
  } catch (error) {
    if (error instanceof RangeError) throw hostError("over_capacity", "there is no memory left here for the input", error);
    throw hostError("unavailable", "a buffer that was given has been taken away", error);
  }
}

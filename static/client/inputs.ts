import { CodecError } from "./errors";
import { Held, type Item } from "./held";
import type { ArrayDescription, BufferDescription, FunctionDescription } from "./interface";

/** One buffer as callers give it. An ImageData also tells its shape and sample type. */
export type Bytes = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> | ImageData;

/** What a function takes for one of its inputs; several buffers only where the input is repeated. */
export type InputValue = Bytes | readonly Bytes[];

export interface Prepared {
  options: Record<string, unknown>;
  held: Held;
}

/** The inputs that a method takes by position; the others are named among the options. */
export function positional(fn: FunctionDescription): BufferDescription[] {
  return fn.inputs.filter((input) => input.optional !== true);
}

/**
 * Sorts a method's arguments into options and buffers.
 *
 * @param hand whether the caller's buffers are handed over to the worker (and are empty from now on) instead of copied.
 * @throws TypeError where an argument is no buffer.
 * @throws CodecError `bad_call` where an input is missing, or several buffers are given for one that is not repeated.
 */
export function prepare(fn: FunctionDescription, values: readonly unknown[], given: Record<string, unknown>, hand: boolean): Prepared {
  const byPosition = positional(fn);
  const options = { ...given };
  const items: Item[] = [];
  fn.inputs.forEach((input, index) => {
    const place = byPosition.indexOf(input);
    const value = place >= 0 ? values[place] : options[input.name];
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy of the caller's object
    if (place < 0) delete options[input.name];
    const list = buffers(input, value);
    if (list.length === 0 && input.optional !== true) throw badCall(`the input ${input.name} is missing`);
    if (list.length > 1 && input.repeated !== true) {
      throw badCall(`the input ${input.name} takes one buffer, not ${list.length}`);
    }
    for (const [nth, buffer] of list.entries()) {
      if (input.array && nth === 0) describe(input.array, buffer, options);
      items.push({ input: index, data: isImageData(buffer) ? buffer.data : buffer });
    }
  });
  return { options: plain(options), held: new Held(items, hand) };
}

function badCall(message: string): CodecError {
  return new CodecError({ code: "bad_call", message });
}

function buffers(input: BufferDescription, value: unknown): Bytes[] {
  if (value === undefined || value === null) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    if (isBytes(each)) return each;
    throw new TypeError(`${input.name} must be a Blob, an ArrayBuffer, a typed array or an ImageData`);
  });
}

function isBytes(value: unknown): value is Bytes {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isImageData(value);
}

function isImageData(value: unknown): value is ImageData {
  return typeof ImageData !== "undefined" && value instanceof ImageData;
}

/** Fills in the options that a typed array or an ImageData tells by itself. */
function describe(array: ArrayDescription, buffer: Bytes, options: Record<string, unknown>): void {
  const dtype = dtypeOf(buffer);
  if (dtype !== undefined) options[array.dtype] ??= dtype;
  if (!isImageData(buffer)) return;
  [buffer.height, buffer.width, 4].forEach((size, index) => {
    const name = array.shape[index];
    if (name !== undefined) options[name] ??= size;
  });
}

function dtypeOf(buffer: Bytes): string | undefined {
  if (isImageData(buffer) || buffer instanceof Uint8Array || buffer instanceof Uint8ClampedArray) return "u8";
  if (buffer instanceof Uint16Array) return "u16";
  if (buffer instanceof Float32Array) return "f32";
  return undefined;
}

/** What JSON can hold of the options: members that are undefined are not given. */
function plain(options: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
}

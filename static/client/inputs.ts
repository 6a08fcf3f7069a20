import { CodecError } from "./errors";
import { Held, type Item } from "./held";
import { type ArrayDescription, type BufferDescription, type FunctionDescription, isRecord } from "./interface";

/** One buffer as callers give it. An ImageData also tells its shape and sample type. */
export type Bytes = Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> | ImageData;

/** A file of Node that is open (`fs.promises.open`): it is read from where it stands, and stays open. */
export interface OpenFile {
  createReadStream(options: { autoClose: boolean }): AsyncIterable<Uint8Array>;
}

/** Bytes that come by and by: a ReadableStream, a stream of Node's, whatever yields buffers. */
export type Flow = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | OpenFile;

/** One input as callers give it; what comes by and by is read to its end before the call begins. */
export type Input = Bytes | Flow;

/** What a function takes for one of its inputs; several buffers only where the input is repeated. */
export type InputValue = Input | readonly Input[];

export interface Prepared {
  options: Record<string, unknown>;
  held: Held;
}

/** The inputs that a method takes by position; the others are named among the options. */
export function positional(fn: FunctionDescription, isPushed = false): BufferDescription[] {
  return fn.inputs.filter((input) => input.optional !== true && !(isPushed && isPieces(fn, input)));
}

/** Whether an input is the one that may come in pieces. */
function isPieces(fn: FunctionDescription, input: BufferDescription): boolean {
  return input.name === fn.pushed?.input;
}

/**
 * Sorts a method's arguments into options and buffers.
 *
 * @param hand whether the caller's buffers are handed over to the worker (and are empty from now on) instead of copied.
 * @param isPushed whether the input that may come in pieces does so, and is not among them.
 * @throws TypeError where an argument is no buffer.
 * @throws CodecError `bad_call` where an input is missing, or several buffers are given for one that is not repeated.
 */
export function prepare(
  fn: FunctionDescription, values: readonly unknown[], given: Record<string, unknown>, hand: boolean, isPushed = false,
): Prepared {
  const byPosition = positional(fn, isPushed);
  const options = { ...given };
  const items: Item[] = [];
  fn.inputs.forEach((input, index) => {
    if (isPushed && isPieces(fn, input)) return;
    const place = byPosition.indexOf(input);
    const value = place >= 0 ? values[place] : options[input.name];
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy of the caller's object
    if (place < 0) delete options[input.name];
    const list = buffers(input, value);
    if (list.length === 0 && input.optional !== true) throw badCall(`the input ${input.name} is missing`);
    if (list.length > 1 && input.repeated !== true) {
      throw badCall(`the input ${input.name} takes one buffer, not ${list.length}`);
    }
    if (input.array) describe(input.array, list, options);
    for (const buffer of list) items.push({ input: index, data: isImageData(buffer) ? buffer.data : buffer });
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
    throw new TypeError(`${input.name} must be a Blob, an ArrayBuffer, a typed array, an ImageData or a stream of bytes`);
  });
}

/** Whether a value is a buffer as callers give them. */
export function isBytes(value: unknown): value is Bytes {
  return value instanceof Blob || value instanceof ArrayBuffer || ArrayBuffer.isView(value) || isImageData(value);
}

export function isOpenFile(value: unknown): value is OpenFile {
  return typeof value === "object" && value !== null && "createReadStream" in value && typeof value.createReadStream === "function";
}

/** Whether a value is something that yields bytes by and by. */
export function isFlow(value: unknown): value is Flow {
  if (typeof value !== "object" || value === null || isBytes(value)) return false;
  return value instanceof ReadableStream || Symbol.asyncIterator in value || isOpenFile(value);
}

export function isImageData(value: unknown): value is ImageData {
  return typeof ImageData !== "undefined" && value instanceof ImageData;
}

/** Fills in the options that typed arrays and ImageData tell by themselves; sizes that differ go into the options' items. */
function describe(array: ArrayDescription, list: readonly Bytes[], options: Record<string, unknown>): void {
  const [buffer] = list;
  const dtype = buffer && dtypeOf(buffer);
  if (dtype !== undefined) options[array.dtype] ??= dtype;
  const all = list.filter(isImageData).map(({ height, width }) => [height, width, 4]);
  const [first] = all;
  if (!first || all.length < list.length) return;
  first.forEach((size, axis) => {
    const name = array.shape[axis];
    if (name !== undefined) options[name] ??= size;
  });
  const { items, shape } = array;
  if (items === undefined || !all.some((sizes) => sizes.some((size, axis) => size !== optionOf(options, shape[axis])))) return;
  const given = options[items];
  const told = Array.isArray(given) && given.length === all.length ? (given as unknown[]) : all.map(() => ({}));
  options[items] = told.map((item, index) => {
    const own = all[index]?.map((size, axis): [string | undefined, number] => [shape[axis], size]) ?? [];
    const differing = own.filter(([name, size]) => name !== undefined && size !== optionOf(options, name));
    return Object.assign({}, Object.fromEntries(differing) as Record<string, unknown>, isRecord(item) ? item : undefined);
  });
}

function optionOf(options: Record<string, unknown>, name: string | undefined): unknown {
  return name === undefined ? undefined : options[name];
}

function dtypeOf(buffer: Bytes): string | undefined {
  if (isImageData(buffer) || buffer instanceof Uint8Array || buffer instanceof Uint8ClampedArray) return "u8";
  if (buffer instanceof Uint16Array) return "u16";
  // Not every engine has the class, and not every TypeScript knows it.
  if (Object.prototype.toString.call(buffer) === "[object Float16Array]") return "f16";
  if (buffer instanceof Float32Array) return "f32";
  return undefined;
}

/** What JSON can hold of the options: members that are undefined are not given. */
function plain(options: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(options)) as Record<string, unknown>;
}

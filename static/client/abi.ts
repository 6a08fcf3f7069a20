import { CodecError, hostError, messageOf } from "./errors";
import { type Interface, isRecord } from "./interface";
import { wasi } from "./wasi";
import type { Code, Shared } from "./protocol";

/** Bytes of a call's memory ceiling for each helper: with less, helpers would take what the call itself needs. */
const ROOM = 4 * 2 ** 20;
/** Ceiling under which a call has no helpers at all, likewise. */
const LEAST = 16 * 2 ** 20;
const PAGE = 65536;
const ABI_VERSION = 1;
/** A shared memory with a ceiling below this many bytes is worth less than an ordinary one without threads. */
const LEAST_SHARED = 256 * 2 ** 20;

/** The functions of docs/abi.md. */
interface Exports {
  eitherside_start: () => void;
  eitherside_abi: () => number;
  eitherside_allocate: (size: number) => number;
  eitherside_free: (address: number) => void;
  eitherside_limit: (bytes: bigint) => void;
  eitherside_answer: () => number;
  eitherside_call: (fn: number, options: number, length: number, inputs: number, count: number) => number;
  eitherside_open?: Exports["eitherside_call"];
  eitherside_push?: (address: number, length: number, last: number) => number;
  eitherside_stop?: () => number;
  eitherside_helper?: () => number;
  eitherside_release?: () => void;
}

/** The engine reserves no shared memory that is large enough; an ordinary one may do. */
export class NotGranted extends Error {}

/** One input buffer: `input` is the index in the function's list of inputs. */
export interface InputBlock {
  input: number;
  data: Uint8Array;
}

/** One output buffer, copied out of the module's memory. */
export interface OutputBlock {
  output: number;
  data: ArrayBuffer;
}

export interface Reply {
  result: Record<string, unknown>;
  outputs: OutputBlock[];
}

/** An instance of the module with a memory of its own, good for one call after the other until it traps. */
export class Instance {
  /** Whether a trap, or a pushed call without its end, has made the instance useless. */
  spent = false;
  /** What a pushed call needs until its end. */
  private held: number[] = [];

  private constructor(
    private readonly memory: WebAssembly.Memory,
    private readonly exports: Exports,
    private readonly answer: number,
    private readonly description: Interface,
    private readonly limit: number,
    /** Address of the word that stops the call, where there is one that others could write. */
    private readonly stop: number | undefined,
  ) {}

  /**
   * @param limit ceiling of the instance's memory in bytes.
   * @throws CodecError `memory_limit` where the ceiling is below what the module starts with.
   * @throws NotGranted where the code needs shared memory, and the engine has none to give.
   */
  static async create({ module, pages, isShared }: Code, description: Interface, limit: number): Promise<Instance> {
    const wanted = Math.min(pages.maximum, Math.floor(limit / PAGE));
    if (!(wanted >= pages.minimum)) {
      const needed = pages.minimum * PAGE;
      throw failure(description, "memory_limit", `a call needs at least ${needed} bytes of memory, its limit is ${limit}`);
    }
    const { memory, maximum } = isShared ? reserveShared(pages.minimum, wanted) : reserve(pages.minimum, wanted);
    const instance = await WebAssembly.instantiate(module, { env: { memory }, wasi_snapshot_preview1: wasi }).catch(
      (error: unknown) => {
        throw hostError("bad_module", `the module cannot be started: ${messageOf(error)}`, error);
      },
    );
    const exports = instance.exports as unknown as Exports;
    exports.eitherside_start();
    const version = exports.eitherside_abi();
    if (version !== ABI_VERSION) throw hostError("bad_module", `the module speaks version ${version} of the ABI, not ${ABI_VERSION}`);
    exports.eitherside_limit(BigInt(maximum) * BigInt(PAGE));
    const stop = isShared && exports.eitherside_stop ? exports.eitherside_stop() >>> 0 : undefined;
    return new Instance(memory, exports, exports.eitherside_answer() >>> 0, description, maximum * PAGE, stop);
  }

  /**
   * Gets ready for a call that others can help with, and stop (docs/abi.md, "Helpers").
   *
   * @param helpers how many may come; fewer where memory is short.
   * @returns what they need; nothing where memory is not shared, or the module cannot be stopped.
   */
  muster(helpers: number): Shared | undefined {
    const { memory, stop, exports } = this;
    if (stop === undefined) return undefined;
    this.write(stop, 0);
    const blocks: number[] = [];
    const most = this.limit < LEAST ? 0 : Math.min(helpers, Math.floor(this.limit / ROOM));
    while (blocks.length < most) {
      const block = (exports.eitherside_helper?.() ?? 0) >>> 0;
      if (block === 0) break;
      blocks.push(block);
    }
    return { memory, stop, blocks };
  }

  /** Lets the helpers go, after a call or instead of its end. */
  dismiss(): void {
    if (this.stop === undefined) return;
    if (this.spent) this.write(this.stop, 1);
    else this.exports.eitherside_release?.();
  }

  /** Bytes of linear memory that the instance holds. */
  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /**
   * Makes one call (docs/abi.md, "A call").
   *
   * @param options JSON text of an object.
   * @throws CodecError with the module's own code, message, option and input.
   */
  call(id: number, options: string, inputs: readonly InputBlock[]): Reply {
    const blocks: number[] = [];
    return this.guard(blocks, () => {
      this.exports.eitherside_call(id, ...this.arguments(options, inputs, blocks));
      return this.read();
    });
  }

  /**
   * Begins a call whose main input is pushed in pieces; its arguments are those of `call`. The instance can do nothing else
   * before the last piece.
   *
   * @throws CodecError as `call`.
   */
  open(id: number, options: string, inputs: readonly InputBlock[]): void {
    const { eitherside_open: open } = this.exports;
    if (!open) throw failure(this.description, "internal", "the module has no function eitherside_open");
    const blocks: number[] = [];
    try {
      this.guard([], () => {
        open(id, ...this.arguments(options, inputs, blocks));
        return this.read();
      });
      this.held = blocks;
      this.spent = true;
    } catch (thrown) {
      this.release(blocks);
      throw thrown;
    }
  }

  /**
   * Gives the next piece to the call that was opened, and reads what can be shown now.
   *
   * @throws CodecError as `call`; then the call has ended.
   */
  push(data: Uint8Array, isLast: boolean): Reply {
    const { eitherside_push: push } = this.exports;
    if (!push) throw failure(this.description, "internal", "the module has no function eitherside_push");
    const blocks: number[] = [];
    const reply = this.guard(blocks, () => {
      push(this.store(data, blocks), data.length, isLast ? 1 : 0);
      return this.read();
    });
    if (isLast) {
      this.spent = false;
      this.release(this.held);
      this.held = [];
    }
    return reply;
  }

  /** Runs something that may trap, and frees `blocks` after it. */
  private guard(blocks: readonly number[], run: () => Reply): Reply {
    let isTrapped = false;
    try {
      return run();
    } catch (thrown) {
      isTrapped = !(thrown instanceof CodecError);
      throw this.explain(thrown);
    } finally {
      if (!isTrapped) for (const block of blocks) this.exports.eitherside_free(block);
    }
  }

  private write(address: number, value: number): void {
    Atomics.store(new Int32Array(this.memory.buffer, address, 1), 0, value);
  }

  private release(blocks: readonly number[]): void {
    if (!this.spent) for (const block of blocks) this.exports.eitherside_free(block);
  }

  private arguments(options: string, inputs: readonly InputBlock[], blocks: number[]): [number, number, number, number] {
    const text = new TextEncoder().encode(options);
    const optionsAt = this.store(text, blocks);
    const rows = new Uint32Array(inputs.length * 3);
    inputs.forEach(({ input, data }, index) => rows.set([this.store(data, blocks), data.length, input], index * 3));
    return [optionsAt, text.length, this.store(new Uint8Array(rows.buffer), blocks), inputs.length];
  }

  private store(data: Uint8Array, blocks: number[]): number {
    if (data.length === 0) return 0;
    const address = this.exports.eitherside_allocate(data.length) >>> 0;
    if (address === 0) {
      throw failure(this.description, "memory_limit", `the inputs do not fit in the call's ${this.limit} bytes of memory`);
    }
    blocks.push(address);
    new Uint8Array(this.memory.buffer, address, data.length).set(data);
    return address;
  }

  private read(): Reply {
    const { status, json, outputs, count } = this.header();
    if (status !== 0) throw this.refusal(status, json);
    const rows = new Uint32Array(this.copy(outputs, count * 12).buffer);
    const blocks: OutputBlock[] = [];
    for (let row = 0; row < rows.length; row += 3) {
      const [address = 0, length = 0, output = 0] = rows.subarray(row, row + 3);
      blocks.push({ output, data: this.copy(address, length).buffer });
      this.exports.eitherside_free(address);
    }
    const result: unknown = json === "" ? {} : JSON.parse(json);
    if (!isRecord(result)) throw failure(this.description, "internal", "the module's result is not an object");
    return { result, outputs: blocks };
  }

  private header(): { status: number; json: string; outputs: number; count: number } {
    const view = new DataView(this.memory.buffer, this.answer, 20);
    const [status, at, length, outputs, count] = [0, 4, 8, 12, 16].map((offset) => view.getUint32(offset, true)) as [
      number, number, number, number, number,
    ];
    return { status, json: new TextDecoder().decode(this.copy(at, length)), outputs, count };
  }

  /** Bytes of linear memory in a buffer of their own, which is never shared: pictures, text and transfers take no other. */
  private copy(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, address, length).slice();
  }

  private refusal(status: number, json: string): CodecError {
    const kind = this.description.errors.find((each) => each.number === status);
    const told: unknown = JSON.parse(json);
    const fields = isRecord(told) ? told : {};
    return new CodecError({
      code: typeof fields.code === "string" ? fields.code : (kind?.code ?? "internal"),
      message: typeof fields.message === "string" ? fields.message : (kind?.title ?? `status ${status}`),
      title: kind?.title,
      status: kind?.status,
      option: typeof fields.option === "string" ? fields.option : undefined,
      input: typeof fields.input === "number" ? fields.input : undefined,
    });
  }

  /** Turns a trap into the error that the module wrote down before it. */
  private explain(thrown: unknown): Error {
    if (thrown instanceof CodecError) return thrown;
    this.spent = true;
    // Not the module's memory but the browser's own was short; a stack that overflows is a RangeError, too.
    if (thrown instanceof RangeError && /alloc|memory|array length/i.test(thrown.message)) return noMemory(thrown);
    try {
      const { status, json } = this.header();
      if (status !== 0) return this.refusal(status, json);
    } catch {
      // An answer that cannot be read is no better than none.
    }
    return failure(this.description, "internal", `the module trapped: ${messageOf(thrown)}`);
  }
}

interface Reserved {
  memory: WebAssembly.Memory;
  /** Pages that were granted. */
  maximum: number;
}

/** Engines may refuse to reserve a large maximum; less is then better than nothing. */
function reserve(initial: number, wanted: number): Reserved {
  for (let maximum = wanted; ; maximum = Math.max(initial, Math.floor(maximum / 2))) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum }), maximum };
    } catch (error) {
      if (maximum === initial) throw noMemory(error);
    }
  }
}

/** A shared memory's maximum is reserved at once, so some platforms refuse much smaller ones than of an ordinary memory. */
function reserveShared(initial: number, wanted: number): Reserved {
  const least = Math.max(initial, Math.min(wanted, LEAST_SHARED / PAGE));
  for (let maximum = wanted; ; maximum = Math.max(least, Math.floor(maximum / 2))) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared: true }), maximum };
    } catch (error) {
      if (maximum === least) throw new NotGranted("no shared memory is to be had", { cause: error });
    }
  }
}

function noMemory(cause: unknown): CodecError {
  return hostError("over_capacity", "there is no memory left here for the codec", cause);
}

function failure(description: Interface, code: string, message: string): CodecError {
  const kind = description.errors.find((each) => each.code === code);
  return new CodecError({ code, message, title: kind?.title, status: kind?.status });
}

// Runs jobs on the module's bytes as shipped, with shared memory, by docs/abi.md alone. Shared memory that no other
// thread gets needs no cross-origin isolation; helpers do.
const PAGE = 65536;
const ENOUGH = 256 * 2 ** 20;
const EBADF = 8;

let compiled;
let instance;
/** Workers that help, and the promise of each that it has come back from its last call. */
const helpers = [];

async function moduleOf() {
  compiled ??= await WebAssembly.compile(await (await fetch("module.wasm")).arrayBuffer());
  return compiled;
}

/** Workers that are ready to help: this one hears of them before a call alone, as it hears nothing during one. */
async function helpersOf(count) {
  while (helpers.length < count) {
    const worker = new Worker("helper.js", { type: "module" });
    worker.postMessage({ module: await moduleOf() });
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => reject(new Error(event.message));
    });
    helpers.push({ worker, back: Promise.resolve() });
  }
  return helpers.slice(0, count);
}

class Instance {
  spent = false;
  helping = [];

  static async create({ memoryLimit, pages: [minimum, most] }) {
    const maximum = Math.min(most, Math.floor(memoryLimit / PAGE));
    const memory = reserve(minimum, maximum);
    const fd = () => EBADF;
    const exit = () => {
      throw new Error("the module ended itself");
    };
    const wasi = { fd_close: fd, fd_write: fd, fd_seek: fd, proc_exit: exit };
    const { exports } = await WebAssembly.instantiate(await moduleOf(), { env: { memory }, wasi_snapshot_preview1: wasi });
    exports.eitherside_start();
    exports.eitherside_limit(BigInt(maximum) * BigInt(PAGE));
    const made = new Instance();
    return Object.assign(made, { memory, exports, answer: exports.eitherside_answer() >>> 0 });
  }

  /** Has helpers work on the next call, as far as the module, the page and memory allow. */
  async help(threads) {
    const { exports, memory } = this;
    if (!exports.eitherside_helper || !self.crossOriginIsolated) return;
    for (const helper of await helpersOf(threads - 1)) {
      const block = exports.eitherside_helper() >>> 0;
      if (block === 0) return;
      try {
        helper.worker.postMessage({ memory, block, stop: exports.eitherside_stop() >>> 0 });
      } catch {
        // No memory is sent from this page: the block is taken back.
        exports.eitherside_release();
        return;
      }
      helper.back = new Promise((resolve) => {
        helper.worker.onmessage = resolve;
      });
      this.helping.push(helper);
    }
  }

  /** Lets the helpers go, and waits for them. */
  async dismiss() {
    if (this.helping.length === 0) return;
    if (this.spent) Atomics.store(new Int32Array(this.memory.buffer, this.exports.eitherside_stop() >>> 0, 1), 0, 1);
    else this.exports.eitherside_release();
    await Promise.all(this.helping.map(({ back }) => back));
    this.helping = [];
  }

  /** A copy of a piece of memory that is not shared: decoders of text take no other. */
  read(address, length) {
    return new Uint8Array(this.memory.buffer, address, length).slice();
  }

  store(data) {
    if (data.byteLength === 0) return 0;
    const address = this.exports.eitherside_allocate(data.byteLength) >>> 0;
    if (address === 0) throw new Error("the inputs do not fit in memory");
    new Uint8Array(this.memory.buffer, address, data.byteLength).set(new Uint8Array(data));
    return address;
  }

  reply(names) {
    const [status, json, length, table, count] = new Uint32Array(this.read(this.answer, 20).buffer);
    const document = length ? JSON.parse(new TextDecoder().decode(this.read(json, length))) : {};
    if (status !== 0) return { failure: { ...document } };
    const rows = new Uint32Array(this.read(table, 12 * count).buffer);
    const outputs = Array.from({ length: count }, (_, row) => {
      const [at, size, output] = rows.subarray(3 * row);
      const found = [names[output], this.read(at, size)];
      this.exports.eitherside_free(at);
      return found;
    });
    return { result: document, outputs };
  }

  /** What an export of the module leaves: its answer, where it traps, too. */
  made(names, run) {
    try {
      run();
    } catch (error) {
      this.spent = true;
      const reply = this.reply(names);
      return reply.failure ? reply : { failure: { code: "internal", message: String(error) } };
    }
    return this.reply(names);
  }

  run(job, buffers) {
    const { exports } = this;
    const options = new TextEncoder().encode(JSON.stringify(job.options));
    const rows = job.inputs.flatMap(({ index }, row) => [this.store(buffers[row]), buffers[row].byteLength, index]);
    const taken = rows.filter((_, at) => at % 3 === 0);
    const [optionsAt, table] = [this.store(options), this.store(new Uint32Array(rows).buffer)];
    const given = [job.id, optionsAt, options.length, table, job.inputs.length];
    const replies = [this.made(job.outputs, () => (job.pushed ? exports.eitherside_open(...given) : exports.eitherside_call(...given)))];
    if (job.pushed && !replies[0].failure) {
      replies.length = 0;
      const cut = buffers.slice(job.inputs.length);
      for (const [number, piece] of cut.entries()) {
        const at = this.store(piece);
        const isLast = number === cut.length - 1 ? 1 : 0;
        replies.push(this.made(job.outputs, () => exports.eitherside_push(at, piece.byteLength, isLast)));
        if (!this.spent) exports.eitherside_free(at);
        if (replies.at(-1).failure) break;
      }
    }
    if (!this.spent) for (const at of [...taken, optionsAt, table]) exports.eitherside_free(at);
    return replies;
  }
}

/** As much shared memory as the platform lets this page reserve. */
function reserve(minimum, maximum) {
  for (let most = maximum; ; most = Math.max(minimum, most >> 1)) {
    try {
      return new WebAssembly.Memory({ initial: minimum, maximum: most, shared: true });
    } catch (error) {
      if (most === minimum) throw error;
    }
  }
}

onmessage = async ({ data: { job, buffers } }) => {
  try {
    if (instance?.spent || instance?.memory.buffer.byteLength > ENOUGH) instance = undefined;
    instance ??= await Instance.create(job);
    await instance.help(job.threads);
    let replies;
    try {
      replies = instance.run(job, buffers);
    } finally {
      await instance.dismiss();
    }
    postMessage({ replies });
  } catch (error) {
    instance = undefined;
    postMessage({ error: String(error?.stack ?? error) });
  }
};

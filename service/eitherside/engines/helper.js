// Helps with the calls of another worker's instance, in the same memory (docs/abi.md, "Helpers").
const EBADF = 8;
const fd = () => EBADF;
const exit = () => {
  throw new Error("the module ended itself");
};
const wasi = { fd_close: fd, fd_write: fd, fd_seek: fd, proc_exit: exit };

let module;

onmessage = async ({ data }) => {
  module ??= data.module;
  if (data.memory) {
    try {
      const { exports } = await WebAssembly.instantiate(module, { env: { memory: data.memory }, wasi_snapshot_preview1: wasi });
      exports.eitherside_help(data.block);
    } catch {
      // Its call traps, too, and says why.
      Atomics.store(new Int32Array(data.memory.buffer, data.stop, 1), 0, 1);
    }
  }
  postMessage("here");
};

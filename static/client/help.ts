import { messageOf } from "./errors";
import { wasi } from "./wasi";

/**
 * Works on a call of another instance, in a worker of its own, until that call has ended or it is sent away (docs/abi.md, "Helpers").
 *
 * @param block address of what the call's instance has set aside for this helper.
 * @returns what went wrong, or nothing.
 */
export function help(module: WebAssembly.Module, memory: WebAssembly.Memory, block: number): string | undefined {
  try {
    const { exports } = new WebAssembly.Instance(module, { env: { memory }, wasi_snapshot_preview1: wasi });
    (exports as { eitherside_help: (block: number) => void }).eitherside_help(block);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

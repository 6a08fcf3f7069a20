import { hostError, messageOf } from "./errors";
import { sha256 } from "./hash";
import type { Code } from "./protocol";
import { clearShared, memoryOf } from "./wasm";

/** Whether a module can be compiled while it arrives, as it is. */
export function canCompileArriving(): boolean {
  return typeof (WebAssembly as Partial<typeof WebAssembly>).compileStreaming === "function" && hasSharedMemory();
}

/**
 * Begins to compile a module while it arrives. What comes straight from the network or the browser's cache may have its machine
 * code kept beside it by the browser, for later visits.
 */
export function compileArriving(response: Response): Promise<WebAssembly.Module> {
  const compiling = WebAssembly.compileStreaming(response);
  // Looked at later, when all bytes are there.
  compiling.catch(() => undefined);
  return compiling;
}

/**
 * Gives the module, compiled: as shipped where the platform has shared memory or the module needs none, else with the shared bit
 * of its memory import cleared.
 *
 * @param mayShare whether shared memory is wanted.
 * @param arriving what {@link compileArriving} gave for the same bytes.
 * @throws CodecError `bad_module`.
 */
export async function compile(source: Uint8Array<ArrayBuffer>, mayShare = true, arriving?: Promise<WebAssembly.Module>): Promise<Code> {
  const { pages, isShared } = memoryOf(source);
  if (isShared && !(mayShare && hasSharedMemory())) return compileCleared(source);
  // It fails for a wrong media type, too, or where the connection broke; the bytes then say what is wrong with them.
  const streamed = await arriving?.catch(() => undefined);
  const module = streamed ?? (await compileBytes(source));
  const isHelped = isShared && WebAssembly.Module.exports(module).some(({ name }) => name === "eitherside_help");
  return { module, pages, isShared, isHelped };
}

/**
 * Fetches a module that is known already, out of the browser's cache as a rule, for a memory that is not shared.
 *
 * @throws CodecError `unreachable`, `bad_module`.
 */
export async function fetchCleared(url: string, hash: string): Promise<Code> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await (await fetch(url, { cache: "force-cache" })).arrayBuffer());
  } catch (error) {
    throw hostError("unreachable", `the module cannot be fetched: ${messageOf(error)}`, error);
  }
  await check(bytes, hash);
  return compileCleared(bytes);
}

/** @throws CodecError `bad_module` where the bytes have another SHA-256 than announced. */
export async function check(bytes: Uint8Array<ArrayBuffer>, hash: string): Promise<void> {
  const found = await sha256(bytes);
  if (found !== hash) throw hostError("bad_module", `the module's SHA-256 is ${found}, not ${hash} as announced`);
}

async function compileCleared(source: Uint8Array): Promise<Code> {
  const { bytes, memory } = clearShared(source);
  return { module: await compileBytes(bytes), pages: memory, isShared: false, isHelped: false };
}

async function compileBytes(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw hostError("bad_module", `the module cannot be compiled here: ${messageOf(error)}`, error);
  }
}

/** Whether there is shared memory at all. How much of it, whoever wants some finds out. */
function hasSharedMemory(): boolean {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer.byteLength > 0;
  } catch {
    return false;
  }
}

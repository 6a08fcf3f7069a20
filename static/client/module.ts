import { hostError, messageOf } from "./errors";
import { sha256 } from "./hash";
import { type Format, type Interface, isRecord, readInterface } from "./interface";
import { clearShared, type Pages } from "./wasm";

/** A module that was fetched, verified and compiled. */
export interface LoadedModule {
  module: WebAssembly.Module;
  description: Interface;
  pages: Pages;
  sha256: string;
  /** Size of the file as shipped. */
  bytes: number;
}

/** What the service says of itself beside its module's interface. */
export interface Service {
  /** Formats that the service adds by other means than the module. */
  formats: Format[];
  limits: Record<string, unknown>;
}

/**
 * Fetches the module that the service announces, and checks that it is the one.
 *
 * @throws CodecError `unreachable`, `bad_answer`, or `bad_module` where the bytes have another SHA-256 than announced.
 */
export async function load(url: string, signal?: AbortSignal): Promise<LoadedModule & { service: Service }> {
  const answer: unknown = await (await get(new URL("v1/interface", url), signal)).json().catch(() => undefined);
  const announced = isRecord(answer) && isRecord(answer.module) ? answer.module : {};
  if (!isRecord(answer) || typeof announced.url !== "string" || typeof announced.sha256 !== "string") {
    throw hostError("bad_answer", "the service does not say where its module is");
  }
  const source = new Uint8Array(await (await get(new URL(announced.url, new URL("v1/interface", url)), signal)).arrayBuffer());
  const hash = await sha256(source);
  if (hash !== announced.sha256) throw hostError("bad_module", `the module's SHA-256 is ${hash}, not ${announced.sha256} as announced`);
  const loaded = await compile(source, hash);
  const service = isRecord(answer.service) ? answer.service : {};
  return {
    ...loaded,
    service: {
      formats: Array.isArray(service.formats) ? (service.formats as Format[]) : [],
      limits: isRecord(service.limits) ? service.limits : {},
    },
  };
}

/** Compiles a module for one thread. */
export async function compile(source: Uint8Array, hash: string): Promise<LoadedModule> {
  const { bytes, memory } = clearShared(source);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (error) {
    throw hostError("bad_module", `this browser cannot compile the module: ${messageOf(error)}`, error);
  }
  return { module, description: readInterface(module), pages: memory, sha256: hash, bytes: source.length };
}

async function get(url: URL, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    throw hostError(signal?.aborted ? "cancelled" : "unreachable", `${url.pathname} cannot be fetched: ${messageOf(error)}`, error);
  }
  if (!response.ok) throw hostError("bad_answer", `${url.pathname} cannot be fetched: ${response.status} ${response.statusText}`);
  return response;
}

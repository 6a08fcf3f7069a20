import { CodecError, hostError, messageOf } from "./errors";
import { exchange, type Patience, type Received } from "./exchange";
import { sha256 } from "./hash";
import { type Format, type Interface, isRecord, readInterface } from "./interface";
import { announced } from "./places/problem";
import type { Exchange } from "./planner/types";
import { clearShared, type Pages } from "./wasm";

/** A module that was verified and compiled. */
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
  /** What functions do with those formats, by the function's name. */
  functions: Record<string, Extension>;
  limits: Record<string, unknown>;
}

/** How the service extends one function. */
export interface Extension {
  /** Name of the input that may be in one of the formats `reads`. */
  input: string;
  /** Name of the option that may be one of the formats `writes`. */
  option: string;
  reads: string[];
  writes: string[];
}

/** A module that was fetched, and what fetching it told of the network. */
export interface Fetched extends LoadedModule {
  service: Service;
  exchanges: Exchange[];
}

/**
 * Fetches the module that the service announces, and checks that it is the one.
 *
 * @throws CodecError `unreachable`, `bad_answer`, `cancelled`, or `bad_module` where the bytes have another SHA-256 than announced.
 */
export async function load(url: string, patience: Patience, signal?: AbortSignal): Promise<Fetched> {
  const address = new URL("v1/interface", url);
  const first = await get(address, patience, signal);
  const answer = parse(first.body);
  const module = isRecord(answer) ? announced(answer.module) : undefined;
  if (!isRecord(answer) || !module) throw hostError("bad_answer", "the service does not say where its module is");
  const file = new URL(module.url, address);
  const second = await get(file, patience, signal);
  const hash = await sha256(second.body);
  if (hash !== module.sha256) throw hostError("bad_module", `the module's SHA-256 is ${hash}, not ${module.sha256} as announced`);
  const loaded = await compile(second.body, hash);
  const exchanges = [exchangeOf(address, first), exchangeOf(file, second)].filter((each) => each !== undefined);
  return { ...loaded, service: serviceOf(answer.service), exchanges };
}

/** Compiles a module for one thread. */
export async function compile(source: Uint8Array, hash: string): Promise<LoadedModule> {
  const { bytes, memory } = clearShared(source);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (error) {
    throw hostError("bad_module", `the module cannot be compiled here: ${messageOf(error)}`, error);
  }
  return { module, description: readInterface(module), pages: memory, sha256: hash, bytes: source.length };
}

function serviceOf(value: unknown): Service {
  const service = isRecord(value) ? value : {};
  return {
    formats: Array.isArray(service.formats) ? (service.formats as Format[]) : [],
    functions: isRecord(service.functions) ? (service.functions as Record<string, Extension>) : {},
    limits: isRecord(service.limits) ? service.limits : {},
  };
}

async function get(url: URL, patience: Patience, signal: AbortSignal | undefined): Promise<Received> {
  let received: Received;
  try {
    received = await exchange(url, {}, patience, { signal });
  } catch (error) {
    if (!(error instanceof CodecError) || error.code === "cancelled") throw error;
    throw new CodecError({ ...error.fields, message: `${url.pathname} cannot be fetched: ${error.message}` }, { cause: error });
  }
  if (received.status !== 200) throw hostError("bad_answer", `${url.pathname} cannot be fetched: status ${received.status}`);
  return received;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** What a request tells of the network; nothing where the browser's cache answered, which says so by a size of 0. */
function exchangeOf(url: URL, { headers, body, firstByte, download }: Received): Exchange | undefined {
  const entry = performance.getEntriesByName(url.href).at(-1) as Partial<PerformanceResourceTiming> | undefined;
  if (entry?.transferSize === 0) return undefined;
  // Other origins are not told; then the header knows how much came, compressed or not.
  const size = entry?.encodedBodySize ?? 0;
  const bytesDown = size > 0 ? size : Number(headers.get("Content-Length") ?? body.length);
  return { bytesUp: 0, bytesDown, firstByte, download };
}

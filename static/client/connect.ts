import { hostError } from "./errors";
import type { Functions } from "./generated";
import type { FunctionDescription, Interface } from "./interface";
import type { Prepared } from "./inputs";
import { type CallSettings, methods } from "./methods";
import { load, type LoadedModule, type Service } from "./module";
import { Pool, type PoolOptions } from "./pool";
import type { Place, Setup, ToWorker } from "./protocol";
import { shape } from "./result";

const MEBIBYTE = 2 ** 20;

export interface ConnectOptions {
  /** Address of the service; by default that of the page. */
  url?: string | URL | undefined;
  /** Most workers that compute; by default 2, or 1 on one core. */
  workers?: number | undefined;
  /** Most calls that wait for a worker in each place; by default 256. */
  queueLimit?: number | undefined;
  /** Ceiling of the module's memory in bytes where a call names none; by default 2 GiB. */
  memoryLimit?: number | undefined;
  /** An instance whose memory has grown beyond this many bytes is not used again; by default 256 MiB. */
  keepLimit?: number | undefined;
  /** Where calls run that name no place; by default `local`. */
  place?: Place | undefined;
  signal?: AbortSignal | undefined;
}

/** What a codec is connected to. */
export interface Connection {
  /** The interface, as the module itself tells it. */
  readonly interface: Interface;
  readonly module: { readonly sha256: string; readonly bytes: number };
  readonly service: Service;
  readonly url: string;
  /** Stops all workers; calls that are running fail with the code `cancelled`. */
  close(): void;
}

/** A method for every function of the module's interface, and what it is connected to. */
export type Codec = Functions & { readonly connection: Connection };

/**
 * Connects to a service: fetches the module, checks its SHA-256 and reads its interface.
 *
 * @example
 * const codec = await connect();
 * const { width, height, samples } = await codec.decode(file, { type: "u8" }, { signal });
 * @throws CodecError `unreachable`, `bad_answer` or `bad_module`.
 */
export async function connect(options: ConnectOptions = {}): Promise<Codec> {
  const url = serviceUrl(options.url);
  const loaded = await load(url, options.signal);
  const pools = startPools(options, loaded, url);
  const call = async (fn: FunctionDescription, prepared: Prepared, settings: CallSettings): Promise<unknown> => {
    const place = settings.place ?? options.place ?? "local";
    const request = {
      place, fn, options: prepared.options, sources: prepared.sources,
      memoryLimit: settings.memoryLimit, digest: settings.digest ?? false,
    };
    const { signal, timeLimit, onprogress } = settings;
    const done = await pools[place].run({ request, transfer: prepared.transfer, signal, timeLimit, onprogress });
    return shape(fn, place, prepared.options, done);
  };
  const made = methods(loaded.description, call);
  for (const name of ["connection", "then"]) {
    if (made.has(name)) throw hostError("bad_module", `the interface has a function "${name}", which a codec cannot have`);
  }
  const connection: Connection = {
    interface: loaded.description,
    module: { sha256: loaded.sha256, bytes: loaded.bytes },
    service: loaded.service,
    url,
    close: () => Object.values(pools).forEach((pool) => pool.close()),
  };
  return Object.freeze({ ...Object.fromEntries(made), connection }) as unknown as Codec;
}

function serviceUrl(url: string | URL | undefined): string {
  const page = (globalThis.document as Document | undefined)?.baseURI;
  const address = new URL(url ?? ".", page);
  if (!address.pathname.endsWith("/")) address.pathname += "/";
  return address.href;
}

function startPools(options: ConnectOptions, loaded: LoadedModule, url: string): Record<Place, Pool> {
  const setup: Setup = {
    type: "setup",
    module: loaded.module,
    description: loaded.description,
    pages: loaded.pages,
    sha256: loaded.sha256,
    url,
    memoryLimit: options.memoryLimit ?? 2048 * MEBIBYTE,
    keepLimit: options.keepLimit ?? 256 * MEBIBYTE,
  };
  const start = (): Worker => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "eitherside" });
    worker.postMessage(setup satisfies ToWorker);
    return worker;
  };
  const common: Omit<PoolOptions, "size"> = { queueLimit: options.queueLimit ?? 256, start };
  const cores = options.workers ?? Math.min(2, navigator.hardwareConcurrency);
  // Calls on the service wait for the network, not for a core; browsers open six connections to a host.
  return { local: new Pool({ ...common, size: Math.max(1, cores) }), server: new Pool({ ...common, size: 4 }) };
}

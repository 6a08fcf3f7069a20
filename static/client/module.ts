import { canCompileArriving, check, compile, compileArriving } from "./compile";
import { CodecError, hostError, messageOf } from "./errors";
import { exchange, type Hooks, type Patience, type Received } from "./exchange";
import { type Format, type Interface, isRecord, readInterface, takeInterface } from "./interface";
import { isKept } from "./kept";
import { announced } from "./places/problem";
import type { Exchange } from "./planner/types";
import type { Code } from "./protocol";

/** A module's code on its way here. */
export interface Arrival {
  /** Fails with a CodecError where it cannot be had, or is not what was announced. */
  readonly code: Promise<Code>;
  /** What came of it, as soon as that is known. */
  readonly settled: Code | CodecError | undefined;
  /** Share of its bytes that are still to come. */
  readonly left: number;
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

/** A module that the service has announced, and what asking for it told of the network. */
export interface Fetched {
  description: Interface;
  sha256: string;
  /** Size of the file as shipped. */
  bytes: number;
  /** Where the file is. */
  url: string;
  arrival: Arrival;
  service: Service;
  exchanges: Exchange[];
  /** Whether the service was not there, and this is what it said earlier. */
  isKept: boolean;
}

export interface LoadOptions {
  patience: Patience;
  signal?: AbortSignal | undefined;
  /** Does not wait for the module where the service says what is in it; `arrival` tells when it has come. */
  early?: boolean | undefined;
  /** Whether it may have shared memory. */
  sharedMemory: boolean;
}

/**
 * Fetches the module that the service announces, and checks that it is the one.
 *
 * @throws CodecError `unreachable`, `bad_answer`, `cancelled`, or `bad_module` where the bytes have another SHA-256 than announced.
 */
export async function load(url: string, options: LoadOptions): Promise<Fetched> {
  const address = new URL("v1/interface", url);
  const first = await get(address, options);
  const answer = parse(first.body);
  const module = isRecord(answer) ? announced(answer.module) : undefined;
  if (!isRecord(answer) || !module) throw hostError("bad_answer", "the service does not say where its module is");
  const file = new URL(module.url, address);
  const exchanges = listed(exchangeOf(address, first));
  const told = options.early === true ? toldInterface(answer.interface) : undefined;
  const arrival = new Arriving(file, module.sha256, module.bytes, told, options, (each) => exchanges.push(...listed(each)));
  const description = told ?? readInterface((await arrival.code).module);
  return {
    description, sha256: module.sha256, bytes: arrival.bytes, url: file.href, arrival, service: serviceOf(answer.service), exchanges, isKept: isKept(first.headers),
  };
}

/** Milliseconds between attempts to fetch the module. */
const PAUSES = [1000, 5000, 20_000];

/** Fetches, checks and compiles. */
class Arriving implements Arrival {
  readonly code: Promise<Code>;
  settled: Code | CodecError | undefined;
  private loaded = 0;

  constructor(
    private readonly file: URL,
    private readonly hash: string,
    private readonly announced: number | undefined,
    /** What the service says is in it. */
    private readonly told: Interface | undefined,
    options: LoadOptions,
    private readonly exchanged: (exchange: Exchange | undefined) => void,
  ) {
    this.code = this.persist(options);
    this.code.then(
      (code) => {
        this.settled = code;
      },
      (error: unknown) => {
        this.settled = error instanceof CodecError ? error : hostError("internal", messageOf(error), error);
      },
    );
  }

  get bytes(): number {
    return this.announced ?? this.loaded;
  }

  get left(): number {
    return this.announced === undefined || this.settled ? 0 : Math.max(0, 1 - this.loaded / this.announced);
  }

  /** Nobody waits for an early one who could try again: it does so itself. */
  private async persist(options: LoadOptions): Promise<Code> {
    for (const pause of this.told ? PAUSES : []) {
      try {
        return await this.fetch(options);
      } catch (error) {
        if (!(error instanceof CodecError) || error.code !== "unreachable") throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return this.fetch(options);
  }

  private async fetch(options: LoadOptions): Promise<Code> {
    let arriving: Promise<WebAssembly.Module> | undefined;
    const response = (answer: Response): void => {
      arriving = compileArriving(answer);
    };
    const received = await get(this.file, options, {
      ...(options.sharedMemory && canCompileArriving() ? { response } : {}),
      loaded: (loaded) => {
        this.loaded = loaded;
      },
    });
    this.exchanged(exchangeOf(this.file, received));
    await check(received.body, this.hash);
    const code = await compile(received.body, options.sharedMemory, arriving);
    if (this.told && JSON.stringify(readInterface(code.module)) !== JSON.stringify(this.told)) {
      throw hostError("bad_module", "the service tells another interface than its module has");
    }
    return code;
  }
}

/** The interface as the service tells it; nothing where it tells none that can be used. */
function toldInterface(value: unknown): Interface | undefined {
  try {
    return takeInterface(value);
  } catch {
    return undefined;
  }
}

function serviceOf(value: unknown): Service {
  const service = isRecord(value) ? value : {};
  return {
    formats: Array.isArray(service.formats) ? (service.formats as Format[]) : [],
    functions: isRecord(service.functions) ? (service.functions as Record<string, Extension>) : {},
    limits: isRecord(service.limits) ? service.limits : {},
  };
}

async function get(url: URL, { patience, signal }: LoadOptions, hooks: Omit<Hooks, "signal"> = {}): Promise<Received> {
  let received: Received;
  try {
    received = await exchange(url, {}, patience, { ...hooks, signal });
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

function listed<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

/** What a request tells of the network; nothing where the browser's cache answered, which says so by a size of 0, or a service worker may have. */
function exchangeOf(url: URL, { headers, body, firstByte, download }: Received): Exchange | undefined {
  const entry = performance.getEntriesByName(url.href).at(-1) as Partial<PerformanceResourceTiming> | undefined;
  if (entry?.transferSize === 0 || (entry?.workerStart ?? 0) > 0) return undefined;
  // Other origins are not told; then the header knows how much came, compressed or not.
  const size = entry?.encodedBodySize ?? 0;
  const bytesDown = size > 0 ? size : Number(headers.get("Content-Length") ?? body.length);
  return { bytesUp: 0, bytesDown, firstByte, download };
}

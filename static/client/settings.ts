import type { PlannerSettings, Priority } from "./planner/types";
import type { Place, Progress } from "./protocol";
import type { Store } from "./store";

const MEBIBYTE = 2 ** 20;
/** Most bytes that come by and by, where nobody says otherwise. */
export const PUSH_LIMIT = 1024 * MEBIBYTE;

/** A place, or `auto` for the planner's choice. */
export type PlaceChoice = Place | "auto";

export interface ConnectOptions {
  /** Address of the service; by default that of the page. */
  url?: string | URL | undefined;
  /** Most workers that compute; by default 2, or 1 on one core. */
  workers?: number | undefined;
  /** Most threads that work on one call; by default one for each core where memory can be shared with workers, else always 1. */
  threads?: number | undefined;
  /** Whether the module may have shared memory where the platform grants it; without, calls have one thread. By default true. */
  sharedMemory?: boolean | undefined;
  /** Connects before the module is here: calls go elsewhere until then, or wait; by default false. */
  early?: boolean | undefined;
  /** Most pushed calls at a time, each in a worker of its own; by default 4. */
  streams?: number | undefined;
  /** Most bytes that are pushed to one call; by default 1 GiB. */
  pushLimit?: number | undefined;
  /** Most calls that wait for a worker in each place; by default 256. */
  queueLimit?: number | undefined;
  /** Ceiling of the module's memory in bytes where a call names none; by default 2 GiB. */
  memoryLimit?: number | undefined;
  /** An instance whose memory has grown beyond this many bytes is not used again; by default 256 MiB. */
  keepLimit?: number | undefined;
  /** Where calls run that name no place; by default `auto`. */
  place?: PlaceChoice | undefined;
  /** Milliseconds without a byte of an answer after which the service counts as gone; by default 30 000. */
  silenceLimit?: number | undefined;
  /** Milliseconds that a worker may take to start; by default 30 000. */
  startLimit?: number | undefined;
  /** Milliseconds that a worker may compute where nothing else tells whether it is still alive; by default 600 000. */
  computeLimit?: number | undefined;
  /** Milliseconds that measuring a file's first bytes may take; by default 1000. */
  measureLimit?: number | undefined;
  /** Whether the service is asked for a stored result before anything is uploaded; by default `auto`: where that pays. */
  ask?: "auto" | "always" | "never" | undefined;
  /** What to do when the service has another module: load it for later calls (`follow`, the default), or stay with this one. */
  onupgrade?: "follow" | "stay" | undefined;
  /** Whether a short call tells at first how fast this machine is; by default true. */
  probe?: boolean | undefined;
  /** How places are chosen. */
  planner?: Partial<PlannerSettings> | undefined;
  /** Where what was learned is kept between visits; by default IndexedDB where there is one, else memory. */
  store?: Store | undefined;
  /** Address of the worker's script where it cannot be the library's own: a copy, or the original on another origin. */
  worker?: string | URL | undefined;
  signal?: AbortSignal | undefined;
}

/** How a call is made, beside what it computes. */
export interface CallSettings {
  /** Where the call runs: a place named here is never left. */
  place?: PlaceChoice | undefined;
  /** Aborting stops the work and rejects with the code `cancelled`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the call is stopped and rejects with the code `time_limit`. */
  timeLimit?: number | undefined;
  /** When the answer is of no use any more, as `Date.now()` counts; then the call rejects with the code `time_limit`. */
  deadline?: Date | number | undefined;
  /** Which of the waiting calls go first. */
  priority?: Priority | undefined;
  /** Ceiling of the module's memory for this call in bytes (local calls; the service has its own). */
  memoryLimit?: number | undefined;
  onprogress?: ((progress: Progress) => void) | undefined;
  /** Whether the worker computes the SHA-256 of each output, for the result's provenance. */
  digest?: boolean | undefined;
  /** Hand the given buffers over to the worker (they are empty afterwards) instead of copying them. */
  transfer?: boolean | undefined;
  /** `picture` in {@link PictureSettings} gives something to look at instead of samples. */
  as?: "result" | undefined;
}

/** Settings of a call that gives an ImageBitmap instead of samples, where the function has that. */
export interface PictureSettings extends Omit<CallSettings, "as"> {
  as: "picture";
  /** Pixels that the picture is to fit in: a larger one is scaled down in the worker; the fields still tell its own size. */
  within?: Size | undefined;
}

export interface Size {
  width: number;
  height: number;
}

export type AnySettings = CallSettings | PictureSettings;

export type Settings = Required<Omit<ConnectOptions, "url" | "signal" | "store" | "worker">>;

/** The options of `connect`, with their defaults. */
export function settingsOf(options: ConnectOptions, cores: number): Settings {
  return {
    workers: Math.max(1, options.workers ?? Math.min(2, cores)),
    threads: Math.max(1, Math.floor(options.threads ?? cores)),
    sharedMemory: options.sharedMemory ?? true,
    early: options.early ?? false,
    streams: Math.max(1, options.streams ?? 4),
    pushLimit: options.pushLimit ?? PUSH_LIMIT,
    queueLimit: options.queueLimit ?? 256,
    memoryLimit: options.memoryLimit ?? 2048 * MEBIBYTE,
    keepLimit: options.keepLimit ?? 256 * MEBIBYTE,
    place: options.place ?? "auto",
    silenceLimit: options.silenceLimit ?? 30_000,
    startLimit: options.startLimit ?? 30_000,
    computeLimit: options.computeLimit ?? 600_000,
    measureLimit: options.measureLimit ?? 1000,
    ask: options.ask ?? "auto",
    onupgrade: options.onupgrade ?? "follow",
    probe: options.probe ?? true,
    planner: options.planner ?? {},
  };
}

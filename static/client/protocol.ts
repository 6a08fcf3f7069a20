import type { ErrorFields } from "./errors";
import type { FunctionDescription, Interface } from "./interface";
import type { PlaceName, Priority } from "./planner/types";
import type { Size } from "./settings";
import type { Pages } from "./wasm";

/** Where a call runs: the browser's own decoder, the module in a worker, or the service. */
export type Place = PlaceName;

/** Bytes on their way to a function: `input` is the index in its list of inputs. */
export interface Source {
  input: number;
  data: Blob | ArrayBuffer;
}

/** One call, ready to be sent to a worker. */
export interface CallRequest {
  /** Random name, by which the service can be told to stop it. */
  id: string;
  place: Place;
  fn: FunctionDescription;
  /** JSON text of the options. */
  options: string;
  sources: Source[];
  /** Ceiling of the module's memory in bytes; calls that name one get an instance of their own. */
  memoryLimit: number | undefined;
  /** Whether the SHA-256 of each output is wanted. */
  digest: boolean;
  /** Whether the output that the function's `picture` names is wanted as an ImageBitmap. */
  picture: boolean;
  /** Pixels that the bitmap is to fit in. */
  within?: Size | undefined;
  /** Whether the buffers come back with an error, because the caller has given them away. */
  giveBack: boolean;
  /** Server: ask by key for a stored result and upload nothing: whether there is one (`head`), or the result itself (`get`). */
  ask: "no" | "head" | "get";
  /** Server: whether the headers of docs/http.md that name the module and the call are sent. */
  isPinned: boolean;
  priority: Priority;
  /** Local: most threads that may work on the call. */
  threads: number;
}

/** A module, compiled. */
export interface Code {
  module: WebAssembly.Module;
  /** What its memory import allows. */
  pages: Pages;
  /** Whether it takes shared memory: its bytes as shipped, not a copy with the shared bit cleared. */
  isShared: boolean;
  /** Whether others can help with its calls where they share its memory. */
  isHelped: boolean;
}

/** What a call's helpers need, and whoever is to stop them: all are addresses in the memory. */
export interface Shared {
  memory: WebAssembly.Memory;
  /** The word that stops the call and its helpers. */
  stop: number;
  /** A block for each helper that may come; each begins with the word that sends it away. */
  blocks: number[];
}

export interface Output {
  name: string;
  mediaType: string;
  data: ArrayBuffer;
  sha256?: string;
}

/** What came of a call, in the same shape from every place. */
export interface Answer {
  result: Record<string, unknown>;
  outputs: Output[];
  /** The output that can be shown, where it was asked for. */
  picture?: ImageBitmap | undefined;
  /** SHA-256 of the module that did the work, as the place tells it; empty where no module did. */
  module: string;
  /** Bytes that went in. */
  bytesIn: number;
  /** Bytes that crossed the network. */
  bytesUp: number;
  bytesDown: number;
  /** Milliseconds of waiting in the service's queue (0 elsewhere, where the queue is the pool's). */
  queued: number;
  /** Milliseconds of making an instance, or 0 where one was there. */
  start: number;
  /** Milliseconds of work in the function. */
  compute: number;
  /** Milliseconds from the answer's headers to the end of its body (server). */
  download: number;
  /** Whether the service had the result already: undefined where it was not asked. Where it had not, there is none here either. */
  known?: boolean | undefined;
}

/** First message to a worker. */
export interface Setup {
  type: "setup";
  description: Interface;
  sha256: string;
  /** Where the module is. */
  moduleUrl: string;
  /** Whether memory can be sent from worker to worker. */
  shares: boolean;
  /** Base URL of the service, with a slash at its end. */
  url: string;
  /** Ceiling of an instance's memory where a call names none, in bytes. */
  memoryLimit: number;
  /** An instance whose memory has grown beyond this many bytes is dropped after its call. */
  keepLimit: number;
  /** Milliseconds between two pieces of an answer after which the service counts as gone. */
  silenceLimit: number;
  /** Milliseconds that the service may take until its answer begins, beside the time of the upload. */
  answerLimit: number;
  /** Web Lock that the worker holds as long as it lives; none where the platform tells deaths itself. */
  lock?: string | undefined;
}

/** What a worker is told; it answers a call, the opening of a pushed one, each piece, and a call for help. */
export type ToWorker =
  | Setup
  | { type: "code"; code: Code }
  | { type: "failed"; error: ErrorFields }
  | { type: "help"; memory: WebAssembly.Memory; block: number }
  | { type: "call"; request: CallRequest }
  | { type: "open"; request: CallRequest }
  | { type: "push"; piece: Blob | ArrayBuffer; isLast: boolean }
  | { type: "end" }
  | { type: "ping" };

export type Progress = { stage: "queued" | "sending" | "running" | "receiving" } & { loaded?: number; total?: number };

/** What an answer's headers tell beside the answer: the service's load, and its module. */
export interface Note {
  /** Header `Eitherside-Load`. */
  load: string | undefined;
  /** SHA-256 of the service's module. */
  module: string | undefined;
}

export type FromWorker =
  | { type: "alive"; isLocked: boolean }
  | { type: "pong" }
  | { type: "progress"; progress: Progress }
  | { type: "note"; note: Note }
  | { type: "team"; shared: Shared }
  | { type: "alone" }
  | { type: "helped"; fault: string | undefined }
  | { type: "answer"; answer: Answer }
  | { type: "error"; error: ErrorFields; sources?: Source[] };

import type { ErrorFields } from "./errors";
import type { FunctionDescription, Interface } from "./interface";
import type { Pages } from "./wasm";

/** Where a call runs. */
export type Place = "local" | "server";

/** Bytes on their way to a function: `input` is the index in its list of inputs. */
export interface Source {
  input: number;
  data: Blob | ArrayBuffer;
}

/** One call, ready to be sent to a worker. */
export interface CallRequest {
  place: Place;
  fn: FunctionDescription;
  /** JSON text of the options. */
  options: string;
  sources: Source[];
  /** Ceiling of the module's memory in bytes; calls that name one get an instance of their own. */
  memoryLimit: number | undefined;
  /** Whether the SHA-256 of each output is wanted. */
  digest: boolean;
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
  /** SHA-256 of the module that did the work, as the place tells it. */
  module: string;
  /** Bytes that went in. */
  bytesIn: number;
  /** Milliseconds of waiting in the service's queue (0 for the local place, whose queue is the pool's). */
  queued: number;
  /** Milliseconds of work in the function. */
  compute: number;
}

/** First message to a worker. */
export interface Setup {
  type: "setup";
  module: WebAssembly.Module;
  description: Interface;
  pages: Pages;
  sha256: string;
  /** Base URL of the service, with a slash at its end. */
  url: string;
  /** Ceiling of an instance's memory where a call names none, in bytes. */
  memoryLimit: number;
  /** An instance whose memory has grown beyond this many bytes is dropped after its call. */
  keepLimit: number;
}

export type ToWorker = Setup | { type: "call"; request: CallRequest };

export type Progress = { stage: "queued" | "sending" | "running" | "receiving" } & { loaded?: number; total?: number };

export type FromWorker =
  | { type: "progress"; progress: Progress }
  | { type: "answer"; answer: Answer }
  | { type: "error"; error: ErrorFields };

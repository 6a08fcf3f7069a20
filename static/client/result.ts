import { hostError } from "./errors";
import { type ArrayDescription, type BufferDescription, type FunctionDescription, isRecord } from "./interface";
import type { Output, Place } from "./protocol";
import type { Done } from "./pool";

/** Samples by their type: u8; u16, and the bits of f16 (IEEE 754 binary16); f32. */
export type Samples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** One try to make a call, at one place. */
export interface Attempt {
  place: Place;
  /** `ok`, or the code of its error. */
  outcome: string;
  /** Why it was made. */
  why: string;
  times: Times;
}

/** Milliseconds: waiting for a worker or in the service's queue, working, everything else (copies, network, starting), and from call to answer. */
export interface Times {
  queue: number;
  compute: number;
  transfer: number;
  total: number;
}

/** How a result came about. */
export interface Provenance {
  function: string;
  place: Place;
  /** Why it ran there, in one sentence. */
  why: string;
  /** SHA-256 of the module that did the work, as the place tells it; empty where the browser decoded on its own. */
  module: string;
  /** JSON text of the options. */
  options: string;
  /** The call's random id; at the service the n-th attempt is called by it with `-n` behind. */
  call: string;
  attempts: Attempt[];
  times: Times;
  /** What the place was expected to take in all, in milliseconds, with the 5th and the 95th percentile. */
  predicted: { total: number; low: number; high: number } | undefined;
  /** Bytes of inputs and outputs, and those that crossed the network. */
  bytes: { in: number; out: number; up: number; down: number };
  /** Whether the service had the result already, where it was asked. */
  known: boolean | undefined;
  /** For each output its buffers' media type, size, and SHA-256 where `digest` was asked for. */
  outputs: Record<string, { mediaType: string; bytes: number; sha256: string | undefined }[]>;
}

/** What is told of a call beside its answer. */
export type Story = Pick<Provenance, "place" | "why" | "options" | "call" | "attempts" | "predicted"> & { total: number };

/** Shapes an answer as a method gives it: result fields, outputs by name, and the provenance. */
export function shape(fn: FunctionDescription, { answer, ...done }: Done, story: Story): Record<string, unknown> {
  const result: Record<string, unknown> = { ...answer.result };
  const outputs: Provenance["outputs"] = {};
  for (const description of fn.outputs) {
    const own = answer.outputs.filter((each) => each.name === description.name);
    outputs[description.name] = own.map(({ mediaType, data, sha256 }) => ({ mediaType, bytes: data.byteLength, sha256 }));
    if (answer.picture && description.name === fn.picture?.output) continue;
    const values = own.map((each, index) => value(description, answer.result, each, index));
    result[description.name] = description.repeated === true ? values : values[0];
  }
  if (answer.picture) result.picture = answer.picture;
  const { total, ...told } = story;
  const provenance: Provenance = {
    function: fn.name,
    ...told,
    module: answer.module,
    times: timesOf({ answer, ...done }, total),
    bytes: {
      in: answer.bytesIn,
      out: answer.outputs.reduce((sum, { data }) => sum + data.byteLength, 0),
      up: answer.bytesUp,
      down: answer.bytesDown,
    },
    known: answer.known,
    outputs,
  };
  return { ...result, provenance };
}

/** Where the time of a call went; `total` includes what passed before the attempt that answered. */
export function timesOf({ answer, waited, busy }: Done, total: number): Times {
  const { queued, compute } = answer;
  return { queue: waited + queued, compute, transfer: Math.max(0, busy - queued - compute), total };
}

/** A buffer as a typed array: its element type is what the output's `array` says, else bytes. */
function value(description: BufferDescription, result: Record<string, unknown>, { data }: Output, index: number): Samples {
  if (!description.array) return new Uint8Array(data);
  const { shape: names, dtype } = description.array;
  const told = described(description.array, result, index);
  const samples = typed(told[dtype], data);
  const size = names.reduce((product, name) => product * Number(told[name]), 1);
  if (samples.length !== size) {
    throw hostError("bad_answer", `"${description.name}" has ${samples.length} samples where ${names.join(" × ")} is ${size}`);
  }
  return samples;
}

/** What a result tells of one buffer of an output: its own item comes first. */
export function described({ items }: ArrayDescription, result: Record<string, unknown>, index: number): Record<string, unknown> {
  const list = items === undefined ? undefined : result[items];
  const own: unknown = Array.isArray(list) ? list[index] : undefined;
  return isRecord(own) ? { ...result, ...own } : result;
}

function typed(dtype: unknown, data: ArrayBuffer): Samples {
  switch (dtype) {
    case "u8":
      return new Uint8Array(data);
    case "u16":
      return new Uint16Array(data);
    case "f16":
      // Half floats as their bits: not every engine has Float16Array.
      return new Uint16Array(data);
    case "f32":
      return new Float32Array(data);
    default:
      throw hostError("bad_answer", `samples are of the unknown type ${JSON.stringify(dtype)}`);
  }
}

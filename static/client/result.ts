import { hostError } from "./errors";
import type { BufferDescription, FunctionDescription } from "./interface";
import type { Output, Place } from "./protocol";
import type { Done } from "./pool";

export type Samples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** How a result came about. */
export interface Provenance {
  function: string;
  place: Place;
  /** SHA-256 of the module that did the work, as the place tells it. */
  module: string;
  /** JSON text of the options. */
  options: string;
  /** Milliseconds: waiting for a worker or in the service's queue, working, and everything else (copies, network). */
  times: { queue: number; compute: number; transfer: number };
  bytes: { in: number; out: number };
  /** For each output its buffers' media type, size, and SHA-256 where `digest` was asked for. */
  outputs: Record<string, { mediaType: string; bytes: number; sha256: string | undefined }[]>;
}

/** Shapes an answer as a method gives it: result fields, outputs by name, and the provenance. */
export function shape(fn: FunctionDescription, place: Place, options: string, done: Done): Record<string, unknown> {
  const { answer } = done;
  const result: Record<string, unknown> = { ...answer.result };
  const outputs: Provenance["outputs"] = {};
  for (const description of fn.outputs) {
    const own = answer.outputs.filter((each) => each.name === description.name);
    const values = own.map((each) => value(description, answer.result, each));
    result[description.name] = description.repeated === true ? values : values[0];
    outputs[description.name] = own.map(({ mediaType, data, sha256 }) => ({ mediaType, bytes: data.byteLength, sha256 }));
  }
  const provenance: Provenance = {
    function: fn.name,
    place,
    module: answer.module,
    options,
    times: {
      queue: done.waited + answer.queued,
      compute: answer.compute,
      transfer: Math.max(0, done.busy - answer.queued - answer.compute),
    },
    bytes: { in: answer.bytesIn, out: answer.outputs.reduce((sum, { data }) => sum + data.byteLength, 0) },
    outputs,
  };
  return { ...result, provenance };
}

/** A buffer as a typed array: its element type is what the output's `array` says, else bytes. */
function value(description: BufferDescription, result: Record<string, unknown>, { data }: Output): Samples {
  if (!description.array) return new Uint8Array(data);
  const { shape: names, dtype } = description.array;
  const samples = typed(result[dtype], data);
  const size = names.reduce((product, name) => product * Number(result[name]), 1);
  if (samples.length !== size) {
    throw hostError("bad_answer", `"${description.name}" has ${samples.length} samples where ${names.join(" × ")} is ${size}`);
  }
  return samples;
}

function typed(dtype: unknown, data: ArrayBuffer): Samples {
  switch (dtype) {
    case "u8":
      return new Uint8Array(data);
    case "u16":
      return new Uint16Array(data);
    case "f32":
      return new Float32Array(data);
    default:
      throw hostError("bad_answer", `samples are of the unknown type ${JSON.stringify(dtype)}`);
  }
}

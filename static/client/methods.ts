import { hostError } from "./errors";
import { type FunctionDescription, type Interface, isRecord } from "./interface";
import { positional, prepare, type Prepared } from "./inputs";
import type { Place, Progress } from "./protocol";

/** How a call is made, beside what it computes. */
export interface CallSettings {
  /** Where the call runs; `local` is this browser. */
  place?: Place | undefined;
  /** Aborting stops the work and rejects with the code `cancelled`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which the call is stopped and rejects with the code `time_limit`. */
  timeLimit?: number | undefined;
  /** Ceiling of the module's memory for this call in bytes (local calls; the service has its own). */
  memoryLimit?: number | undefined;
  onprogress?: ((progress: Progress) => void) | undefined;
  /** Whether the worker computes the SHA-256 of each output, for the result's provenance. */
  digest?: boolean | undefined;
  /** Hand the given buffers over to the worker (they are empty afterwards) instead of copying them. */
  transfer?: boolean | undefined;
}

export type Caller = (fn: FunctionDescription, prepared: Prepared, settings: CallSettings) => Promise<unknown>;

export type Method = (...values: unknown[]) => Promise<unknown>;

/**
 * Makes one method for each function of an interface: `(…required inputs, options, settings)`.
 *
 * @throws CodecError `bad_module` where names of the interface would hide each other.
 */
export function methods(description: Interface, caller: Caller): Map<string, Method> {
  const made = new Map<string, Method>();
  for (const fn of description.functions) {
    if (made.has(fn.name)) throw hostError("bad_module", `the interface has two functions "${fn.name}"`);
    const clash = fn.inputs.find((input) => input.optional === true && fn.options.properties?.[input.name]);
    if (clash) throw hostError("bad_module", `"${fn.name}" has an option and an optional input "${clash.name}"`);
    made.set(fn.name, method(fn, caller));
  }
  return made;
}

function method(fn: FunctionDescription, caller: Caller): Method {
  const count = positional(fn).length;
  // Async, so that a wrong argument rejects like every other error.
  return async (...values) => {
    const options = values[count] ?? {};
    const settings = (values[count + 1] ?? {}) as CallSettings;
    if (!isRecord(options)) throw new TypeError(`the options of ${fn.name} must be an object`);
    return caller(fn, prepare(fn, values.slice(0, count), options, settings.transfer ?? false), settings);
  };
}

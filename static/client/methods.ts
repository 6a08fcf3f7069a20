import { hostError } from "./errors";
import { type FunctionDescription, type Interface, isRecord } from "./interface";
import { positional, prepare, type Prepared } from "./inputs";
import type { AnySettings } from "./settings";

export type Caller = (fn: FunctionDescription, prepared: Prepared, settings: AnySettings) => Promise<unknown>;

export type Method = (...values: unknown[]) => Promise<unknown>;

/** Finds a function's description; it may change while its name stays. */
export type Lookup = (name: string) => FunctionDescription;

/**
 * Makes one method for each function of an interface: `(…required inputs, options, settings)`.
 *
 * @throws CodecError `bad_module` where names of the interface would hide each other.
 */
export function methods(description: Interface, lookup: Lookup, caller: Caller): Map<string, Method> {
  const made = new Map<string, Method>();
  for (const fn of description.functions) {
    if (made.has(fn.name)) throw hostError("bad_module", `the interface has two functions "${fn.name}"`);
    const clash = fn.inputs.find((input) => input.optional === true && fn.options.properties?.[input.name]);
    if (clash) throw hostError("bad_module", `"${fn.name}" has an option and an optional input "${clash.name}"`);
    made.set(fn.name, method(() => lookup(fn.name), caller));
  }
  return made;
}

function method(find: () => FunctionDescription, caller: Caller): Method {
  // Async, so that a wrong argument rejects like every other error.
  return async (...values) => {
    const { fn, prepared, settings } = sort(find(), values);
    return caller(fn, prepared, settings);
  };
}

export interface Sorted {
  fn: FunctionDescription;
  prepared: Prepared;
  settings: AnySettings;
}

/** Sorts the arguments of a method: `(…required inputs, options, settings)`. */
export function sort(fn: FunctionDescription, values: readonly unknown[]): Sorted {
  const count = positional(fn).length;
  const options = values[count] ?? {};
  const settings = (values[count + 1] ?? {}) as AnySettings;
  if (!isRecord(options)) throw new TypeError(`the options of ${fn.name} must be an object`);
  return { fn, prepared: prepare(fn, values.slice(0, count), options, settings.transfer ?? false), settings };
}

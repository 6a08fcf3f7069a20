import { hostError } from "./errors";
import { gathered, hasFlows } from "./gathering";
import { type FunctionDescription, type Interface, isRecord } from "./interface";
import { positional, prepare, type Prepared } from "./inputs";
import type { Stream } from "./pushed";
import { type AnySettings, PUSH_LIMIT } from "./settings";

export type Caller = (fn: FunctionDescription, prepared: Prepared, settings: AnySettings) => Promise<unknown>;

/** Begins a pushed call. */
export type Opener = (sorted: Sorted) => Stream<unknown>;

export interface Method {
  (...values: unknown[]): Promise<unknown>;
  /** Where an input may come in pieces: `(…other required inputs, options, settings)`. */
  pushed?: (...values: unknown[]) => Stream<unknown>;
}

/** Finds a function's description; it may change while its name stays. */
export type Lookup = (name: string) => FunctionDescription;

/**
 * Makes one method for each function of an interface: `(…required inputs, options, settings)`.
 *
 * @param limit most bytes that are read of inputs that come by and by.
 * @throws CodecError `bad_module` where names of the interface would hide each other.
 */
export function methods(description: Interface, lookup: Lookup, caller: Caller, opener: Opener, limit = PUSH_LIMIT): Map<string, Method> {
  const made = new Map<string, Method>();
  for (const fn of description.functions) {
    if (made.has(fn.name)) throw hostError("bad_module", `the interface has two functions "${fn.name}"`);
    const clash = fn.inputs.find((input) => input.optional === true && fn.options.properties?.[input.name]);
    if (clash) throw hostError("bad_module", `"${fn.name}" has an option and an optional input "${clash.name}"`);
    const own = method(() => lookup(fn.name), caller, limit);
    if (fn.pushed) own.pushed = (...values) => opener(sort(lookup(fn.name), values, true));
    made.set(fn.name, own);
  }
  return made;
}

function method(find: () => FunctionDescription, caller: Caller, limit: number): Method {
  // Async, so that a wrong argument rejects like every other error.
  return async (...values) => {
    const inputs = hasFlows(values) ? await gathered(values, settingsOf(find(), values), limit) : values;
    const { fn, prepared, settings } = sort(find(), inputs);
    return caller(fn, prepared, settings);
  };
}

export interface Sorted {
  fn: FunctionDescription;
  prepared: Prepared;
  settings: AnySettings;
}

/** Sorts the arguments of a method: `(…required inputs, options, settings)`; a pushed one's lack the input that comes in pieces. */
export function sort(fn: FunctionDescription, values: readonly unknown[], isPushed = false): Sorted {
  const count = positional(fn, isPushed).length;
  const options = values[count] ?? {};
  const settings = settingsOf(fn, values, isPushed);
  if (!isRecord(options)) throw new TypeError(`the options of ${fn.name} must be an object`);
  return { fn, prepared: prepare(fn, values.slice(0, count), options, settings.transfer ?? false, isPushed), settings };
}

function settingsOf(fn: FunctionDescription, values: readonly unknown[], isPushed = false): AnySettings {
  return values[positional(fn, isPushed).length + 1] ?? {};
}

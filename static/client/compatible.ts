import type { BufferDescription, FunctionDescription, Interface } from "./interface";

/**
 * Why calls that fit one interface would not fit another; undefined where they would.
 *
 * They fit where every function, input, output and option is still there, and nothing more is required.
 */
export function incompatibility(old: Interface, next: Interface): string | undefined {
  for (const fn of old.functions) {
    const other = next.functions.find(({ name }) => name === fn.name);
    const why = other ? between(fn, other) : "it is gone";
    if (why !== undefined) return `${fn.name}: ${why}`;
  }
  return undefined;
}

function between(old: FunctionDescription, next: FunctionDescription): string | undefined {
  const options = Object.keys(old.options.properties ?? {}).find((name) => !next.options.properties?.[name]);
  if (options !== undefined) return `the option ${options} is gone`;
  const required = next.options.required?.find((name) => !old.options.required?.includes(name));
  if (required !== undefined) return `the option ${required} is required now`;
  return buffers("input", old.inputs, next.inputs) ?? buffers("output", old.outputs, next.outputs) ?? order(old, next);
}

function buffers(kind: string, old: BufferDescription[], next: BufferDescription[]): string | undefined {
  for (const buffer of old) {
    const other = next.find(({ name }) => name === buffer.name);
    if (!other) return `the ${kind} ${buffer.name} is gone`;
    if ((other.repeated ?? false) !== (buffer.repeated ?? false)) return `the ${kind} ${buffer.name} is repeated in one of them alone`;
  }
  return undefined;
}

/** Required inputs are given by position. */
function order(old: FunctionDescription, next: FunctionDescription): string | undefined {
  const names = ({ inputs }: FunctionDescription): string => inputs.filter(({ optional }) => optional !== true).map(({ name }) => name).join(", ");
  return names(old) === names(next) ? undefined : `it takes ${names(next)}, not ${names(old)}`;
}

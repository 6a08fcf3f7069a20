import canonicalize from "canonicalize";
import { hostError } from "./errors";
import { sha256 } from "./hash";
import { isRecord } from "./interface";
import type { CallRequest } from "./protocol";

/**
 * The name under which a service keeps the result of a call: the SHA-256 of the canonical JSON (RFC 8785) of
 * module, function, options with their defaults, and the SHA-256 of every input.
 */
export async function resultKey(module: string, { fn, options, sources }: Pick<CallRequest, "fn" | "options" | "sources">): Promise<string> {
  const given: unknown = JSON.parse(options);
  const defaults = Object.entries(fn.options.properties ?? {}).filter(([, schema]) => "default" in schema);
  const inputs: Record<string, string[]> = {};
  for (const { input, data } of sources) {
    const name = fn.inputs[input]?.name;
    if (name === undefined) throw hostError("internal", `the function has no input ${input}`);
    (inputs[name] ??= []).push(await sha256(data instanceof Blob ? await data.arrayBuffer() : data));
  }
  const text = canonicalize({
    eitherside: 1,
    module,
    function: fn.name,
    options: { ...Object.fromEntries(defaults.map(([name, schema]) => [name, schema.default])), ...(isRecord(given) ? given : {}) },
    inputs,
  });
  return sha256(new TextEncoder().encode(text));
}

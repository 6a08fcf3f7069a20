/** Eitherside's client: one codec that runs in this browser or on the service, call by call. */
import { type Codec, connectOn } from "./connect";
import type { Functions } from "./generated";
import { browser } from "./platform/browser";
import type { ConnectOptions } from "./settings";

/**
 * Connects to a service: fetches the module, checks its SHA-256 and reads its interface.
 *
 * @example
 * const codec = await connect({ url });
 * const result = await codec.someFunction(file, { someOption: 1 }, { signal });
 * @typeParam F the functions of the service's module, where it is not the shipped one: `scripts/types.mjs` writes them.
 * @throws CodecError `unreachable`, `bad_answer` or `bad_module`.
 */
export function connect<F = Functions>(options: ConnectOptions = {}): Promise<Codec<F>> {
  return connectOn<F>(browser, options);
}

export * from "./exports";

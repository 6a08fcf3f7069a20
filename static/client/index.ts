/** Eitherside's client: one codec that runs in this browser or on the service, call by call. */
import { type Codec, connectOn } from "./connect";
import { browser } from "./platform/browser";
import type { ConnectOptions } from "./settings";

/**
 * Connects to a service: fetches the module, checks its SHA-256 and reads its interface.
 *
 * @example
 * const codec = await connect({ url });
 * const result = await codec.someFunction(file, { someOption: 1 }, { signal });
 * @throws CodecError `unreachable`, `bad_answer` or `bad_module`.
 */
export function connect(options: ConnectOptions = {}): Promise<Codec> {
  return connectOn(browser, options);
}

export * from "./exports";

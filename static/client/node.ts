/** Eitherside's client for Node 20 and later: the same as for browsers, with threads for workers. */
import { type Codec, connectOn } from "./connect";
import type { Functions } from "./generated";
import { node } from "./platform/node";
import type { ConnectOptions } from "./settings";

/** Connects to a service; as in a browser, but that there is no page whose address could stand for `url`. */
export function connect<F = Functions>(options: ConnectOptions = {}): Promise<Codec<F>> {
  return connectOn<F>(node, options);
}

export * from "./exports";

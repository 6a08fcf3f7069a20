/// <reference lib="esnext.disposable" preserve="true" />
import type { Calls } from "./calls";
import { disposing } from "./disposing";
import { Hub } from "./hub";
import { hostError } from "./errors";
import type { Explanation } from "./explain";
import type { Functions } from "./generated";
import type { Interface } from "./interface";
import { methods, sort } from "./methods";
import { type Service } from "./module";
import type { Platform } from "./platform/platform";
import type { PlannerRecord, ServerLoad } from "./planner/types";
import type { ConnectOptions, PlaceChoice } from "./settings";

/** What the client knows of places by now. */
export interface PlannerState {
  /** What was learned, as it is kept between visits. */
  readonly record: PlannerRecord;
  /** The service's load as it was last told. */
  readonly load: ServerLoad | undefined;
  /** Why the service's module is not the one in use, where it is another one. */
  readonly upgrade: string | undefined;
  /** Forgets what was learned of the module at this service, the kept record too. */
  forget(): Promise<void>;
}

/** What a codec is connected to. The module, its interface and the service's facts may change when the service is upgraded. */
export interface Connection {
  /** The interface, as the module itself tells it. */
  readonly interface: Interface;
  readonly module: { readonly sha256: string; readonly bytes: number; readonly url: string };
  /** Settles when the module is here, which only matters to who has connected early: with a CodecError where it cannot be had. */
  readonly ready: Promise<void>;
  readonly service: Service;
  readonly url: string;
  /**
   * Whether the service was not there at the start, and has not been heard of since: what it said earlier is used, as a service worker
   * keeps it, and calls run here.
   */
  readonly isAway: boolean;
  /** Where calls run that name no place; may be changed at any time. */
  place: PlaceChoice;
  /** Every call as it settles: events `call`, and the last ones in `recent`. */
  readonly calls: Calls;
  readonly planner: PlannerState;
  /** Stops all workers; calls that are running fail with the code `cancelled`. */
  close(): void;
}

/** A method for every function of a module's interface (of the shipped one's, where no other is named), and what it is connected to. `using` closes it. */
export type Codec<F = Functions> = F & Disposable & {
  readonly connection: Connection;
  /** What would be done with a call, and why: takes a function's name and what its method takes, but no streams. */
  explain(fn: keyof F, ...values: unknown[]): Promise<Explanation>;
};

/** Connects on a platform; see `connect` in index.ts. */
export async function connectOn<F = Functions>(platform: Platform, options: ConnectOptions): Promise<Codec<F>> {
  const hub = await Hub.start(platform, serviceUrl(options.url, platform.base), options);
  const made = methods(
    hub.session.loaded.description, (name) => hub.function(name),
    (fn, prepared, settings) => hub.dispatcher.call({ fn, prepared, settings }), (sorted) => hub.dispatcher.open(sorted), options.pushLimit,
  );
  for (const name of ["connection", "explain", "then"]) {
    if (made.has(name)) {
      hub.close();
      throw hostError("bad_module", `the interface has a function "${name}", which a codec cannot have`);
    }
  }
  const explain = async (name: string, ...values: unknown[]): Promise<Explanation> => hub.dispatcher.explain(sort(hub.function(name), values));
  const codec = { ...Object.fromEntries(made), explain, connection: connectionOf(hub) };
  return Object.freeze(disposing(codec, () => hub.close())) as unknown as Codec<F>;
}

function connectionOf(hub: Hub): Connection {
  return {
    get interface() {
      return hub.session.loaded.description;
    },
    get module() {
      const { sha256, bytes, url } = hub.session.loaded;
      return { sha256, bytes, url };
    },
    get ready() {
      return hub.session.loaded.arrival.code.then(() => undefined);
    },
    get service() {
      return hub.session.loaded.service;
    },
    url: hub.url,
    get isAway() {
      return hub.isAway;
    },
    get place() {
      return hub.dispatcher.place;
    },
    set place(place: PlaceChoice) {
      hub.dispatcher.place = place;
    },
    calls: hub.dispatcher.log,
    get planner() {
      return { record: hub.session.planner.record(), load: hub.capacity.latest, upgrade: hub.upgrades.why, forget: () => hub.forget() };
    },
    close: () => hub.close(),
  };
}

function serviceUrl(url: string | URL | undefined, base: string | undefined): string {
  if (url === undefined && base === undefined) throw new TypeError("connect() needs the address of the service: connect({ url })");
  const address = new URL(url ?? ".", base);
  address.hash = address.search = "";
  if (!address.pathname.endsWith("/")) address.pathname += "/";
  return address.href;
}

import { type Codec, connect } from "../client/index";
import { AT_ONCE } from "./limits";

/** Ceiling of the memory of one call. */
const MEMORY = 2 ** 30;
/** Milliseconds without work after which the workers are ended, and those until a service that failed is asked again. */
const IDLE = 20_000;
const AGAIN = 5000;

interface Shared {
  codec: Promise<Codec>;
  users: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The page's connections: one for each service, shared by all images, and ended when they have nothing to decode. */
class Codecs {
  private readonly open = new Map<string, Shared>();

  /** @throws CodecError what connecting fails with, or what `work` does. */
  async use<T>(service: string, worker: string | undefined, work: (codec: Codec) => Promise<T>): Promise<T> {
    const shared = this.open.get(service) ?? this.start(service, worker);
    shared.users += 1;
    clearTimeout(shared.timer);
    try {
      return await work(await shared.codec);
    } finally {
      shared.users -= 1;
      if (shared.users === 0) shared.timer = setTimeout(() => this.end(service, shared), IDLE);
    }
  }

  private start(service: string, worker: string | undefined): Shared {
    // What one page learns of places is of no use here, and a guest keeps nothing in its host's storage.
    const nothing = { load: () => Promise.resolve(undefined), save: () => Promise.resolve(), remove: () => Promise.resolve() };
    const codec = connect({ url: service, worker, place: "local", early: true, probe: false, store: nothing, workers: 1, streams: AT_ONCE, memoryLimit: MEMORY });
    const shared: Shared = { codec, users: 0, timer: undefined };
    this.open.set(service, shared);
    codec.catch(() => setTimeout(() => this.open.delete(service), AGAIN));
    return shared;
  }

  private end(service: string, shared: Shared): void {
    if (this.open.get(service) === shared) this.open.delete(service);
    shared.codec.then((codec) => codec.connection.close(), () => undefined);
  }
}

export const codecs = new Codecs();

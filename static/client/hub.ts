import { Capacity } from "./capacity";
import { Dispatcher } from "./dispatcher";
import { type CodecError, hostError } from "./errors";
import type { FunctionDescription } from "./interface";
import { Learning } from "./learning";
import { load, type Fetched } from "./module";
import { Natives } from "./natives";
import { Placement } from "./placement";
import type { Platform } from "./platform/platform";
import type { Priors } from "./planner/types";
import { probe } from "./probe";
import { Session } from "./session";
import { type ConnectOptions, type Settings, settingsOf } from "./settings";
import type { Store } from "./store";
import { Upgrades } from "./upgrades";

/** Everything that a connection consists of, wired together; there is nothing global beside it. */
export class Hub {
  readonly capacity: Capacity;
  readonly dispatcher: Dispatcher;
  readonly upgrades: Upgrades;
  session: Session;
  private readonly natives = new Natives();
  private readonly lifetime: AbortController;
  private readonly unwatch: () => void;
  private priors: Priors = {};
  private away: boolean;

  /** @throws CodecError `unreachable`, `bad_answer`, `bad_module` or `cancelled`. */
  static async start(platform: Platform, url: string, options: ConnectOptions): Promise<Hub> {
    const settings = settingsOf(options, platform.cores);
    const store = options.store ?? platform.store();
    const lifetime = new AbortController();
    const stop = (): void => lifetime.abort(options.signal?.reason);
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener("abort", stop);
    try {
      const { early, sharedMemory } = settings;
      const fetched = await load(url, { patience: patienceOf(settings), signal: lifetime.signal, early, sharedMemory });
      const learning = await Learning.start(store, fetched.sha256, url, settings.planner);
      const worker = options.worker === undefined ? undefined : new URL(options.worker, platform.base).href;
      return new Hub(platform, url, settings, store, worker, { fetched, learning, lifetime });
    } finally {
      options.signal?.removeEventListener("abort", stop);
    }
  }

  private constructor(
    private readonly platform: Platform,
    readonly url: string,
    private readonly settings: Settings,
    private readonly store: Store,
    private readonly worker: string | undefined,
    first: { fetched: Fetched; learning: Learning; lifetime: AbortController },
  ) {
    this.lifetime = first.lifetime;
    this.away = first.fetched.isKept;
    this.session = this.open(first);
    this.capacity = new Capacity(url, patienceOf(settings), {
      load: (told) => {
        this.away = false;
        this.session.planner.serverLoad(told);
      },
      exchange: (told) => this.session.planner.exchange(told),
      module: (sha256) => this.upgrades.heard(sha256),
    });
    this.upgrades = new Upgrades(this.session, {
      follows: settings.onupgrade === "follow",
      load: () => this.reload(),
      use: (next) => this.use(next),
    });
    this.dispatcher = this.dispatch();
    this.unwatch = platform.watch({ hidden: () => this.hide(), online: (isOnline) => this.online(isOnline), priors: (told) => this.surrounded(told) });
    this.begin(first.learning);
  }

  /** Whether the service was not there at the start, and has not been heard of since. */
  get isAway(): boolean {
    return this.away;
  }

  /** @throws TypeError where the interface has no such function. */
  function(name: string): FunctionDescription {
    const fn = this.session.functions.get(name);
    if (!fn) throw new TypeError(`there is no function ${JSON.stringify(name)}`);
    return fn;
  }

  close(): void {
    const reason = hostError("cancelled", "the codec was closed");
    this.lifetime.abort();
    this.unwatch();
    void this.session.learning.save();
    this.dispatcher.close(reason);
    this.session.close(reason);
  }

  /** Forgets what was learned of this module at this service, here and in the store. */
  async forget(): Promise<void> {
    const { session } = this;
    await session.learning.forget();
    session.planner.priors(this.priors);
    this.capacity.forget();
    void this.capacity.refresh(this.lifetime.signal);
    if (this.settings.probe) void this.probe(session);
  }

  private dispatch(): Dispatcher {
    const { settings, capacity, natives, platform, url } = this;
    const isOther = (session: Session): boolean => this.upgrades.isOther(session);
    return new Dispatcher({
      placement: new Placement({ settings, capacity, natives, isOther, isAway: () => this.isAway, lifetime: this.lifetime.signal }),
      natives,
      place: settings.place,
      hasPictures: platform.hasPictures,
      pushLimit: settings.pushLimit,
      current: () => this.session,
      follow: () => this.upgrades.follow(),
      // Another origin must allow these headers, which it does if it knows them.
      isPinned: () => !platform.isCrossOrigin(url) || capacity.isKnown === true,
      onnote: ({ load: text, module }) => {
        if (text !== undefined) capacity.header(text);
        if (module !== undefined) this.upgrades.heard(module);
      },
    });
  }

  private open({ fetched, learning }: { fetched: Fetched; learning: Learning }): Session {
    const session = new Session(fetched, this.url, learning, this.settings, this.platform, this.worker);
    const tell = (): void => {
      for (const each of fetched.exchanges.splice(0)) session.planner.exchange(each);
    };
    tell();
    void fetched.arrival.code.then(tell, tell);
    return session;
  }

  private begin(learning: Learning): void {
    this.session.warm();
    // Who calls here alone need not know how the service is, nor be allowed to.
    if (this.settings.place !== "local") void this.capacity.refresh(this.lifetime.signal);
    if (this.settings.probe && !learning.isKnown) void this.probe(this.session);
  }

  private async probe(session: Session): Promise<void> {
    const isHere = await session.loaded.arrival.code.then(() => true, () => false);
    if (!isHere || this.lifetime.signal.aborted) return;
    const found = await probe(session, this.lifetime.signal);
    if (found) session.planner.probe("local", found.ms, found.work);
  }

  private async reload(): Promise<Session> {
    const fetched = await load(this.url, { patience: patienceOf(this.settings), signal: this.lifetime.signal, sharedMemory: this.settings.sharedMemory });
    const learning = await Learning.start(this.store, fetched.sha256, this.url, this.settings.planner);
    return this.open({ fetched, learning });
  }

  private use(next: Session): void {
    void this.session.learning.save();
    this.session = next;
    this.surrounded(this.priors);
    this.capacity.forget();
    this.begin(next.learning);
  }

  private surrounded(priors: Priors): void {
    this.priors = { ...priors, loopback: isLoopback(this.url), moduleBytes: this.session.loaded.bytes };
    this.session.planner.priors(this.priors);
  }

  private online(isOnline: boolean): void {
    if (!isOnline) return;
    this.capacity.forget();
    void this.capacity.refresh(this.lifetime.signal);
  }

  /** The page goes away: nothing may run on, and should it come back from the browser's cache, everything starts anew. */
  private hide(): void {
    const reason: CodecError = hostError("cancelled", "the page was left");
    this.dispatcher.stop(reason);
    this.session.clear(reason);
    void this.session.learning.save();
  }
}

function patienceOf({ silenceLimit }: Settings): { answerLimit: number; silenceLimit: number } {
  return { answerLimit: silenceLimit, silenceLimit };
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname) || hostname.endsWith(".localhost");
}

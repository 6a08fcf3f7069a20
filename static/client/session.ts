import { CodecError, hostError, messageOf } from "./errors";
import { Helpers } from "./helpers";
import type { FunctionDescription } from "./interface";
import type { Learning } from "./learning";
import type { Line } from "./line";
import type { Fetched } from "./module";
import type { PlannerLike } from "./planner/types";
import type { Platform, StartWorker, WorkerHandle } from "./platform/platform";
import { type Done, Pool, type PoolOptions, type Task } from "./pool";
import type { Place, Setup } from "./protocol";
import type { Settings } from "./settings";

/** Browsers open six connections to a host; some are left for the page. */
const CONNECTIONS = 4;

/** One module, and the workers that run it: a codec has one, and for a while two after its service was upgraded. */
export class Session {
  readonly functions: ReadonlyMap<string, FunctionDescription>;
  readonly pools: Readonly<Record<Place, Pool>>;
  /** Workers that pushed calls have for themselves: a call that is made meanwhile never waits for the end of one. */
  readonly streaming: Pool;
  /** Looks at files' first bytes, beside the pool that long calls wait in. */
  readonly measuring: Pool;
  /** What helps with calls that run here. */
  private readonly helpers: Helpers;
  private running = 0;
  private isRetired = false;

  constructor(
    readonly loaded: Fetched,
    readonly url: string,
    /** What was learned of calls with this module. */
    readonly learning: Learning,
    settings: Settings,
    platform: Platform,
    /** Address of the worker's script, where it is not the library's own. */
    worker: string | undefined,
  ) {
    this.functions = new Map(loaded.description.functions.map((fn) => [fn.name, fn]));
    const setup = setupOf(loaded, url, settings, platform.sharesMemory);
    const limits = { start: settings.startLimit, compute: settings.computeLimit };
    const start: StartWorker = (events) => platform.startWorker(setup, limits, events, worker);
    const equipped: StartWorker = (events) => equip(start(events), loaded);
    const { queueLimit } = settings;
    const pool = (size: number, more: Pick<PoolOptions, "start" | "helpers">): Pool => new Pool({ size, queueLimit, ...more });
    this.helpers = new Helpers({ threads: () => (platform.sharesMemory && isHelped(loaded) ? settings.threads : 1), start: equipped });
    const local = { start: equipped, helpers: this.helpers };
    // Calls on the service wait for the network, not for a core.
    this.pools = { native: pool(settings.workers, { start }), local: pool(settings.workers, local), server: pool(CONNECTIONS, { start }) };
    this.measuring = pool(1, { start: equipped });
    this.streaming = pool(settings.streams, local);
  }

  get planner(): PlannerLike {
    return this.learning.planner;
  }

  get sha256(): string {
    return this.loaded.sha256;
  }

  /** A limit that the service tells of itself, where it is a number. */
  limit(name: string): number | undefined {
    const value = this.loaded.service.limits[name];
    return typeof value === "number" ? value : undefined;
  }

  /** @throws CodecError see {@link Pool.run}. */
  async run(place: Place, task: Task): Promise<Done> {
    this.running += 1;
    try {
      return await this.pools[place].run(task);
    } finally {
      this.learning.changed();
      this.left();
    }
  }

  /** Gives a pushed call a worker. */
  open(task: Task): Line {
    this.running += 1;
    const line = this.streaming.open(task);
    const end = (): void => this.left();
    if (line.over.aborted) end();
    else line.over.addEventListener("abort", end);
    return line;
  }

  /** Starts what the first calls would have to wait for. */
  warm(): void {
    this.pools.local.warm();
    if (this.loaded.description.functions.some(({ cost }) => cost.measure)) this.measuring.warm();
  }

  /** Ends the workers as soon as the calls that run have settled. */
  retire(): void {
    this.isRetired = true;
    if (this.running === 0) this.close(hostError("cancelled", "the module was replaced"));
  }

  /** Fails all calls; later ones get new workers. */
  clear(reason: CodecError): void {
    for (const pool of this.all) pool.clear(reason);
    this.helpers.clear();
  }

  /** Fails all calls, for good. */
  close(reason: CodecError): void {
    this.learning.end();
    for (const pool of this.all) pool.close(reason);
    this.helpers.close();
  }

  private left(): void {
    this.running -= 1;
    if (this.isRetired && this.running === 0) this.close(hostError("cancelled", "the module was replaced"));
  }

  private get all(): Pool[] {
    return [...Object.values(this.pools), this.measuring, this.streaming];
  }
}

function isHelped({ arrival: { settled } }: Fetched): boolean {
  return settled !== undefined && !(settled instanceof CodecError) && settled.isHelped;
}

/** Gives a worker the module, as soon as it is here. */
function equip(handle: WorkerHandle, { arrival }: Fetched): WorkerHandle {
  arrival.code.then(
    (code) => handle.post({ type: "code", code }, []),
    (error: unknown) => handle.post({ type: "failed", error: error instanceof CodecError ? error.fields : hostError("internal", messageOf(error)).fields }, []),
  );
  return handle;
}

function setupOf(loaded: Fetched, url: string, settings: Settings, shares: boolean): Setup {
  const limit = (name: string): number => {
    const value = loaded.service.limits[name];
    return typeof value === "number" ? value * 1000 : 0;
  };
  return {
    type: "setup",
    description: loaded.description,
    sha256: loaded.sha256,
    moduleUrl: loaded.url,
    shares,
    url,
    memoryLimit: settings.memoryLimit,
    keepLimit: settings.keepLimit,
    silenceLimit: settings.silenceLimit,
    // The service is silent while a call waits and runs.
    answerLimit: settings.silenceLimit + limit("time_limit") + limit("queue_time"),
  };
}

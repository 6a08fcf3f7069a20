import { parseRecord, Planner, recordKey, type PlannerRecord, type PlannerSettings } from "./planner/index";
import type { Store } from "./store";

const DELAY = 5000;
/** Records that are kept, those of the modules and services that were used last. */
const KEPT = 8;
/** A store that does not answer is none: a database may be held by another tab for ever. */
const PATIENCE = 1000;
const INDEX = "eitherside:planner:index";

/** What the planner has learned of one module at one service, kept between visits. A store that fails is no store. */
export class Learning {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  private constructor(
    private current: Planner,
    private readonly store: Store,
    private readonly key: string,
    /** Whether there was something to remember. */
    readonly isKnown: boolean,
    private readonly anew: () => Planner,
  ) {}

  static async start(store: Store, module: string, service: string, settings: Partial<PlannerSettings>): Promise<Learning> {
    const key = recordKey(module, service);
    const now = (): number => performance.timeOrigin + performance.now();
    const made = (record: PlannerRecord | undefined): Planner =>
      new Planner({ surroundings: { now, random: Math.random }, module, service, settings, record });
    const record = await read(store, key, module, service, now());
    return new Learning(made(record), store, key, record !== undefined, () => made(undefined));
  }

  get planner(): Planner {
    return this.current;
  }

  /** Begins anew, and removes what was kept; calls under way teach the planner that is gone. */
  async forget(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.current = this.anew();
    // A store that fails kept nothing that could be removed.
    await Promise.race([this.store.remove(this.key), after(PATIENCE)]).catch(() => undefined);
  }

  /** Something was learned: it is saved in a while. */
  changed(): void {
    if (this.timer !== undefined || this.isOver) return;
    this.timer = setTimeout(() => void this.save(), DELAY);
    // Node would wait for it.
    (this.timer as { unref?: () => void }).unref?.();
  }

  /** Nothing more is saved by itself. */
  end(): void {
    clearTimeout(this.timer);
    this.isOver = true;
  }

  /** Saves it now; never throws. */
  async save(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      await this.store.save(this.key, JSON.stringify(this.planner.record()));
      await this.prune();
    } catch {
      // A full or forbidden store: nothing is kept.
    }
  }

  private async prune(): Promise<void> {
    const listed: unknown = JSON.parse((await this.store.load(INDEX)) ?? "[]");
    const others = (Array.isArray(listed) ? listed : []).filter((each): each is string => typeof each === "string" && each !== this.key);
    const all = [this.key, ...others];
    await this.store.save(INDEX, JSON.stringify(all.slice(0, KEPT)));
    for (const key of all.slice(KEPT)) await this.store.remove(key);
  }
}

async function read(store: Store, key: string, module: string, service: string, now: number): Promise<PlannerRecord | undefined> {
  try {
    const text = await Promise.race([store.load(key), after(PATIENCE)]);
    return text === undefined ? undefined : parseRecord(JSON.parse(text), module, service, now);
  } catch {
    return undefined;
  }
}

function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}

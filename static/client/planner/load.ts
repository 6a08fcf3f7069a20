import type { ServerLoad } from "./types";

/** Milliseconds after which half of what was special about the last report is forgotten. */
const HALF = 5000;
/** And of what its reports said on average. */
const HALF_OF_MEAN = 300_000;
const WEIGHT = 0.2;

/** What others make this client wait on the server: the published wait without the part that its own calls cause. */
export class Load {
  private mean = 0;
  private last = 0;
  private at: number | undefined;
  threads: number | undefined;

  constructor(private readonly now: () => number) {}

  /** @param own what the client's own calls on the server make the next one wait, as the planner knows it. */
  report({ wait, threads }: Pick<ServerLoad, "wait" | "threads">, own: number): void {
    if (Number.isFinite(threads) && threads >= 1) this.threads = threads;
    if (!Number.isFinite(wait) || wait < 0) return;
    this.observe(Math.max(0, wait - own));
  }

  /** What a call waited longer than its own client's other calls explain; counts only where no report came lately. */
  waited(others: number): void {
    if (this.at === undefined || this.now() - this.at > HALF) this.observe(Math.max(0, others));
  }

  /** Expected milliseconds of waiting for others. */
  wait(): number {
    if (this.at === undefined) return 0;
    const age = Math.max(0, this.now() - this.at);
    const mean = this.mean * Math.exp((-Math.LN2 * age) / HALF_OF_MEAN);
    return mean + (this.last - mean) * Math.exp((-Math.LN2 * age) / HALF);
  }

  private observe(others: number): void {
    this.mean = this.at === undefined ? others : this.mean + WEIGHT * (others - this.mean);
    this.last = others;
    this.at = this.now();
  }
}

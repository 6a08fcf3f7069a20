import type { PlannerSettings, Surroundings } from "./types";

export type BreakerState = "closed" | "open" | "half-open";

/** Keeps calls from a place that fails: closed, open for a while, then half open, when one call tries it. */
export class Breaker {
  private failures = 0;
  private openings = 0;
  private until = 0;
  private isOpen = false;
  private isTried = false;
  private isCut = false;
  private isRefused = false;

  constructor(
    private readonly settings: PlannerSettings["breaker"],
    private readonly surroundings: Surroundings,
  ) {}

  get state(): BreakerState {
    if (this.isCut) return "open";
    if (!this.isOpen) return "closed";
    return this.left() > 0 || this.isTried ? "open" : "half-open";
  }

  /** Milliseconds until it is tried again; undefined where only `reconnect` or a trial under way can tell. */
  get opensIn(): number | undefined {
    return this.isCut || this.isTried ? undefined : Math.max(0, this.left());
  }

  get isOffline(): boolean {
    return this.isCut;
  }

  /** A call goes there. */
  begin(): void {
    if (this.state === "half-open") this.isTried = true;
  }

  success(): void {
    this.failures = 0;
    this.openings = 0;
    this.isOpen = false;
    this.isTried = false;
  }

  failure(): void {
    this.failures += 1;
    if (!this.isOpen && this.failures < this.settings.failures) return;
    // A failure of a call from before it opened says nothing new.
    if (this.isOpen && !this.isTried) return;
    const rest = Math.min(this.settings.longest, this.settings.rest * 2 ** Math.min(this.openings, 30));
    this.openings += 1;
    this.isRefused = false;
    this.open(rest * (1 + 0.2 * this.surroundings.random()));
  }

  /** The place itself asks to be left alone for so long. */
  refuse(ms: number): void {
    this.isRefused = true;
    this.open(Math.max(0, Number.isFinite(ms) ? ms : this.settings.rest));
  }

  /** The place says meanwhile that it has room again: whole seconds of `Retry-After` are coarse. */
  relent(): void {
    if (this.isOpen && this.isRefused) this.until = this.surroundings.now();
  }

  /** A trial ended without telling anything (cancelled, lost the race). */
  undecided(): void {
    this.isTried = false;
  }

  disconnect(): void {
    this.isCut = true;
  }

  /** After being offline the failures of that time mean nothing. */
  reconnect(): void {
    if (this.isCut) this.success();
    this.isCut = false;
  }

  private span = 0;

  private left(): number {
    // A clock that was set back must not keep it open for longer than was meant.
    return Math.min(this.until - this.surroundings.now(), this.span);
  }

  private open(ms: number): void {
    this.isOpen = true;
    this.isTried = false;
    this.span = ms;
    this.until = this.surroundings.now() + ms;
  }
}

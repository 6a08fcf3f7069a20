import type { Rated } from "./estimate";

/** A start is worth it once calls have waited this share of it longer elsewhere than it would have taken warm. */
const SHARE = 0.5;
const LONGEST = 60_000;

/**
 * Whether to start a cold place for the sake of later calls, whose number nobody knows: the ski rental problem. What each call loses
 * because the place is cold is added up; when it comes to a share of the start, the start counts as paid for.
 */
export class Patience {
  private lost = 0;

  /** What of a start is not to be counted. */
  discount(start: number): number {
    return Math.min(start, this.lost / SHARE);
  }

  /** A call went to `chosen`, though `cold` would have been faster had it been warm. */
  missed(chosen: Rated, cold: Rated): void {
    const warm = cold.cost + cold.discount - cold.parts.start;
    this.lost = Math.min(LONGEST, this.lost + Math.max(0, chosen.cost - warm));
  }

  /** The place has been started. */
  started(): void {
    this.lost = 0;
  }
}

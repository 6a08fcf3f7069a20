import type { Place } from "./protocol";

/** One call that has settled, for a plot of predicted against actual time. */
export interface CallPoint {
  function: string;
  kind: string;
  place: Place;
  /** `ok`, or the code of the error. */
  outcome: string;
  /** Milliseconds that the place was expected to take, with the 5th and the 95th percentile. */
  predicted: number;
  low: number;
  high: number;
  /** Milliseconds that it took there. */
  actual: number;
  /** When it settled, as `Date.now()` counts. */
  at: number;
}

const KEPT = 500;

/** The calls of a connection as they settle: each is an event `call`, a CustomEvent whose `detail` is a {@link CallPoint}. */
export class Calls extends EventTarget {
  private readonly points: CallPoint[] = [];

  /** The last calls, oldest first. */
  get recent(): readonly CallPoint[] {
    return this.points;
  }

  /** For the codec itself. */
  add(point: CallPoint): void {
    this.points.push(point);
    if (this.points.length > KEPT) this.points.shift();
    this.dispatchEvent(new CustomEvent("call", { detail: point }));
  }
}

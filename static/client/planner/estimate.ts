import type { Term } from "./coefficient";
import type { Prediction } from "./compute";
import type { Estimate, Parts, PlaceName } from "./types";

/** An estimate, and what only the decision needs to know of it. */
export interface Rated extends Estimate {
  /** Deviation of the logarithm of a single call's time: belief and noise. */
  readonly sigma: number;
  /** Deviation of what is believed, without the noise of a single call: what one more observation would make smaller. */
  readonly unsure: number;
  /** What of a cold start is not counted, see Patience. */
  readonly discount: number;
  /** Unavailable because it lacks memory or refuses the size. */
  readonly isTooSmall: boolean;
  /** The breaker lets one call through to see. */
  readonly isTrial: boolean;
}

/** One part of a prediction with the variances of its logarithm. */
interface Uncertain {
  readonly value: number;
  readonly variance: number;
  readonly noise: number;
}

/** 95 % of a normal distribution lie below so many deviations. */
export const PERCENTILE_95 = 1.6448536269514722;
/** Waiting above this share of the time makes a place a busy one. */
const BUSY = 0.1;
const QUEUE_VARIANCE = 0.3;
const MOST_VARIANCE = 2;

/** The expected value of a logarithmically normal time whose median is given. */
export function mean(median: number, noise: number): number {
  return median * Math.exp(Math.min(noise, MOST_VARIANCE) / 2);
}

/** Adds parts up: total, and the deviations of its logarithm. */
export function addUp(parts: readonly Uncertain[]): { total: number; sigma: number; unsure: number } {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  if (total <= 0) return { total: 0, sigma: 0, unsure: 0 };
  const of = (variance: (part: Uncertain) => number): number => {
    const sum = parts.reduce((all, part) => all + part.value * part.value * (Math.exp(Math.min(variance(part), MOST_VARIANCE)) - 1), 0);
    return Math.sqrt(Math.log(1 + sum / (total * total)));
  };
  return { total, sigma: of(({ variance, noise }) => variance + noise), unsure: of(({ variance }) => variance) };
}

/** The parts of a call at a place with their variances, to `addUp`. */
export function uncertain(
  parts: Parts,
  link: { readonly roundTrip: number; readonly up: number; readonly down: number; readonly noise: number },
  compute: Pick<Prediction, "variance" | "noise">,
  startVariance: number,
): Uncertain[] {
  return [
    { value: parts.queue, variance: 0, noise: QUEUE_VARIANCE },
    { value: parts.start, variance: startVariance, noise: 0 },
    { value: parts.roundTrip, variance: link.roundTrip, noise: link.noise },
    { value: parts.up, variance: link.up, noise: link.noise },
    { value: parts.compute, variance: compute.variance, noise: compute.noise },
    { value: parts.down, variance: link.down, noise: link.noise },
  ];
}

/** Terms of a whole call's time, where only that is known: each part's own, by its share of the total. */
export function shared(total: number, shares: readonly { readonly value: number; readonly terms: readonly Term[] }[]): Term[] {
  return shares.flatMap(({ value, terms }) => terms.map(({ key, sensitivity }) => ({ key, sensitivity: (sensitivity * value) / total })));
}

/** Deviations between the expected time and the deadline: the larger, the likelier it is made. */
export function margin(estimate: Rated, deadline: number): number {
  if (deadline <= 0 || estimate.expected <= 0) return deadline > estimate.expected ? Number.MAX_VALUE : -Number.MAX_VALUE;
  return Math.log(deadline / estimate.expected) / Math.max(estimate.sigma, 1e-3);
}

/** Whether a good part of the time is waiting for a worker or its start. */
export function isBusy({ parts, expected }: Estimate): boolean {
  return parts.queue + parts.start > BUSY * expected;
}

export function byCost(estimates: readonly Rated[]): Rated[] {
  return [...estimates].sort((a, b) => a.cost - b.cost);
}

export const NOTHING: Parts = { queue: 0, start: 0, roundTrip: 0, up: 0, compute: 0, down: 0 };

export function sumOf({ queue, start, roundTrip, up, compute, down }: Parts): number {
  return queue + start + roundTrip + up + compute + down;
}

export function unavailable(place: PlaceName, why: string, isTooSmall: boolean, samples: number): Rated {
  const nothing = { expected: 0, low: 0, high: 0, penalty: 0, cost: 0, discount: 0, sigma: 0, unsure: 0 };
  return { place, available: false, why, ...nothing, parts: NOTHING, samples, isTooSmall, isTrial: false };
}

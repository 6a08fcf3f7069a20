import { natureOf, type Nature } from "./nature";
import type { CoefficientRecord } from "./types";

/**
 * A learned quantity as a normal distribution of its logarithm: what it is believed to be, how unsure that is, how many observations
 * that rests on (decayed), and when the last one was.
 */
export interface Coefficient {
  readonly mean: number;
  readonly variance: number;
  readonly samples: number;
  readonly at: number;
}

/** A coefficient's part in a prediction: d ln(prediction) / d coefficient. */
export interface Term {
  readonly key: string;
  readonly sensitivity: number;
}

/** An innovation beyond so many deviations counts as an outlier and no further; two in a row on one side count as a change. */
const OUTLIER = 2;
const MOST_WIDENING = 25;
/** How quickly old observations stop counting towards `samples`. */
const FORGETTING = 0.95;
/** Of a logarithm: beyond that nothing was measured. */
const LARGEST = 40;
const MOST_COEFFICIENTS = 2048;

/** All coefficients by key; the first word of a key names its nature. */
export class Book {
  private readonly known = new Map<string, Coefficient>();
  private readonly priors = new Map<string, { mean: number; variance: number }>();
  private readonly surprises = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** What is believed now: uncertainty grows with the time since the last observation, up to that of knowing nothing. */
  get(key: string): Coefficient {
    const nature = natureOf(key);
    const known = this.known.get(key);
    if (known === undefined) return this.unobserved(key, nature);
    const seconds = Math.max(0, this.now() - known.at) / 1000;
    const most = Math.max(nature.variance, known.variance);
    return { ...known, variance: Math.min(most, known.variance + nature.drift * seconds) };
  }

  /** Sets what is believed before any observation; one that exists keeps counting. */
  assume(key: string, mean: number, variance: number = natureOf(key).variance): void {
    this.priors.set(key, { mean, variance });
  }

  /** Whether anything was observed. */
  has(key: string): boolean {
    return this.known.has(key);
  }

  /** Makes an observed coefficient unsure again, where it is known that its surroundings have changed. */
  doubt(key: string): void {
    const known = this.known.get(key);
    if (known !== undefined) this.known.set(key, { ...known, variance: Math.max(known.variance, natureOf(key).variance / 2) });
  }

  /** Variance of the logarithm of a prediction that is made of these terms, without the noise of a single call. */
  variance(terms: readonly Term[]): number {
    return terms.reduce((sum, { key, sensitivity }) => sum + sensitivity * sensitivity * this.get(key).variance, 0);
  }

  /**
   * Learns from one observation. Each term takes its share of the innovation (ln observed − ln predicted), in proportion to how unsure
   * it is: an extended Kalman filter with a diagonal covariance. A part that is well known keeps still; nothing ever freezes, because
   * every observation leaves `step` of variance behind.
   *
   * @param noise variance of the logarithm of a single call.
   * @param source observations of one source that are outliers on the same side twice in a row widen their terms first.
   * @returns what the noise of a single call should be learned from: how far the innovation, squared, exceeds what not knowing the terms
   *   explains. Undefined where it was a change, not noise.
   */
  learn(terms: readonly Term[], innovation: number, noise: number, source: string): number | undefined {
    const before = terms.map((term) => ({ ...term, ...this.get(term.key), nature: natureOf(term.key) }));
    const variance = this.variance(terms);
    const widening = this.widening(innovation, variance + noise, source);
    const total = variance * widening + noise;
    const most = OUTLIER * Math.sqrt(total);
    const limited = Math.min(most, Math.max(-most, innovation));
    for (const { key, sensitivity, mean, variance: own, samples, nature } of before) {
      const gain = (own * widening * sensitivity) / total;
      this.known.delete(key); // so that the order of the map is that of the last observations
      this.known.set(key, {
        mean: Math.min(LARGEST, Math.max(-LARGEST, mean + gain * limited)),
        variance: Math.min(nature.variance, own * widening * (1 - gain * sensitivity)) + nature.step,
        samples: samples * FORGETTING + Math.abs(sensitivity),
        at: this.now(),
      });
    }
    this.forget();
    // An outlier is not to make every later one look ordinary.
    return widening > 1 ? undefined : Math.min(4 * noise, Math.max(0, innovation * innovation - variance));
  }

  /** Decayed mean of a quantity itself, not of its logarithm (squared deviations, shares). */
  average(key: string, value: number, weight: number): void {
    const { mean, variance, samples } = this.get(key);
    const gain = Math.max(weight, 1 / (samples + 4));
    this.known.delete(key);
    this.known.set(key, { mean: mean + gain * (value - mean), variance, samples: samples * FORGETTING + 1, at: this.now() });
    this.forget();
  }

  entries(): [string, CoefficientRecord][] {
    return [...this.known].map(([key, { mean, variance, samples, at }]) => [key, [mean, variance, samples, at]]);
  }

  restore(entries: Iterable<[string, CoefficientRecord]>): void {
    for (const [key, [mean, variance, samples, at]] of entries) this.known.set(key, { mean, variance, samples, at });
    this.forget();
  }

  private unobserved(key: string, nature: Nature): Coefficient {
    const prior = this.priors.get(key);
    return { mean: prior?.mean ?? nature.mean, variance: prior?.variance ?? nature.variance, samples: 0, at: this.now() };
  }

  private widening(innovation: number, variance: number, source: string): number {
    const side = Math.abs(innovation) > OUTLIER * Math.sqrt(variance) ? Math.sign(innovation) : 0;
    const again = side !== 0 && this.surprises.get(source) === side;
    this.surprises.set(source, side);
    return again ? Math.min(MOST_WIDENING, (innovation * innovation) / variance) : 1;
  }

  private forget(): void {
    for (const key of this.known.keys()) {
      if (this.known.size <= MOST_COEFFICIENTS) return;
      this.known.delete(key);
    }
  }
}

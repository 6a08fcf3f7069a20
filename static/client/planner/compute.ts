import type { Book, Term } from "./coefficient";
import type { Job, PlaceName } from "./types";

/** Milliseconds, and how unsure they are: `variance` of the belief, `noise` of a single call; both of the logarithm. */
export interface Prediction {
  readonly value: number;
  readonly terms: readonly Term[];
  readonly variance: number;
  readonly noise: number;
}

/** Below this a time is mostly the clock's grain and the cost of any call at all. */
export const GRAIN = 0.3;
/** The least weight of an observation in the deviation of single calls. */
const NOISE_WEIGHT = 0.08;
const LEAST_NOISE = 0.0025;
/** The browser's own decoder is taken for twice as fast as the module until it has been seen. */
const NATIVE_AHEAD = Math.log(2);
const NATIVE_VARIANCE = 0.16;

/** How long computing takes at a place: the sum of the logarithms of the job's size and of what is learned of place, function and kind. */
export class Compute {
  constructor(private readonly book: Book) {}

  predict(place: PlaceName, job: Job): Prediction {
    this.relate(place);
    const keys = this.keys(place, job);
    const size = Math.max(job.work ?? job.bytesIn + 1000, 0.01);
    const value = size * Math.exp(keys.reduce((sum, key) => sum + this.book.get(key).mean, 0));
    const terms = keys.map((key) => ({ key, sensitivity: value / (value + GRAIN) }));
    return { value, terms, variance: this.book.variance(terms), noise: this.noise(place, job) };
  }

  learn(place: PlaceName, job: Job, actual: number): void {
    const { value, terms, noise } = this.predict(place, job);
    const excess = this.book.learn(terms, Math.log((actual + GRAIN) / (value + GRAIN)), noise, `compute:${place}`);
    if (excess !== undefined) this.book.average(noiseKey(place, job), excess, NOISE_WEIGHT);
  }

  private noise(place: PlaceName, job: Job): number {
    return Math.max(LEAST_NOISE, this.book.get(noiseKey(place, job)).mean);
  }

  /** Calls of this kind that the place has answered. */
  samples(place: PlaceName, job: Job): number {
    return this.book.get(kindKey(place, job)).samples;
  }

  private keys(place: PlaceName, job: Job): string[] {
    const keys = [`machine:${place}`, `function:${place}:${job.function}`, kindKey(place, job)];
    if (job.work === undefined) keys.push("bytes", `bytes_function:${job.function}`, `bytes_kind:${job.function}:${job.kind}`);
    else if (place !== "native") keys.push(`formula:${job.function}:${job.kind}`);
    return keys;
  }

  private relate(place: PlaceName): void {
    if (place !== "native" || this.book.has("machine:native")) return;
    const local = this.book.get("machine:local");
    this.book.assume("machine:native", local.mean - NATIVE_AHEAD, local.variance + NATIVE_VARIANCE);
  }
}

function kindKey(place: PlaceName, job: Job): string {
  return `kind:${place}:${job.function}:${job.kind}`;
}

function noiseKey(place: PlaceName, job: Job): string {
  return `noise:${place}:${job.function}:${job.kind}`;
}

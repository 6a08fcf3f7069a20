import type { Book, Term } from "./coefficient";
import { GRAIN } from "./compute";
import type { Observation, PlaceName } from "./types";

/** The three parts of a transfer, and bytes that the link carries for other calls meanwhile. */
export interface Transfer {
  readonly roundTrip: number;
  readonly up: number;
  readonly down: number;
}

const NOISE_WEIGHT = 0.08;
const LEAST_NOISE = 0.0025;

/** The way to a place and back: a round trip, and milliseconds per byte each way. Within a page it is the copy to the worker. */
export class Link {
  private readonly rtt: string;
  private readonly up: string;
  private readonly down: string;
  private readonly noiseKey: string;

  constructor(
    private readonly book: Book,
    readonly place: PlaceName,
  ) {
    this.rtt = `rtt:${place}`;
    this.up = `up:${place}`;
    this.down = `down:${place}`;
    this.noiseKey = `linknoise:${place}`;
  }

  predict(bytesUp: number, bytesDown: number): Transfer {
    return {
      roundTrip: Math.exp(this.book.get(this.rtt).mean),
      up: bytesUp * Math.exp(this.book.get(this.up).mean),
      down: bytesDown * Math.exp(this.book.get(this.down).mean),
    };
  }

  /** Variances of the parts' logarithms: of the belief. */
  variances(): Transfer {
    const of = (key: string): number => this.book.get(key).variance;
    return { roundTrip: of(this.rtt), up: of(this.up), down: of(this.down) };
  }

  noise(): number {
    return Math.max(LEAST_NOISE, this.book.get(this.noiseKey).mean);
  }

  /** Learns from a transfer that was expected to take `expected`, other calls on the link included. */
  learn(expected: Transfer, { transfer, download }: Pick<Observation, "transfer" | "download">): void {
    if (transfer === undefined) return;
    if (download === undefined) {
      this.assimilate(transfer, expected);
    } else {
      this.assimilate(transfer - download, { ...expected, down: 0 });
      this.assimilate(download, { roundTrip: 0, up: 0, down: expected.down });
    }
  }

  /** The connection is another one now. */
  doubt(): void {
    for (const key of [this.rtt, this.up, this.down]) this.book.doubt(key);
  }

  /** Takes a hint for one part: an observation that may be off by a factor of two. */
  hint(part: "rtt" | "up" | "down", value: number): void {
    const key = this[part];
    if (!this.book.has(key)) this.book.assume(key, Math.log(value), 0.7 * 0.7);
    else this.book.learn([{ key, sensitivity: 1 }], Math.log(value) - this.book.get(key).mean, 0.64, `hint:${key}`);
  }

  private assimilate(actual: number, parts: Transfer): void {
    const expected = parts.roundTrip + parts.up + parts.down;
    if (expected <= 0) return;
    const share = (part: number): number => part / (expected + GRAIN);
    const terms: Term[] = [
      { key: this.rtt, sensitivity: share(parts.roundTrip) },
      { key: this.up, sensitivity: share(parts.up) },
      { key: this.down, sensitivity: share(parts.down) },
    ].filter(({ sensitivity }) => sensitivity > 0.01);
    if (terms.length === 0) return;
    const innovation = Math.log((Math.max(0, actual) + GRAIN) / (expected + GRAIN));
    const excess = this.book.learn(terms, innovation, this.noise(), `link:${this.place}`);
    if (excess !== undefined) this.book.average(this.noiseKey, excess, NOISE_WEIGHT);
  }
}

import type { Job, PlaceName, PlaceState } from "./types";
import { size } from "./wording";

/** Milliseconds for which a place that ran out of memory is not given calls as large. */
const REMEMBERED = 600_000;

/** Whether a call fits a place: by the limits that the place tells, and by what has failed there. */
export class Room {
  private readonly ceilings = new Map<PlaceName, { memory: number; bytes: number; at: number }>();

  constructor(private readonly now: () => number) {}

  /** A clause that says why it does not fit; undefined where it does. */
  lack(place: PlaceName, job: Job, { bodyLimit, memoryLimit }: PlaceState): string | undefined {
    if (bodyLimit !== undefined && job.bytesIn > bodyLimit) return `takes at most ${size(bodyLimit)}, not ${size(job.bytesIn)}`;
    if (memoryLimit !== undefined && job.memory !== undefined && job.memory > memoryLimit) {
      return `has ${size(memoryLimit)} of memory for a call, this one needs about ${size(job.memory)}`;
    }
    const ceiling = this.ceilings.get(place);
    if (ceiling === undefined || this.now() - ceiling.at > REMEMBERED) return undefined;
    const isAsLarge = job.memory === undefined ? job.bytesIn >= ceiling.bytes : job.memory >= ceiling.memory;
    return isAsLarge ? "had not enough memory for a call of this size" : undefined;
  }

  /** A call did not fit after all. */
  exceeded(place: PlaceName, job: Job): void {
    const known = this.ceilings.get(place);
    const still = known !== undefined && this.now() - known.at <= REMEMBERED ? known : undefined;
    this.ceilings.set(place, {
      memory: Math.min(job.memory ?? Number.POSITIVE_INFINITY, still?.memory ?? Number.POSITIVE_INFINITY),
      bytes: Math.min(job.bytesIn, still?.bytes ?? Number.POSITIVE_INFINITY),
      at: this.now(),
    });
  }
}

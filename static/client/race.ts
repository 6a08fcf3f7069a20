import { type CodecError, hostError } from "./errors";
import type { Place } from "./protocol";

/** How one call goes through its places. */
export interface Course<T> {
  /** The place to begin with, then those to fall back to. */
  order: readonly Place[];
  /** Where to start a second time, after so many milliseconds without an answer. */
  hedge: { place: Place; after: number } | undefined;
  /** Asked when that time has come. */
  mayHedge: () => boolean;
  /** Makes an attempt; the signal stops it. */
  attempt: (place: Place, why: string | undefined, signal: AbortSignal) => Promise<T>;
  /** Whether nothing that another place does can help. */
  isFinal: (error: CodecError, place: Place) => boolean;
  signal: AbortSignal;
}

export interface Winner<T> {
  place: Place;
  value: T;
}

/** Why an attempt is stopped that another one was faster than. */
export const LOST = hostError("cancelled", "another place was faster");

/** Says of a failure that it was the place's alone, not the call's. */
const CIRCUMSTANTIAL = ["unreachable", "over_capacity", "worker_crashed", "other_module", "bad_answer", "cancelled", "unavailable", "not_decoded", "not_allowed"];

/**
 * Tries places until one answers: the next one after a failure, and the hedge's beside the first one when that is slow.
 *
 * @throws CodecError of the attempt that says most: a final one, else the last that was not merely circumstantial.
 */
export function race<T>(course: Course<T>): Promise<Winner<T>> {
  return new Promise((resolve, reject) => {
    new Race(course, resolve, reject).begin();
  });
}

class Race<T> {
  private readonly running = new Map<Place, AbortController>();
  private readonly left: Place[];
  private readonly crashed = new Set<Place>();
  private readonly errors: CodecError[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  constructor(
    private readonly course: Course<T>,
    private readonly resolve: (winner: Winner<T>) => void,
    private readonly reject: (error: CodecError) => void,
  ) {
    this.left = [...course.order];
  }

  begin(): void {
    const { hedge } = this.course;
    this.next(undefined);
    if (hedge && !this.isOver) this.timer = setTimeout(() => this.hedge(hedge.place, hedge.after), hedge.after);
  }

  private next(why: string | undefined): void {
    const place = this.left.shift();
    if (place !== undefined) this.start(place, why);
  }

  private hedge(place: Place, after: number): void {
    const at = this.left.indexOf(place);
    if (this.isOver || at < 0 || !this.course.mayHedge()) return;
    this.left.splice(at, 1);
    this.start(place, `No answer came within ${Math.round(after)} ms, so it was started here as well.`);
  }

  private start(place: Place, why: string | undefined): void {
    const controller = new AbortController();
    const stop = (): void => controller.abort(this.course.signal.reason);
    if (this.course.signal.aborted) stop();
    this.course.signal.addEventListener("abort", stop);
    this.running.set(place, controller);
    this.course
      .attempt(place, why, controller.signal)
      .finally(() => {
        this.running.delete(place);
        this.course.signal.removeEventListener("abort", stop);
      })
      .then(
        (value) => this.won(place, value),
        (error: unknown) => this.lost(place, error as CodecError),
      );
  }

  private won(place: Place, value: T): void {
    if (this.isOver) return;
    this.end();
    this.resolve({ place, value });
  }

  private lost(place: Place, error: CodecError): void {
    if (this.isOver) return;
    this.errors.push(error);
    if (this.course.signal.aborted || this.course.isFinal(error, place)) { this.fail(error); return; }
    this.again(place, error);
    // The other one of a hedged pair still runs.
    if (this.running.size > 0) return;
    if (this.left.length > 0) { this.next(`Before, ${place} failed: ${error.code}.`); return; }
    this.fail(this.errors.findLast(({ code }) => !CIRCUMSTANTIAL.includes(code)) ?? error);
  }

  /** A worker that died may have been unlucky: where no other place is left, the same one has a second chance. */
  private again(place: Place, { code }: CodecError): void {
    if (code !== "worker_crashed" || this.left.length > 0 || this.crashed.has(place)) return;
    this.crashed.add(place);
    this.left.push(place);
  }

  private fail(error: CodecError): void {
    this.end();
    this.reject(error);
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    for (const controller of this.running.values()) controller.abort(LOST);
  }
}

import type { Book, Term } from "./coefficient";
import type { Job } from "./types";

const NOISE = 0.04;

/** How many bytes come out: the interface's prediction, or the bytes that go in, times a learned ratio. */
export class Output {
  constructor(private readonly book: Book) {}

  predict(job: Job): number {
    return base(job) * Math.exp(terms(job).reduce((sum, { key }) => sum + this.book.get(key).mean, 0));
  }

  learn(job: Job, actual: number): void {
    const predicted = this.predict(job);
    if (predicted <= 0) return;
    // One byte beside, so that an empty output is a number, too.
    this.book.learn(terms(job), Math.log((actual + 1) / (predicted + 1)), NOISE, "output");
  }
}

function base(job: Job): number {
  return job.bytesOut ?? job.bytesIn;
}

function terms(job: Job): Term[] {
  const word = job.bytesOut === undefined ? "outin" : "out";
  return [`${word}_function:${job.function}`, `${word}_kind:${job.function}:${job.kind}`].map((key) => ({ key, sensitivity: 1 }));
}

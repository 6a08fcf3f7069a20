import type { FromWorker } from "../protocol";

/** Milliseconds between two pings. */
const INTERVAL = 5000;
/** Pings without an answer after which a worker that does not compute counts as dead. */
const ALLOWED = 3;

/**
 * Learns of a worker's death where no lock tells it: a worker that does not compute must answer pings, and one that computes
 * cannot, so it only has a limit. Ticks are counted, not time: a machine that slept makes no worker dead.
 */
export class Heartbeat {
  private readonly timer: ReturnType<typeof setInterval>;
  private missed = 0;
  private isComputing = false;

  constructor(
    private readonly ping: () => void,
    private readonly dead: (why: string) => void,
    private readonly computeLimit: number,
  ) {
    this.timer = setInterval(() => this.tick(), INTERVAL);
  }

  heard(message: FromWorker): void {
    this.missed = 0;
    if (message.type === "progress") this.isComputing = message.progress.stage === "running";
    else if (message.type === "answer" || message.type === "error") this.isComputing = false;
  }

  end(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    this.missed += 1;
    const allowed = this.isComputing ? Math.ceil(this.computeLimit / INTERVAL) : ALLOWED;
    if (this.missed > allowed) this.dead(`it has said nothing for ${(this.missed - 1) * (INTERVAL / 1000)} s`);
    else if (!this.isComputing) this.ping();
  }
}

/**
 * Learns of a worker's death by the lock that it holds: it is ours as soon as the worker is no more.
 *
 * @returns a function that stops waiting.
 */
export function awaitDeath(lock: string, dead: () => void): () => void {
  const controller = new AbortController();
  navigator.locks.request(lock, { signal: controller.signal }, () => {
    if (!controller.signal.aborted) dead();
  }).catch(() => undefined);
  return () => controller.abort();
}

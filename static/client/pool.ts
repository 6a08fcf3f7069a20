import { CodecError, hostError } from "./errors";
import type { Answer, CallRequest, FromWorker, Progress, ToWorker } from "./protocol";

/** The part of a Worker that the pool needs. */
export type WorkerLike = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror" | "onmessageerror">;

export interface Task {
  request: CallRequest;
  transfer: Transferable[];
  signal: AbortSignal | undefined;
  /** Milliseconds from now until the call is given up. */
  timeLimit: number | undefined;
  onprogress: ((progress: Progress) => void) | undefined;
}

export interface Done {
  answer: Answer;
  /** Milliseconds in the pool's queue. */
  waited: number;
  /** Milliseconds from leaving the queue to the answer. */
  busy: number;
}

export interface PoolOptions {
  /** Most workers at a time. */
  size: number;
  /** Most calls that wait; the next one fails with `over_capacity`. */
  queueLimit: number;
  /** Makes a worker and sets it up. */
  start: () => WorkerLike;
}

interface Job extends Task {
  queuedAt: number;
  startedAt: number;
  settle: (outcome: Answer | CodecError) => void;
}

/**
 * Workers that each run one call at a time, started when they are first needed.
 *
 * Every promise settles: a worker that crashes, and one that is stopped for an abort or a time limit, is thrown away with
 * its call alone; the calls in the queue go on in a new one.
 */
export class Pool {
  private readonly idle: WorkerLike[] = [];
  private readonly running = new Map<WorkerLike, Job>();
  private queue: Job[] = [];
  private closed = false;

  constructor(private readonly options: PoolOptions) {}

  /** @throws CodecError the call's own error, or `cancelled`, `time_limit`, `worker_crashed`, `over_capacity`. */
  run(task: Task): Promise<Done> {
    return new Promise((resolve, reject) => {
      const refusal = this.refusal(task.signal);
      if (refusal) {
        reject(refusal);
        return;
      }
      const job: Job = { ...task, queuedAt: performance.now(), startedAt: 0, settle: () => undefined };
      const onAbort = (): void => this.stop(job, cancelled(task.signal));
      const timer =
        task.timeLimit === undefined
          ? undefined
          : setTimeout(() => this.stop(job, hostError("time_limit", `the call took longer than ${task.timeLimit} ms`)), task.timeLimit);
      task.signal?.addEventListener("abort", onAbort);
      job.settle = (outcome) => {
        clearTimeout(timer);
        task.signal?.removeEventListener("abort", onAbort);
        if (outcome instanceof CodecError) reject(outcome);
        else resolve({ answer: outcome, waited: job.startedAt - job.queuedAt, busy: performance.now() - job.startedAt });
      };
      this.queue.push(job);
      job.onprogress?.({ stage: "queued" });
      this.next();
    });
  }

  /** Stops all workers; calls that are queued or running fail with `cancelled`. */
  close(): void {
    this.closed = true;
    const jobs = [...this.queue, ...this.running.values()];
    for (const worker of [...this.idle, ...this.running.keys()]) worker.terminate();
    this.queue = [];
    this.idle.length = 0;
    this.running.clear();
    for (const job of jobs) job.settle(hostError("cancelled", "the codec was closed"));
  }

  private refusal(signal: AbortSignal | undefined): CodecError | undefined {
    if (this.closed) return hostError("cancelled", "the codec is closed");
    if (signal?.aborted) return cancelled(signal);
    const isFree = this.idle.length > 0 || this.running.size < this.options.size;
    if (isFree || this.queue.length < this.options.queueLimit) return undefined;
    return hostError("over_capacity", `${this.queue.length} calls are waiting already`);
  }

  private next(): void {
    while (this.queue.length > 0 && (this.idle.length > 0 || this.running.size < this.options.size)) {
      const job = this.queue.shift();
      if (job) this.begin(job);
    }
  }

  private begin(job: Job): void {
    job.startedAt = performance.now();
    let worker: WorkerLike | undefined;
    try {
      worker = this.idle.pop() ?? this.start();
      this.running.set(worker, job);
      worker.postMessage({ type: "call", request: job.request } satisfies ToWorker, job.transfer);
    } catch (error) {
      // A buffer that cannot be transferred, or a browser that starts no more workers.
      if (worker) this.drop(worker);
      job.settle(hostError("internal", "the call could not be sent to a worker", error));
    }
  }

  private start(): WorkerLike {
    const worker = this.options.start();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(worker, data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.crash(worker, event.message);
    };
    worker.onmessageerror = () => this.crash(worker, "an answer could not be read");
    return worker;
  }

  private receive(worker: WorkerLike, message: FromWorker): void {
    const job = this.running.get(worker);
    if (!job) return;
    if (message.type === "progress") return job.onprogress?.(message.progress);
    this.running.delete(worker);
    this.idle.push(worker);
    job.settle(message.type === "answer" ? message.answer : new CodecError(message.error));
    this.next();
  }

  private crash(worker: WorkerLike, message: string | undefined): void {
    const job = this.running.get(worker);
    this.drop(worker);
    job?.settle(hostError("worker_crashed", `the worker stopped unexpectedly${message ? `: ${message}` : ""}`));
    this.next();
  }

  private stop(job: Job, reason: CodecError): void {
    this.queue = this.queue.filter((each) => each !== job);
    for (const [worker, each] of this.running) if (each === job) this.drop(worker);
    job.settle(reason);
    this.next();
  }

  private drop(worker: WorkerLike): void {
    worker.terminate();
    this.running.delete(worker);
    const index = this.idle.indexOf(worker);
    if (index >= 0) this.idle.splice(index, 1);
  }
}

function cancelled(signal: AbortSignal | undefined): CodecError {
  // AbortSignal.timeout() says by its reason that time ran out.
  const reason: unknown = signal?.reason;
  const isTimeout = reason instanceof DOMException && reason.name === "TimeoutError";
  return isTimeout
    ? hostError("time_limit", "the call took longer than it was given", reason)
    : hostError("cancelled", "the call was cancelled", reason);
}

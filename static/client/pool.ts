import { abortError, CodecError, type ErrorFields, hostError } from "./errors";
import type { Held } from "./held";
import type { Helpers } from "./helpers";
import { Line } from "./line";
import type { Priority } from "./planner/types";
import type { StartWorker, WorkerHandle } from "./platform/platform";
import type { Answer, CallRequest, FromWorker, Note, Progress, ToWorker } from "./protocol";
import { PATIENCE, type Team } from "./team";

export interface Task {
  request: Omit<CallRequest, "sources" | "threads">;
  held: Held;
  signal?: AbortSignal | undefined;
  onprogress?: ((progress: Progress) => void) | undefined;
  onnote?: ((note: Note) => void) | undefined;
  /** The call has left the queue. */
  onstart?: (() => void) | undefined;
}

export interface Done {
  answer: Answer;
  /** Milliseconds in the pool's queue. */
  waited: number;
  /** Milliseconds from leaving the queue to the answer. */
  busy: number;
  /** The part of `busy` in which the worker was started, or 0 where one was there. */
  boot: number;
}

export interface PoolOptions {
  /** Most workers at a time. */
  size: number;
  /** Most calls that wait; the next one fails with `over_capacity`. */
  queueLimit: number;
  /** Makes a worker and sets it up. */
  start: StartWorker;
  /** Others that help with its calls; none where these do not run here. */
  helpers?: Helpers | undefined;
}

interface Job extends Task {
  /** Of a pushed call, which keeps its worker until the line's end. */
  line?: Line | undefined;
  queuedAt: number;
  startedAt: number;
  settle: (outcome: Answer | CodecError) => void;
}

interface Member {
  handle: WorkerHandle;
  job: Job | undefined;
  /** When it said that it lives; undefined until then. */
  aliveAt: number | undefined;
  /** Those who work on the call; they may be at it for a moment after its end. */
  team: Team | undefined;
  /** Set while the worker is to stop what it does. */
  stopping: ReturnType<typeof setTimeout> | undefined;
}

const URGENCY: Record<Priority, number> = { high: 0, auto: 1, low: 2 };

/**
 * Workers that each run one call at a time, started when they are first needed.
 *
 * Every promise settles: a worker that ends, and one that is stopped for an abort, is thrown away with its call alone; the
 * calls in the queue go on in a new one.
 */
export class Pool {
  private readonly members = new Set<Member>();
  private queue: Job[] = [];
  private closed: CodecError | undefined;

  constructor(private readonly options: PoolOptions) {}

  get size(): number {
    return this.options.size;
  }

  /** Whether the next call has to start a worker. */
  get isCold(): boolean {
    return this.idle === undefined && !this.isReturning && this.members.size < this.options.size;
  }

  /** Whether nothing waits or runs. */
  get isIdle(): boolean {
    return this.queue.length === 0 && [...this.members].every(({ job }) => job === undefined);
  }

  /** Starts a worker ahead of the first call. */
  warm(): void {
    if (this.isCold && !this.closed) this.start();
  }

  /** @throws CodecError the call's own error, or `cancelled`, `time_limit`, `worker_crashed`, `over_capacity`. */
  run(task: Task): Promise<Done> {
    return new Promise((resolve, reject) => {
      const refusal = this.refusal(task.signal);
      if (refusal) {
        reject(refusal);
        return;
      }
      const job: Job = { ...task, queuedAt: performance.now(), startedAt: 0, settle: () => undefined };
      const onAbort = (): void => this.stop(job, abortError(task.signal));
      task.signal?.addEventListener("abort", onAbort);
      job.settle = (outcome) => {
        task.signal?.removeEventListener("abort", onAbort);
        if (outcome instanceof CodecError) reject(outcome);
        else resolve(done(job, outcome, this.memberOf(job)));
      };
      this.insert(job);
      job.onprogress?.({ stage: "queued" });
      this.next();
    });
  }

  /** Gives a pushed call a worker of its own, as soon as one is free. The line's first answer is that to its opening. */
  open(task: Task): Line {
    const line = new Line();
    const refusal = this.refusal(task.signal);
    if (refusal) {
      line.end(refusal);
      return line;
    }
    const job: Job = { ...task, line, queuedAt: performance.now(), startedAt: 0, settle: () => undefined };
    const onAbort = (): void => line.end(abortError(task.signal));
    task.signal?.addEventListener("abort", onAbort);
    line.over.addEventListener("abort", () => task.signal?.removeEventListener("abort", onAbort));
    job.settle = (outcome) => {
      if (outcome instanceof CodecError) line.end(outcome);
      else line.answer(outcome);
    };
    line.attach({
      post: (message, transfer) => this.say(job, message, transfer),
      end: () => this.release(job),
    });
    this.insert(job);
    job.onprogress?.({ stage: "queued" });
    // Once the caller waits for the first answer.
    queueMicrotask(() => this.next());
    return line;
  }

  /** Ends all workers and fails all calls; the next call starts a new worker. */
  clear(reason: CodecError): void {
    const members = [...this.members];
    const jobs = [...this.queue, ...members.map(({ job }) => job)];
    this.queue = [];
    for (const member of members) this.drop(member);
    for (const job of jobs) job?.settle(reason);
  }

  /** As `clear`, for good. */
  close(reason: CodecError): void {
    this.closed = reason;
    this.clear(reason);
  }

  private get idle(): Member | undefined {
    return [...this.members].find(({ job, team }) => job === undefined && team === undefined);
  }

  /** Whether a worker is free as soon as its helpers have left, which is sooner than another one could be started. */
  private get isReturning(): boolean {
    return [...this.members].some(({ job, team, stopping }) => job === undefined && team !== undefined && stopping === undefined);
  }

  /** Whether a call can begin now. */
  private get hasRoom(): boolean {
    return this.idle !== undefined || (this.members.size < this.options.size && !this.isReturning);
  }

  private memberOf(job: Job): Member | undefined {
    return [...this.members].find((member) => member.job === job);
  }

  private refusal(signal: AbortSignal | undefined): CodecError | undefined {
    if (this.closed) return this.closed;
    if (signal?.aborted) return abortError(signal);
    const isFree = this.hasRoom || this.isReturning;
    if (isFree || this.queue.length < this.options.queueLimit) return undefined;
    return hostError("over_capacity", `${this.queue.length} calls are waiting already`);
  }

  /** Behind all that are as urgent. */
  private insert(job: Job): void {
    const urgency = ({ request }: Job): number => URGENCY[request.priority];
    const at = this.queue.findIndex((each) => urgency(each) > urgency(job));
    this.queue.splice(at < 0 ? this.queue.length : at, 0, job);
  }

  private next(): void {
    while (this.queue.length > 0 && this.hasRoom) {
      const job = this.queue.shift();
      if (job) this.begin(job);
    }
  }

  private begin(job: Job): void {
    job.startedAt = performance.now();
    let member: Member | undefined;
    try {
      member = this.idle ?? this.start();
      const { sources, transfer } = job.held.load();
      const team = this.assemble(member, job);
      const threads = team?.threads ?? 1;
      member.handle.post({ type: job.line ? "open" : "call", request: { ...job.request, sources, threads } }, transfer);
      member.job = job;
      member.handle.setBusy(true);
    } catch (error) {
      // Buffers that cannot be copied or sent, or a platform that starts no more workers.
      const known = error instanceof CodecError;
      if (member && !known) this.drop(member);
      else if (member) this.free(member);
      job.settle(known ? error : hostError("internal", "the call could not be sent to a worker", error));
      return;
    }
    job.onstart?.();
  }

  private assemble(member: Member, job: Job): Team | undefined {
    return (member.team = this.options.helpers?.enter({
      isHelped: job.request.fn.threads === true,
      isStream: job.line !== undefined,
      lost: (reason) => {
        this.halt(member);
        job.settle(reason);
        this.next();
      },
    }));
  }

  private start(): Member {
    const handle = this.options.start({
      heard: (message) => this.receive(member, message),
      ended: (why) => this.lose(member, why),
    });
    const member: Member = { handle, job: undefined, aliveAt: undefined, team: undefined, stopping: undefined };
    this.members.add(member);
    return member;
  }

  private receive(member: Member, message: FromWorker): void {
    member.aliveAt ??= performance.now();
    const { job, team } = member;
    if (message.type === "team") {
      team?.equip(message.shared);
      return;
    }
    if (message.type === "alone") {
      this.options.helpers?.forgo();
      return;
    }
    if (!job) {
      // It has stopped, or was done before it heard that it should.
      if (member.stopping !== undefined && (message.type === "answer" || message.type === "error")) this.free(member);
      return;
    }
    switch (message.type) {
      case "progress":
        return job.onprogress?.(message.progress);
      case "note":
        return job.onnote?.(message.note);
      case "answer":
        if (job.line) member.handle.setBusy(false);
        job.settle(message.answer);
        if (!job.line) this.free(member);
        return;
      case "error":
        if (message.sources) job.held.restore(message.sources);
        // Before a line ends, as its worker has then nothing left to stop.
        if (job.line) this.free(member);
        job.settle(new CodecError(blamed(message.error, team?.fault)));
        if (!job.line) this.free(member);
    }
  }

  /** Sends a line's message to its worker. */
  private say(job: Job, message: ToWorker, transfer: Transferable[]): void {
    const member = this.memberOf(job);
    if (!member) throw hostError("internal", "the call has no worker");
    member.handle.post(message, transfer);
    member.handle.setBusy(true);
  }

  /** A line has ended: its worker goes back, or is stopped where it has not answered yet. */
  private release(job: Job): void {
    this.queue = this.queue.filter((each) => each !== job);
    const member = this.memberOf(job);
    if (!member) return;
    if (job.line?.isWaiting === true) this.halt(member);
    else {
      member.handle.post({ type: "end" }, []);
      this.free(member);
    }
    this.next();
  }

  private free(member: Member): void {
    member.job = undefined;
    member.handle.setBusy(false);
    clearTimeout(member.stopping);
    member.stopping = undefined;
    const { team } = member;
    if (!team) this.next();
    else {
      team.end(() => {
        member.team = undefined;
        this.next();
      });
    }
  }

  /** Stops what a worker does: by the word in its memory where there is one, as that keeps the worker, else with the worker. */
  private halt(member: Member): void {
    if (member.stopping !== undefined) return;
    if (member.team?.stop() !== true) {
      this.drop(member);
      return;
    }
    member.job = undefined;
    member.stopping = setTimeout(() => {
      this.drop(member);
      this.next();
    }, PATIENCE);
  }

  private lose(member: Member, why: string | undefined): void {
    const { job } = member;
    this.drop(member);
    job?.settle(hostError("worker_crashed", `the worker stopped unexpectedly${why ? `: ${why}` : ""}`));
    this.next();
  }

  private stop(job: Job, reason: CodecError): void {
    this.queue = this.queue.filter((each) => each !== job);
    const member = this.memberOf(job);
    if (member) this.halt(member);
    job.settle(reason);
    this.next();
  }

  private drop(member: Member): void {
    this.members.delete(member);
    clearTimeout(member.stopping);
    member.handle.terminate();
    member.team?.stop();
    member.team?.end();
    member.team = undefined;
  }
}

/** A call that trapped because its helper did tells what the helper trapped with, unless the module has said why. */
function blamed(error: ErrorFields, fault: string | undefined): ErrorFields {
  return fault !== undefined && error.code === "internal" ? { ...error, message: `the module trapped: ${fault}` } : error;
}

function done(job: Job, answer: Answer, member: Member | undefined): Done {
  const boot = Math.max(0, (member?.aliveAt ?? 0) - job.startedAt);
  return { answer, waited: job.startedAt - job.queuedAt, busy: performance.now() - job.startedAt, boot };
}

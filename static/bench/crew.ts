import type { Clock } from "./clock";

interface Task {
  /** Milliseconds it will take if it starts now, on a worker that may be cold. */
  readonly takes: (isCold: boolean) => number;
  readonly started: (isCold: boolean) => void;
  readonly done: () => void;
}

interface Worker {
  until: number;
  isCold: boolean;
  task: Task | undefined;
}

/** Workers that take tasks first come, first served: a device's pool, a server's threads. */
export class Crew {
  private readonly workers: Worker[];
  private readonly waiting: Task[] = [];

  constructor(
    private readonly clock: Clock,
    count: number,
    isCold: boolean,
  ) {
    this.workers = Array.from({ length: count }, () => ({ until: 0, isCold, task: undefined }));
  }

  get size(): number {
    return this.workers.length;
  }

  get queued(): number {
    return this.waiting.length;
  }

  get running(): number {
    return this.workers.filter(({ task }) => task !== undefined).length;
  }

  /** Whether the next task would meet a cold worker. */
  get isCold(): boolean {
    return this.free()?.isCold ?? false;
  }

  /** @returns what stops the task: its worker is then lost, and a cold one takes its place. */
  add(task: Task): () => void {
    this.waiting.push(task);
    this.next();
    return () => {
      const index = this.waiting.indexOf(task);
      if (index >= 0) this.waiting.splice(index, 1);
      const worker = this.workers.find((each) => each.task === task);
      if (worker === undefined) return;
      worker.task = undefined;
      worker.isCold = true;
      this.next();
    };
  }

  /** Milliseconds from now until a task that comes then, after `delay`, would start; what waits takes what it will really take. */
  wait(delay: number): number {
    const free = this.workers.map(({ task, until }) => (task === undefined ? this.clock.now : until));
    for (const task of this.waiting) {
      const first = free.indexOf(Math.min(...free));
      free[first] = (free[first] ?? 0) + task.takes(false);
    }
    return Math.max(0, Math.min(...free) - this.clock.now - delay);
  }

  private free(): Worker | undefined {
    const idle = this.workers.filter(({ task }) => task === undefined);
    return idle.find(({ isCold }) => !isCold) ?? idle[0];
  }

  private next(): void {
    const worker = this.free();
    const task = this.waiting[0];
    if (worker === undefined || task === undefined) return;
    this.waiting.shift();
    const { isCold } = worker;
    worker.task = task;
    worker.isCold = false;
    worker.until = this.clock.now + task.takes(isCold);
    this.clock.at(worker.until, () => {
      if (worker.task !== task) return;
      worker.task = undefined;
      this.next();
      task.done();
    });
    task.started(isCold);
    this.next();
  }
}

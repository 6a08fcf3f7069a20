import { Pool, type PoolOptions } from "../client/pool";
import type { WorkerEvents, WorkerHandle } from "../client/platform/platform";
import type { FromWorker, ToWorker } from "../client/protocol";
import { ANSWER } from "./example";

/** A worker that answers when the test says so. */
export class Puppet implements WorkerHandle {
  readonly sent: ToWorker[] = [];
  alive = true;
  busy = false;

  constructor(private readonly events: WorkerEvents) {}

  post(message: ToWorker): void {
    this.sent.push(message);
  }

  terminate(): void {
    this.alive = false;
  }

  setBusy(isBusy: boolean): void {
    this.busy = isBusy;
  }

  say(message: FromWorker): void {
    this.events.heard(message);
  }

  answer(rows: number): void {
    this.say({ type: "answer", answer: { ...ANSWER, result: { rows } } });
  }

  crash(): void {
    this.events.ended("boom");
  }
}

/** A pool, and its workers as they are started. */
export function puppets(options: Partial<PoolOptions> = {}): { pool: Pool; workers: Puppet[] } {
  const workers: Puppet[] = [];
  const start = (events: WorkerEvents): Puppet => {
    const puppet = new Puppet(events);
    workers.push(puppet);
    return puppet;
  };
  return { pool: new Pool({ size: 1, queueLimit: 10, start, ...options }), workers };
}

export function at(workers: Puppet[], index: number): Puppet {
  const worker = workers[index];
  if (!worker) throw new Error(`there is no worker ${index}`);
  return worker;
}

import { describe, expect, it } from "vitest";
import { Pool, type PoolOptions, type Task, type WorkerLike } from "../client/pool";
import type { Answer, FromWorker, Progress } from "../client/protocol";
import { count } from "./example";

/** A worker that answers when the test says so. */
class Puppet implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  onerror: WorkerLike["onerror"] = null;
  onmessageerror: WorkerLike["onmessageerror"] = null;
  readonly sent: unknown[] = [];
  alive = true;

  postMessage(message: unknown): void {
    this.sent.push(message);
  }

  terminate(): void {
    this.alive = false;
  }

  say(data: FromWorker): void {
    this.onmessage?.call(this as unknown as Worker, { data } as MessageEvent);
  }

  answer(rows: number): void {
    this.say({ type: "answer", answer: { ...ANSWER, result: { rows } } });
  }

  crash(): void {
    this.onerror?.call(this as unknown as Worker, { message: "boom", preventDefault: () => undefined } as ErrorEvent);
  }
}

const ANSWER: Answer = { result: {}, outputs: [], module: "m", bytesIn: 0, queued: 0, compute: 1 };

function setUp(options: Partial<PoolOptions> = {}): { pool: Pool; workers: Puppet[] } {
  const workers: Puppet[] = [];
  const start = (): Puppet => {
    const puppet = new Puppet();
    workers.push(puppet);
    return puppet;
  };
  return { pool: new Pool({ size: 1, queueLimit: 10, start, ...options }), workers };
}

const task = (fields: Partial<Task> = {}): Task => ({
  request: { place: "local", fn: count, options: "{}", sources: [], memoryLimit: undefined, digest: false },
  transfer: [], signal: undefined, timeLimit: undefined, onprogress: undefined, ...fields,
});
const rows = async (run: ReturnType<Pool["run"]>): Promise<unknown> => (await run).answer.result.rows;
function at(workers: Puppet[], index: number): Puppet {
  const worker = workers[index];
  if (!worker) throw new Error(`there is no worker ${index}`);
  return worker;
}

describe("Pool", () => {
  it("starts no worker before the first call, and no more than its size", async () => {
    const { pool, workers } = setUp({ size: 2 });
    expect(workers).toHaveLength(0);
    const runs = [1, 2, 3].map(() => rows(pool.run(task())));
    expect(workers).toHaveLength(2);
    at(workers, 1).answer(1);
    at(workers, 1).answer(2);
    at(workers, 0).answer(3);
    expect(await Promise.all(runs)).toEqual([3, 1, 2]);
    expect(workers).toHaveLength(2);
  });

  it("uses a worker again after an error of the call", async () => {
    const { pool, workers } = setUp();
    const failing = pool.run(task());
    at(workers, 0).say({ type: "error", error: { code: "corrupt", message: "bad", option: "/x" } });
    await expect(failing).rejects.toMatchObject({ code: "corrupt", message: "bad", option: "/x" });
    const next = rows(pool.run(task()));
    at(workers, 0).answer(4);
    expect(await next).toBe(4);
  });

  it("settles the call of a worker that crashes, and goes on with a new one", async () => {
    const { pool, workers } = setUp();
    const lost = pool.run(task());
    const next = rows(pool.run(task()));
    at(workers, 0).crash();
    await expect(lost).rejects.toMatchObject({ code: "worker_crashed", message: expect.stringContaining("boom") as string });
    expect(at(workers, 0).alive).toBe(false);
    at(workers, 1).answer(5);
    expect(await next).toBe(5);
  });

  it("replaces a worker that crashes while it is idle", async () => {
    const { pool, workers } = setUp();
    const first = pool.run(task());
    at(workers, 0).answer(1);
    await first;
    at(workers, 0).crash();
    const next = rows(pool.run(task()));
    at(workers, 1).answer(6);
    expect(await next).toBe(6);
  });

  it("stops the worker of an aborted call, and no other", async () => {
    const { pool, workers } = setUp();
    const controller = new AbortController();
    const stopped = pool.run(task({ signal: controller.signal }));
    const next = rows(pool.run(task()));
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: "cancelled", name: "AbortError" });
    expect(at(workers, 0).alive).toBe(false);
    at(workers, 1).answer(7);
    expect(await next).toBe(7);
  });

  it("takes an aborted call out of the queue", async () => {
    const { pool, workers } = setUp();
    const controller = new AbortController();
    const first = rows(pool.run(task()));
    const queued = pool.run(task({ signal: controller.signal }));
    controller.abort();
    await expect(queued).rejects.toMatchObject({ code: "cancelled" });
    at(workers, 0).answer(8);
    expect(await first).toBe(8);
    expect(at(workers, 0).sent).toHaveLength(1);
  });

  it("does not start a call that is aborted already", async () => {
    const { pool, workers } = setUp();
    await expect(pool.run(task({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: "cancelled" });
    expect(workers).toHaveLength(0);
  });

  it("gives a call up at its time limit, running or queued", async () => {
    const { pool, workers } = setUp();
    const running = pool.run(task({ timeLimit: 5 }));
    const queued = pool.run(task({ signal: AbortSignal.timeout(5) }));
    await expect(running).rejects.toMatchObject({ code: "time_limit", name: "TimeoutError" });
    await expect(queued).rejects.toMatchObject({ code: "time_limit" });
    expect(workers.every((worker) => !worker.alive)).toBe(true);
  });

  it("refuses calls beyond its queue", async () => {
    const { pool } = setUp({ queueLimit: 1 });
    const kept = [pool.run(task()), pool.run(task())];
    await expect(pool.run(task())).rejects.toMatchObject({ code: "over_capacity" });
    pool.close();
    for (const each of kept) await expect(each).rejects.toMatchObject({ code: "cancelled" });
    await expect(pool.run(task())).rejects.toMatchObject({ code: "cancelled" });
  });

  it("settles a call whose message cannot be sent", async () => {
    const broken = new Puppet();
    broken.postMessage = () => {
      throw new DOMException("detached", "DataCloneError");
    };
    const { pool } = setUp({ start: () => broken });
    await expect(pool.run(task())).rejects.toMatchObject({ code: "internal" });
    expect(broken.alive).toBe(false);
  });

  it("reports progress", async () => {
    const { pool, workers } = setUp();
    const seen: Progress[] = [];
    const run = pool.run(task({ onprogress: (each) => seen.push(each) }));
    at(workers, 0).say({ type: "progress", progress: { stage: "running" } });
    at(workers, 0).answer(0);
    await run;
    expect(seen.map(({ stage }) => stage)).toEqual(["queued", "running"]);
  });
});

import { describe, expect, it } from "vitest";
import { hostError } from "../client/errors";
import { Held } from "../client/held";
import type { Pool, Task } from "../client/pool";
import type { WorkerHandle } from "../client/platform/platform";
import type { CallRequest, Progress } from "../client/protocol";
import { count } from "./example";
import { at, Puppet, puppets } from "./puppet";

const task = (fields: Partial<Task> = {}, request: Partial<CallRequest> = {}): Task => ({
  request: {
    id: "id", place: "local", fn: count, options: "{}", memoryLimit: undefined, digest: false,
    picture: false, giveBack: false, ask: "no", isPinned: false, priority: "auto", ...request,
  },
  held: new Held([], false),
  ...fields,
});
const rows = async (run: ReturnType<Pool["run"]>): Promise<unknown> => (await run).answer.result.rows;

describe("Pool", () => {
  it("starts no worker before the first call, and no more than its size", async () => {
    const { pool, workers } = puppets({ size: 2 });
    expect(workers).toHaveLength(0);
    expect(pool.isCold).toBe(true);
    const runs = [1, 2, 3].map(() => rows(pool.run(task())));
    expect(workers).toHaveLength(2);
    at(workers, 1).answer(1);
    at(workers, 1).answer(2);
    at(workers, 0).answer(3);
    expect(await Promise.all(runs)).toEqual([3, 1, 2]);
    expect(workers).toHaveLength(2);
    expect(pool.isCold).toBe(false);
  });

  it("starts one ahead of the first call when told to", async () => {
    const { pool, workers } = puppets();
    pool.warm();
    pool.warm();
    expect(workers).toHaveLength(1);
    const run = rows(pool.run(task()));
    at(workers, 0).answer(1);
    expect(await run).toBe(1);
  });

  it("uses a worker again after an error of the call", async () => {
    const { pool, workers } = puppets();
    const failing = pool.run(task());
    at(workers, 0).say({ type: "error", error: { code: "corrupt", message: "bad", option: "/x" } });
    await expect(failing).rejects.toMatchObject({ code: "corrupt", message: "bad", option: "/x" });
    const next = rows(pool.run(task()));
    at(workers, 0).answer(4);
    expect(await next).toBe(4);
  });

  it("settles the call of a worker that ends, and goes on with a new one", async () => {
    const { pool, workers } = puppets();
    const lost = pool.run(task());
    const next = rows(pool.run(task()));
    at(workers, 0).crash();
    await expect(lost).rejects.toMatchObject({ code: "worker_crashed", message: expect.stringContaining("boom") as string });
    expect(at(workers, 0).alive).toBe(false);
    at(workers, 1).answer(5);
    expect(await next).toBe(5);
  });

  it("replaces a worker that ends while it is idle", async () => {
    const { pool, workers } = puppets();
    const first = pool.run(task());
    at(workers, 0).answer(1);
    await first;
    at(workers, 0).crash();
    const next = rows(pool.run(task()));
    at(workers, 1).answer(6);
    expect(await next).toBe(6);
  });

  it("stops the worker of an aborted call, and no other", async () => {
    const { pool, workers } = puppets();
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
    const { pool, workers } = puppets();
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
    const { pool, workers } = puppets();
    await expect(pool.run(task({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: "cancelled" });
    expect(workers).toHaveLength(0);
  });

  it("tells a time limit by the signal's reason", async () => {
    const { pool } = puppets();
    await expect(pool.run(task({ signal: AbortSignal.timeout(5) }))).rejects.toMatchObject({ code: "time_limit", name: "TimeoutError" });
    const controller = new AbortController();
    const stopped = pool.run(task({ signal: controller.signal }));
    controller.abort(hostError("time_limit", "too late"));
    await expect(stopped).rejects.toMatchObject({ code: "time_limit", message: "too late" });
  });

  it("takes urgent calls first, and keeps their order otherwise", async () => {
    const { pool, workers } = puppets();
    void pool.run(task());
    const order: string[] = [];
    const runs = (["low", "auto", "high", "auto", "high"] as const).map((priority, index) =>
      pool.run(task({ onstart: () => order.push(`${priority}${index}`) }, { priority })),
    );
    for (let each = 0; each < 6; each += 1) at(workers, 0).answer(each);
    await Promise.all(runs);
    expect(order).toEqual(["high2", "high4", "auto1", "auto3", "low0"]);
  });

  it("refuses calls beyond its queue", async () => {
    const { pool } = puppets({ queueLimit: 1 });
    const kept = [pool.run(task()), pool.run(task())];
    await expect(pool.run(task())).rejects.toMatchObject({ code: "over_capacity" });
    pool.close(hostError("cancelled", "closed"));
    for (const each of kept) await expect(each).rejects.toMatchObject({ code: "cancelled" });
    await expect(pool.run(task())).rejects.toMatchObject({ code: "cancelled" });
  });

  it("goes on after it was cleared", async () => {
    const { pool, workers } = puppets();
    const kept = [pool.run(task()), pool.run(task())];
    pool.clear(hostError("cancelled", "the page was left"));
    for (const each of kept) await expect(each).rejects.toMatchObject({ code: "cancelled", message: "the page was left" });
    expect(workers.every(({ alive }) => !alive)).toBe(true);
    const next = rows(pool.run(task()));
    at(workers, 1).answer(9);
    expect(await next).toBe(9);
  });

  it("settles a call whose message cannot be sent", async () => {
    const broken = new Puppet({ heard: () => undefined, ended: () => undefined });
    broken.post = () => {
      throw new DOMException("detached", "DataCloneError");
    };
    const { pool } = puppets({ start: () => broken });
    await expect(pool.run(task())).rejects.toMatchObject({ code: "internal" });
    expect(broken.alive).toBe(false);
  });

  it("settles a call where no worker can be started", async () => {
    const start = (): WorkerHandle => {
      throw new Error("no more threads");
    };
    const { pool } = puppets({ start });
    await expect(pool.run(task())).rejects.toMatchObject({ code: "internal" });
  });

  it("reports progress", async () => {
    const { pool, workers } = puppets();
    const seen: Progress[] = [];
    const run = pool.run(task({ onprogress: (each) => seen.push(each) }));
    at(workers, 0).say({ type: "progress", progress: { stage: "running" } });
    at(workers, 0).answer(0);
    await run;
    expect(seen.map(({ stage }) => stage)).toEqual(["queued", "running"]);
  });
});

describe("a call's buffers", () => {
  const given = (): Uint8Array<ArrayBuffer> => new Uint8Array([1, 2, 3, 4]);
  const bytes = (held: Held): number[][] => held.load().sources.map(({ data }) => [...new Uint8Array(data as ArrayBuffer)]);

  it("are copied for each attempt while they stay the caller's", () => {
    const whole = given();
    const held = new Held([{ input: 0, data: whole }, { input: 1, data: whole.subarray(1, 3) }], false);
    expect([bytes(held), bytes(held)]).toEqual([[[1, 2, 3, 4], [2, 3]], [[1, 2, 3, 4], [2, 3]]]);
    expect(whole).toHaveLength(4);
    expect(held.isLasting).toBe(true);
  });

  it("are the codec's at once where they are given, and come back with an error alone", () => {
    const whole = given();
    const held = new Held([{ input: 0, data: whole }], true);
    expect(whole).toHaveLength(0);
    expect([held.isLasting, held.bytes]).toEqual([false, 4]);
    const { sources, transfer } = held.load();
    expect(transfer).toEqual([sources[0]?.data]);
    expect(() => held.load()).toThrow("lost with their worker");
    held.restore(sources);
    expect(bytes(held)).toEqual([[1, 2, 3, 4]]);
  });

  it("do not take the rest of a view's buffer along", () => {
    const whole = given();
    const held = new Held([{ input: 0, data: whole.subarray(1, 3) }], true);
    expect(whole).toHaveLength(4);
    expect(bytes(held)).toEqual([[2, 3]]);
  });

  it("are lasting where they are Blobs, and seen from their beginning", async () => {
    const held = new Held([{ input: 0, data: new Blob(["abcdef"], { type: "text/x" }) }], true);
    expect([held.isLasting, held.mediaType(0), held.sizes(0), held.sizes(1)]).toEqual([true, "text/x", [6], []]);
    expect(await (held.prefix(0, 3) as Blob).text()).toBe("abc");
    expect(new Held([{ input: 0, data: given().subarray(2) }], false).prefix(0, 9)).toEqual(new Uint8Array([3, 4]).buffer);
  });

  it("cannot be sent once the caller has given them elsewhere", () => {
    const whole = given();
    const held = new Held([{ input: 0, data: whole.buffer }], false);
    structuredClone(whole.buffer, { transfer: [whole.buffer] });
    expect(() => held.load()).toThrow("taken away");
  });
});

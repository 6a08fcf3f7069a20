import { describe, expect, it, vi } from "vitest";
import { Held } from "../client/held";
import { Helpers } from "../client/helpers";
import type { Pool, PoolOptions, Task } from "../client/pool";
import type { Shared } from "../client/protocol";
import { blend, requestOf } from "./example";
import { at, Puppet, puppets } from "./puppet";

const STOP = 4;

/** Memory with a word to stop at 4, and blocks from 16 on. */
function sharedOf(helpers: number): Shared {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  return { memory, stop: STOP, blocks: Array.from({ length: helpers }, (_, index) => 16 * (index + 1)) };
}

const word = ({ memory }: Shared, address: number): number => new Int32Array(memory.buffer)[address / 4] ?? -1;
const leaving = (shared: Shared): number => shared.blocks.filter((block) => word(shared, block) === 1).length;

interface Made {
  pool: Pool;
  workers: Puppet[];
  helpers: Puppet[];
  crew: Helpers;
}

function make(threads: number, options: Partial<PoolOptions> = {}): Made {
  const helpers: Puppet[] = [];
  const crew = new Helpers({
    threads: () => threads,
    start: (events) => {
      const helper = new Puppet(events);
      helpers.push(helper);
      return helper;
    },
  });
  return { ...puppets({ size: 2, helpers: crew, ...options }), helpers, crew };
}

const task = (more: Partial<Task> = {}, isHelped = true): Task => {
  const request = requestOf({ place: "local", fn: { ...blend, threads: isHelped } });
  return { request, held: new Held([], false), ...more };
};

const alive = (helpers: Puppet[]): void => helpers.forEach((helper) => helper.say({ type: "alive", isLocked: false }));
const threadsOf = (worker: Puppet): number => {
  const message = worker.sent.findLast(({ type }) => type === "call");
  return message?.type === "call" ? message.request.threads : 0;
};
const helped = (helper: Puppet): number[] => helper.sent.flatMap((message) => (message.type === "help" ? [message.block] : []));
const back = (helper: Puppet, fault?: string): void => helper.say({ type: "helped", fault });

/** Begins a call, and has its worker tell what others need. */
function begin(made: Made, index: number, more: Partial<Task> = {}): { run: Promise<unknown>; shared: Shared } {
  const run = made.pool.run(task(more)).then(({ answer }) => answer.result.rows);
  run.catch(() => undefined);
  const worker = at(made.workers, index);
  const shared = sharedOf(threadsOf(worker) - 1);
  worker.say({ type: "team", shared });
  return { run, shared };
}

describe("helpers", () => {
  it("are all with a call that is alone, each with a block of its own", async () => {
    const made = make(4);
    const { run } = begin(made, 0);
    expect(threadsOf(at(made.workers, 0))).toBe(4);
    expect(made.helpers).toHaveLength(3);
    expect(made.helpers.flatMap(helped)).toEqual([]);
    // They may come late.
    alive(made.helpers);
    expect(made.helpers.map(helped)).toEqual([[16], [32], [48]]);
    at(made.workers, 0).answer(1);
    expect(await run).toBe(1);
  });

  it("are shared among calls: who has too many lets some leave", () => {
    const made = make(4);
    const first = begin(made, 0);
    alive(made.helpers);
    const second = begin(made, 1);
    expect([threadsOf(at(made.workers, 1)), leaving(first.shared)]).toEqual([2, 2]);
    // They come when their task is done.
    expect(made.helpers.map((each) => helped(each).length)).toEqual([1, 1, 1]);
    back(at(made.helpers, 0));
    expect(made.helpers.map((each) => helped(each).length)).toEqual([2, 1, 1]);
    expect(word(second.shared, 16)).toBe(0);
  });

  it("are none where each core has a call, nor for functions that they do not make faster, nor on the service", () => {
    const made = make(2);
    const first = begin(made, 0);
    alive(made.helpers);
    begin(made, 1);
    expect([threadsOf(at(made.workers, 1)), leaving(first.shared)]).toEqual([1, 1]);
    const other = make(4);
    void other.pool.run(task({}, false));
    expect([threadsOf(at(other.workers, 0)), other.helpers.length]).toEqual([1, 0]);
    const { pool, workers } = puppets();
    void pool.run(task());
    expect(threadsOf(at(workers, 0))).toBe(1);
  });

  it("leave streams to what calls leave over", () => {
    const made = make(3);
    const line = made.pool.open(task());
    return new Promise<void>((done) => setTimeout(done)).then(() => {
      const stream = at(made.workers, 0);
      const shared = sharedOf(2);
      stream.say({ type: "team", shared });
      alive(made.helpers);
      expect(made.helpers.map((each) => helped(each).length)).toEqual([1, 1]);
      begin(made, 1);
      expect([leaving(shared), threadsOf(at(made.workers, 1))]).toEqual([2, 3]);
      line.end(expect.anything() as never);
    });
  });

  it("are waited for before the next call begins in the memory, without holding up the answer", async () => {
    const made = make(2);
    const { run } = begin(made, 0);
    alive(made.helpers);
    at(made.workers, 0).answer(1);
    expect(await run).toBe(1);
    void made.pool.run(task()).catch(() => undefined);
    const calls = (): number => at(made.workers, 0).sent.filter(({ type }) => type === "call").length;
    // Nor is another worker started for it.
    expect([calls(), made.workers.length]).toEqual([1, 1]);
    back(at(made.helpers, 0));
    expect([calls(), made.workers.length]).toEqual([2, 1]);
  });

  it("are given up where they do not come back", () => {
    vi.useFakeTimers();
    try {
      const made = make(2);
      begin(made, 0);
      alive(made.helpers);
      at(made.workers, 0).answer(1);
      vi.advanceTimersByTime(10_000);
      expect(at(made.helpers, 0).alive).toBe(false);
      void made.pool.run(task()).catch(() => undefined);
      expect(threadsOf(at(made.workers, 0))).toBe(2);
      expect(made.helpers).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a call with helpers", () => {
  it("is stopped by a word, and its worker goes on with the next one", async () => {
    const made = make(2, { size: 1 });
    const controller = new AbortController();
    const { run, shared } = begin(made, 0, { signal: controller.signal });
    alive(made.helpers);
    controller.abort();
    await expect(run).rejects.toMatchObject({ code: "cancelled" });
    expect([word(shared, STOP), at(made.workers, 0).alive]).toEqual([1, true]);
    const next = made.pool.run(task()).then(({ answer }) => answer.result.rows);
    back(at(made.helpers, 0), "unreachable");
    at(made.workers, 0).say({ type: "error", error: { code: "internal", message: "the module trapped: unreachable" } });
    expect(made.workers).toHaveLength(1);
    at(made.workers, 0).answer(5);
    expect(await next).toBe(5);
  });

  it("is stopped with its worker where it takes no notice of the word, or has none", async () => {
    vi.useFakeTimers();
    try {
      const made = make(2, { size: 1 });
      const controller = new AbortController();
      const { run } = begin(made, 0, { signal: controller.signal });
      alive(made.helpers);
      controller.abort();
      await expect(run).rejects.toMatchObject({ code: "cancelled" });
      vi.advanceTimersByTime(10_000);
      expect([at(made.workers, 0).alive, at(made.helpers, 0).alive]).toEqual([false, false]);
      const bare = make(2, { size: 1 });
      const second = new AbortController();
      void bare.pool.run(task({ signal: second.signal })).catch(() => undefined);
      second.abort();
      expect(at(bare.workers, 0).alive).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("fails with what a helper traps with, unless the module says why", async () => {
    for (const [code, message] of [["internal", "the module trapped: table index is out of bounds"], ["memory_limit", "no more"]] as const) {
      const made = make(2);
      const { run, shared } = begin(made, 0);
      alive(made.helpers);
      back(at(made.helpers, 0), "table index is out of bounds");
      expect(word(shared, STOP)).toBe(1);
      const told = code === "internal" ? "the module trapped: unreachable" : "no more";
      at(made.workers, 0).say({ type: "error", error: { code, message: told } });
      await expect(run).rejects.toMatchObject({ code, message });
      expect(at(made.workers, 0).alive).toBe(true);
    }
  });

  it("fails where a helper dies, and where the call does not stop after a helper's trap", async () => {
    const made = make(2);
    const { run, shared } = begin(made, 0);
    alive(made.helpers);
    at(made.helpers, 0).crash();
    await expect(run).rejects.toMatchObject({ code: "worker_crashed", message: "a helper stopped unexpectedly: boom" });
    expect(word(shared, STOP)).toBe(1);
    vi.useFakeTimers();
    try {
      const other = make(2);
      const stuck = begin(other, 0);
      alive(other.helpers);
      back(at(other.helpers, 0), "boom");
      vi.advanceTimersByTime(10_000);
      await expect(stuck.run).rejects.toMatchObject({ code: "worker_crashed" });
      vi.advanceTimersByTime(10_000);
      expect(at(other.workers, 0).alive).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it("goes without where memory cannot be sent", async () => {
    const made = make(2);
    const run = made.pool.run(task());
    at(made.workers, 0).say({ type: "alone" });
    expect(at(made.helpers, 0).alive).toBe(false);
    at(made.workers, 0).answer(1);
    await run;
    void made.pool.run(task());
    expect([threadsOf(at(made.workers, 0)), made.helpers.length]).toEqual([1, 1]);
  });

  it("does not mind a helper that dies idle, and takes new ones after all were cleared", async () => {
    const made = make(2);
    const { run } = begin(made, 0);
    at(made.helpers, 0).crash();
    at(made.workers, 0).answer(1);
    expect(await run).toBe(1);
    begin(made, 0);
    expect(made.helpers).toHaveLength(2);
    made.crew.clear();
    expect(at(made.helpers, 1).alive).toBe(false);
  });
});

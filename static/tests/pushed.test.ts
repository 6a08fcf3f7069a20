import { describe, expect, it, vi } from "vitest";
import { Call } from "../client/call";
import { hostError } from "../client/errors";
import { Held } from "../client/held";
import { sourceOf } from "../client/pieces";
import type { Pool } from "../client/pool";
import type { ToWorker } from "../client/protocol";
import { PushedCall, type Stream } from "../client/pushed";
import type { Session } from "../client/session";
import type { AnySettings } from "../client/settings";
import { ANSWER, count, example } from "./example";
import { at, type Puppet, puppets } from "./puppet";

const LIMIT = 1000;

interface Made {
  stream: Stream<unknown>;
  call: Call;
  over: ReturnType<typeof vi.fn>;
}

function begin(pool: Pool, settings: AnySettings = {}): Made {
  const call = new Call(count, { options: {}, held: new Held([], false) }, settings, "auto", false);
  call.begin();
  const session = { open: (task) => pool.open(task), loaded: { description: example } } as Pick<Session, "open" | "loaded"> as Session;
  const over = vi.fn(() => call.release());
  return { stream: new PushedCall(session, call, LIMIT, over), call, over };
}

/** Lets everything happen that needs no worker. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const kinds = (worker: Puppet): ToWorker["type"][] => worker.sent.map(({ type }) => type);
const rows = (results: unknown[]): unknown[] => results.map((each) => (each as { rows: number }).rows);

/** A worker that opens, and answers every piece with its first byte: 0 is nothing new. */
async function serve(worker: Puppet, from = 0): Promise<void> {
  for (let seen = from; ; ) {
    await settle();
    if (!worker.alive) return;
    for (; seen < worker.sent.length; seen += 1) {
      const message = worker.sent[seen];
      if (message?.type === "open") worker.say({ type: "answer", answer: ANSWER });
      if (message?.type !== "push") continue;
      const [first = 0] = new Uint8Array(message.piece as ArrayBuffer);
      worker.say({ type: "answer", answer: { ...ANSWER, result: first > 0 ? { rows: first } : {} } });
      if (message.isLast) return;
    }
  }
}

describe("a pushed call", () => {
  it("gives what is new after each piece, and has its worker for itself until its end", async () => {
    const { pool, workers } = puppets();
    const { stream, over } = begin(pool);
    await settle();
    const worker = at(workers, 0);
    const serving = serve(worker);
    expect(rows(await stream.push(bytes(1)))).toEqual([1]);
    expect(await stream.push(bytes(0))).toEqual([]);
    expect(pool.isIdle).toBe(false);
    expect(worker.busy).toBe(false);
    const last = (await stream.finish(bytes(9))) as { rows: number; provenance: { place: string; why: string } };
    await serving;
    expect([last.rows, last.provenance.place, last.provenance.why]).toEqual([9, "local", "Pushed calls run here."]);
    expect([pool.isIdle, worker.alive, over.mock.calls.length]).toEqual([true, true, 1]);
    expect(kinds(worker)).toEqual(["open", "push", "push", "push", "end"]);
    await expect(stream.push(bytes(1))).rejects.toMatchObject({ code: "cancelled", message: "the stream has ended" });
  });

  it("sends a piece only when the one before it is worked off, in order, and lets no more than so many wait", async () => {
    const { pool, workers } = puppets();
    const { stream } = begin(pool);
    const all = Array.from({ length: 256 }, (_, index) => stream.push(bytes(index % 3)));
    await expect(stream.push(bytes(1))).rejects.toMatchObject({ code: "over_capacity" });
    await settle();
    at(workers, 0).answer(0);
    await settle();
    expect(kinds(at(workers, 0))).toEqual(["open", "push"]);
    stream.close();
    for (const each of all) await expect(each).rejects.toMatchObject({ code: "cancelled" });
    expect(at(workers, 0).alive).toBe(false);
  });

  it("leaves the caller's buffer alone, unless it is given away", async () => {
    for (const transfer of [false, true]) {
      const { pool, workers } = puppets();
      const { stream } = begin(pool, { transfer });
      await settle();
      const serving = serve(at(workers, 0));
      const piece = bytes(1, 2, 3);
      await stream.push(piece);
      expect(piece.length).toBe(transfer ? 0 : 3);
      await stream.finish();
      await serving;
    }
  });

  it("fails with the module's error, gives the worker back, and fails so ever after", async () => {
    const { pool, workers } = puppets();
    const { stream, over } = begin(pool);
    const first = stream.push(bytes(1));
    await settle();
    at(workers, 0).answer(0);
    await settle();
    at(workers, 0).say({ type: "error", error: { code: "corrupt", message: "bad" } });
    await expect(first).rejects.toMatchObject({ code: "corrupt", message: "bad" });
    await expect(stream.finish()).rejects.toMatchObject({ code: "corrupt" });
    expect([pool.isIdle, at(workers, 0).alive, over.mock.calls.length]).toEqual([true, true, 1]);
  });

  it("fails where it cannot be opened", async () => {
    const { pool, workers } = puppets();
    const { stream } = begin(pool);
    await settle();
    at(workers, 0).say({ type: "error", error: { code: "bad_option", message: "no", option: "/x" } });
    await expect(stream.push(bytes(1))).rejects.toMatchObject({ code: "bad_option", option: "/x" });
    pool.close(hostError("cancelled", "closed"));
    await expect(begin(pool).stream.finish()).rejects.toMatchObject({ code: "cancelled", message: "closed" });
  });

  it("fails with its worker, while it waits for an answer and while it does not", async () => {
    for (const isWaiting of [true, false]) {
      const { pool, workers } = puppets();
      const { stream } = begin(pool);
      await settle();
      const worker = at(workers, 0);
      worker.answer(0);
      const waiting = isWaiting ? stream.push(bytes(1)) : undefined;
      await settle();
      worker.crash();
      if (waiting) await expect(waiting).rejects.toMatchObject({ code: "worker_crashed" });
      await expect(stream.push(bytes(1))).rejects.toMatchObject({ code: "worker_crashed" });
      expect(pool.isIdle).toBe(true);
    }
  });

  it("is stopped by its signal and its time, queued, idle or computing", async () => {
    for (const moment of ["queued", "opening", "idle", "computing"]) {
      const { pool, workers } = puppets();
      const other = moment === "queued" ? begin(pool) : undefined;
      await settle();
      const controller = new AbortController();
      const { stream, over } = begin(pool, { signal: controller.signal });
      await settle();
      if (moment === "idle" || moment === "computing") at(workers, 0).answer(0);
      const waiting = moment === "idle" ? undefined : stream.push(bytes(1));
      await settle();
      controller.abort();
      if (waiting) await expect(waiting, moment).rejects.toMatchObject({ code: "cancelled" });
      await expect(stream.finish(), moment).rejects.toMatchObject({ code: "cancelled" });
      expect(over).toHaveBeenCalledTimes(1);
      expect(at(workers, 0).alive, moment).toBe(moment === "idle" || moment === "queued");
      other?.stream.close();
      expect(pool.isIdle, moment).toBe(true);
    }
    const { pool } = puppets();
    await expect(begin(pool, { timeLimit: 20 }).stream.push(bytes(1))).rejects.toMatchObject({ code: "time_limit" });
    await expect(begin(pool, { deadline: 0 }).stream.push(bytes(1))).rejects.toMatchObject({ code: "time_limit" });
  });

  it("ends with the page", async () => {
    const { pool, workers } = puppets();
    const { stream, call } = begin(pool);
    const waiting = stream.push(bytes(1));
    await settle();
    const reason = hostError("cancelled", "the page was left");
    call.end(reason);
    pool.clear(reason);
    await expect(waiting).rejects.toMatchObject({ message: "the page was left" });
    expect(at(workers, 0).alive).toBe(false);
  });

  it("takes no more bytes than the limit", async () => {
    const { pool, workers } = puppets();
    const { stream } = begin(pool);
    await settle();
    void serve(at(workers, 0));
    await stream.push(new Uint8Array(LIMIT));
    await expect(stream.push(bytes(1))).rejects.toMatchObject({ code: "memory_limit", message: `more than ${LIMIT} bytes were pushed, the most allowed` });
    expect(pool.isIdle).toBe(true);
    at(workers, 0).crash();
  });

  it("waits for a worker where others have them all, and lets calls go on when one ends", async () => {
    const { pool, workers } = puppets();
    const first = begin(pool);
    const second = begin(pool).stream.push(bytes(4));
    await settle();
    expect(kinds(at(workers, 0))).toEqual(["open"]);
    at(workers, 0).answer(0);
    await settle();
    first.stream.close();
    const serving = serve(at(workers, 0), 2);
    expect(rows(await second)).toEqual([4]);
    expect(workers).toHaveLength(1);
    at(workers, 0).crash();
    at(workers, 0).alive = false;
    await serving;
  });
});

describe("a source of pieces", () => {
  const read = async (stream: Stream<unknown>, source: Parameters<typeof stream.from>[0]): Promise<unknown[]> => {
    const seen: unknown[] = [];
    for await (const result of stream.from(source)) seen.push(result);
    return rows(seen);
  };
  const open = async (): Promise<Made & { worker: Puppet }> => {
    const { pool, workers } = puppets();
    const made = begin(pool);
    await settle();
    void serve(at(workers, 0));
    return { ...made, worker: at(workers, 0) };
  };

  it("may be a stream, a file, or anything that yields buffers", async () => {
    async function* later(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      for (const value of [1, 0, 2]) yield Promise.resolve(bytes(value));
    }
    const streamed = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        for (const value of [1, 0, 2]) controller.enqueue(bytes(value));
        controller.close();
      },
    });
    for (const source of [streamed, later(), [bytes(1), bytes(0), bytes(2)]]) {
      const { stream } = await open();
      expect(await read(stream, source)).toEqual([1, 2]);
      expect(await stream.finish(bytes(3))).toMatchObject({ rows: 3 });
    }
    const { stream } = await open();
    expect(await read(stream, new Blob([bytes(7)]))).toEqual([7]);
    stream.close();
  });

  it("is read no faster than its pieces are worked off", async () => {
    const { pool, workers } = puppets();
    const { stream } = begin(pool);
    let read = 0;
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: (controller) => controller.enqueue(bytes((read += 1))) }, { highWaterMark: 0 });
    const results = stream.from(source);
    const first = results.next();
    await settle();
    at(workers, 0).answer(0);
    await settle();
    expect(read).toBe(1);
    at(workers, 0).answer(1);
    expect((await first).done).toBe(false);
    await settle();
    expect(read).toBe(1);
    stream.close();
  });

  it("is given up when the stream ends, even while nothing comes", async () => {
    const { stream, worker } = await open();
    const cancel = vi.fn();
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({ cancel });
    const next = stream.from(source).next();
    await settle();
    worker.crash();
    await expect(next).rejects.toMatchObject({ code: "worker_crashed" });
    expect(cancel).toHaveBeenCalledTimes(1);
    const over = new AbortController();
    const silent = sourceOf({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }, over.signal).next();
    over.abort(hostError("cancelled", "enough"));
    await expect(silent).rejects.toMatchObject({ message: "enough" });
  });

  it("that fails ends the stream, and so does leaving the loop", async () => {
    const { stream } = await open();
    const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: () => Promise.reject(new TypeError("network error")) });
    await expect(read(stream, broken)).rejects.toMatchObject({ code: "unreachable" });
    await expect(stream.finish()).rejects.toMatchObject({ code: "cancelled", message: "the stream was closed" });
    const left = await open();
    const cancel = vi.fn();
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: (controller) => controller.enqueue(bytes(1)), cancel });
    for await (const result of left.stream.from(endless)) {
      expect(result).toMatchObject({ rows: 1 });
      break;
    }
    expect(cancel).toHaveBeenCalledTimes(1);
    await expect(left.stream.push(bytes(1))).rejects.toMatchObject({ code: "cancelled" });
  });
});

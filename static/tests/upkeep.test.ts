import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Capacity } from "../client/capacity";
import { incompatibility } from "../client/compatible";
import { callId } from "../client/id";
import type { FunctionDescription, Interface } from "../client/interface";
import { resultKey } from "../client/key";
import { Learning } from "../client/learning";
import { Heartbeat } from "../client/platform/lifeline";
import { noise } from "../client/probe";
import type { ServerLoad } from "../client/planner/types";
import { MemoryStore, type Store } from "../client/store";
import { blend, example, requestOf } from "./example";

afterEach(() => vi.useRealTimers());

describe("another module's interface", () => {
  const change = (fields: Partial<FunctionDescription>): Interface => ({ ...example, functions: [{ ...blend, ...fields }, ...example.functions.slice(1)] });

  it("fits where everything is still there, and more", () => {
    expect(incompatibility(example, example)).toBeUndefined();
    const properties = { ...blend.options.properties, more: { type: "string" } };
    expect(incompatibility(example, change({ options: { ...blend.options, properties } }))).toBeUndefined();
    expect(incompatibility(example, { ...example, functions: [...example.functions, { ...blend, name: "new" }] })).toBeUndefined();
  });

  it("does not where something is gone, or more is asked for", () => {
    expect(incompatibility(example, { ...example, functions: [] })).toBe("blend: it is gone");
    expect(incompatibility(example, change({ options: { properties: { rows: {} } } }))).toBe("blend: the option opacity is gone");
    expect(incompatibility(example, change({ inputs: blend.inputs.slice(0, 1) }))).toBe("blend: the input mask is gone");
    expect(incompatibility(example, change({ outputs: [] }))).toBe("blend: the output planes is gone");
    expect(incompatibility(example, change({ options: { ...blend.options, required: ["opacity"] } }))).toContain("required now");
    expect(incompatibility(example, change({ inputs: [...blend.inputs, { name: "extra", summary: "" }] }))).toContain("takes layers, extra");
  });
});

describe("the service's load", () => {
  const follow = (): { capacity: Capacity; heard: ServerLoad[] } => {
    const heard: ServerLoad[] = [];
    const events = { load: (load: ServerLoad) => heard.push(load), exchange: () => undefined, module: () => undefined };
    return { capacity: new Capacity("http://127.0.0.1:9/", { answerLimit: 1000, silenceLimit: 1000 }, events), heard };
  };

  it("is read from the header of each answer, in milliseconds", () => {
    const { capacity, heard } = follow();
    capacity.header("running=1, waiting=0, threads=2, wait=0.012");
    expect(heard).toEqual([{ running: 1, waiting: 0, threads: 2, wait: 12, speed: undefined }]);
    expect(capacity.threads).toBe(2);
  });

  it("may be any text at all", () => {
    fc.assert(fc.property(fc.string(), (text) => follow().capacity.header(text)));
    const { capacity, heard } = follow();
    for (const text of ["", "running=1", "running=x, waiting=0, threads=2, wait=1", "running=-1, waiting=0, threads=2, wait=1"]) capacity.header(text);
    expect(heard).toEqual([]);
  });

  it("is unknown where nobody answers", async () => {
    const { capacity } = follow();
    await capacity.refresh(new AbortController().signal);
    expect([capacity.isKnown, capacity.latest]).toEqual([undefined, undefined]);
  });
});

describe("a result's key", () => {
  const key = (options: string): Promise<string> => resultKey("m".repeat(64), requestOf({ options }));

  it("is the same however the options are written, and another for other options or inputs", async () => {
    expect(await key('{"opacity":0.5,"rows":2}')).toBe(await key('{ "rows": 2.0, "opacity": 5e-1 }'));
    expect(await key('{"opacity":0.5}')).not.toBe(await key('{"opacity":0.25}'));
    const other = requestOf({ sources: [{ input: 0, data: new Uint8Array([1]).buffer }] });
    expect(await resultKey("m".repeat(64), other)).not.toBe(await key('{"opacity":0.5}'));
    expect(await key("{}")).toMatch(/^[0-9a-f]{64}$/);
  });

  it("fills in defaults", async () => {
    const fn = { ...blend, options: { properties: { opacity: { type: "number", default: 1 } } } };
    const keys = await Promise.all(["{}", '{"opacity":1}'].map((options) => resultKey("m", requestOf({ fn, options }))));
    expect(keys[0]).toBe(keys[1]);
  });
});

describe("what was learned", () => {
  it("is there again at the next visit, for that module and service alone", async () => {
    const store = new MemoryStore();
    const first = await Learning.start(store, "m", "https://a/", {});
    expect(first.isKnown).toBe(false);
    first.planner.probe("local", 20, 10);
    await first.save();
    const again = await Learning.start(store, "m", "https://a/", {});
    expect(again.isKnown).toBe(true);
    expect(again.planner.record().coefficients).toHaveProperty(["machine:local"]);
    expect((await Learning.start(store, "other", "https://a/", {})).isKnown).toBe(false);
  });

  it("is pruned: old modules go", async () => {
    const store = new MemoryStore();
    for (let each = 0; each < 12; each += 1) await (await Learning.start(store, `m${each}`, "https://a/", {})).save();
    expect((await Learning.start(store, "m0", "https://a/", {})).isKnown).toBe(false);
    expect((await Learning.start(store, "m11", "https://a/", {})).isKnown).toBe(true);
  });

  it("forgets what was learned, in the store too", async () => {
    const store = new MemoryStore();
    const start = (): Promise<Learning> => Learning.start(store, "m", "https://a/", {});
    const learning = await start();
    const first = learning.planner;
    first.probe("local", 500, 100);
    await learning.save();
    expect((await start()).isKnown).toBe(true);
    await learning.forget();
    expect(learning.planner).not.toBe(first);
    expect((await start()).isKnown).toBe(false);
  });

  it("does not matter where the store fails or holds nonsense", async () => {
    const broken: Store = { load: () => Promise.reject(new Error("no")), save: () => Promise.reject(new Error("no")), remove: () => Promise.reject(new Error("no")) };
    const learning = await Learning.start(broken, "m", "https://a/", {});
    await expect(learning.save()).resolves.toBeUndefined();
    const nonsense: Store = { load: () => Promise.resolve("{"), save: () => Promise.resolve(), remove: () => Promise.resolve() };
    expect((await Learning.start(nonsense, "m", "https://a/", {})).isKnown).toBe(false);
  });
});

describe("a store that never answers", () => {
  it("keeps nobody waiting", async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const learning = await Learning.start({ load: never, save: never, remove: never }, "m", "https://a/", {});
    expect(learning.isKnown).toBe(false);
    await learning.forget();
  });
});

describe("a worker that no lock tells of", () => {
  it("is dead when it does not answer pings, but not while it computes", () => {
    vi.useFakeTimers();
    const deaths: string[] = [];
    let pings = 0;
    const heartbeat = new Heartbeat(() => (pings += 1), (why) => deaths.push(why), 600_000);
    vi.advanceTimersByTime(10_000);
    expect(pings).toBe(2);
    heartbeat.heard({ type: "progress", progress: { stage: "running" } });
    vi.advanceTimersByTime(500_000);
    expect(deaths).toEqual([]);
    heartbeat.heard({ type: "error", error: { code: "x", message: "" } });
    vi.advanceTimersByTime(20_000);
    expect(deaths).toEqual(["it has said nothing for 15 s"]);
    heartbeat.end();
  });

  it("is dead when it computes for ever", () => {
    vi.useFakeTimers();
    const deaths: string[] = [];
    const heartbeat = new Heartbeat(() => undefined, (why) => deaths.push(why), 60_000);
    heartbeat.heard({ type: "progress", progress: { stage: "running" } });
    vi.advanceTimersByTime(66_000);
    expect(deaths).toHaveLength(1);
    heartbeat.end();
  });
});

describe("small things", () => {
  it("call ids are what the service takes, each another", () => {
    const ids = Array.from({ length: 100 }, callId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  });

  it("noise is the same everywhere", () => {
    let state = 2463534242n;
    const expected = Array.from({ length: 64 }, () => {
      state ^= (state << 13n) & 0xffffffffn;
      state ^= state >> 17n;
      state ^= (state << 5n) & 0xffffffffn;
      return Number(state & 255n);
    });
    expect([...new Uint8Array(noise(64))]).toEqual(expected);
  });
});

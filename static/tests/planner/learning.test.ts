import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Book } from "../../client/planner/coefficient";
import { hasNature, natureOf } from "../../client/planner/nature";
import { call, job, make, states, Surroundings, type Truth } from "./support";

const estimate = (setting: ReturnType<typeof make>, each = job(), place = "local"): { expected: number; compute: number; low: number; high: number; samples: number } => {
  const found = setting.planner.decide(each, states(), { dry: true }).estimates.find((one) => one.place === place);
  if (found === undefined) throw new Error("no estimate");
  return { ...found, compute: found.parts.compute };
};

describe("a coefficient", () => {
  const key = "machine:local";
  const terms = [{ key, sensitivity: 1 }];

  it("approaches what is observed, and becomes surer of it", () => {
    const book = new Book(new Surroundings().now);
    const before = book.get(key);
    for (let i = 0; i < 30; i += 1) book.learn(terms, Math.log(5) - book.get(key).mean, 0.03, "x");
    expect(book.get(key).mean).toBeCloseTo(Math.log(5), 2);
    expect(book.get(key).variance).toBeLessThan(before.variance / 10);
  });

  it("gets less sure with time, up to knowing nothing", () => {
    const surroundings = new Surroundings();
    const book = new Book(surroundings.now);
    book.learn(terms, 0, 0.03, "x");
    const sure = book.get(key).variance;
    surroundings.pass(60_000);
    const later = book.get(key).variance;
    surroundings.pass(1e12);
    expect(later).toBeGreaterThan(sure);
    expect(book.get(key).variance).toBe(natureOf(key).variance);
  });

  it("is moved little by one outlier, and follows when it was a change", () => {
    const book = new Book(new Surroundings().now);
    for (let i = 0; i < 20; i += 1) book.learn(terms, -book.get(key).mean, 0.03, "x");
    book.learn(terms, Math.log(10), 0.03, "x");
    expect(book.get(key).mean).toBeLessThan(Math.log(1.5));
    for (let i = 0; i < 3; i += 1) book.learn(terms, Math.log(10) - book.get(key).mean, 0.03, "x");
    expect(book.get(key).mean).toBeGreaterThan(Math.log(7));
  });

  it("stays finite whatever is observed, and the clock may go back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -50, max: 50, noNaN: true }), fc.double({ min: 0.0025, max: 4, noNaN: true }), fc.integer({ min: -1e6, max: 1e6 }))),
        (steps) => {
          const surroundings = new Surroundings();
          const book = new Book(surroundings.now);
          for (const [innovation, noise, passed] of steps) {
            surroundings.pass(passed);
            book.learn([{ key, sensitivity: 1 }, { key: "function:local:f", sensitivity: 0.7 }], innovation, noise, "x");
          }
          for (const each of [key, "function:local:f"]) {
            const { mean, variance, samples } = book.get(each);
            expect(Number.isFinite(mean) && Number.isFinite(samples)).toBe(true);
            expect(variance).toBeGreaterThan(0);
            expect(variance).toBeLessThan(natureOf(each).variance * 1.2);
          }
        },
      ),
    );
  });

  it("is one of a bounded number", () => {
    const book = new Book(new Surroundings().now);
    for (let i = 0; i < 5000; i += 1) book.learn([{ key: `kind:local:f:${i}`, sensitivity: 1 }], 0.1, 0.03, "x");
    expect(book.entries()).toHaveLength(2048);
    expect(book.has("kind:local:f:4999")).toBe(true);
  });

  it("has a nature that is known by the first word of its key", () => {
    expect(hasNature("machine:local")).toBe(true);
    for (const strange of ["", ":", "constructor:x", "__proto__", "other:machine"]) expect(hasNature(strange)).toBe(false);
  });
});

describe("predictions", () => {
  const truth: Truth = { local: 4, server: 1, rtt: 40, perByte: 1e-3 };

  it("come to what the calls really take", () => {
    const setting = make();
    for (let i = 0; i < 40; i += 1) call(setting, job({ work: 50 + (i % 7) * 30, bytesIn: 1000 * 3 ** (i % 6) }), truth, i % 2 ? "local" : "server");
    const each = job({ work: 200, bytesIn: 50_000 });
    expect(estimate(setting, each).expected / 800.5).toBeCloseTo(1, 1);
    expect(estimate(setting, each, "server").expected / (200 + 40 + 150)).toBeGreaterThan(0.85);
    expect(estimate(setting, each, "server").expected / (200 + 40 + 150)).toBeLessThan(1.15);
  });

  it("start from the probe, and from the speed that the server publishes", () => {
    const setting = make();
    setting.planner.probe("local", 60, 20);
    setting.planner.serverLoad({ running: 0, waiting: 0, threads: 4, wait: 0, speed: 0.5 });
    expect(estimate(setting).compute / 300).toBeCloseTo(1, 0);
    expect(estimate(setting, job(), "server").compute).toBeLessThan(80);
  });

  it("pass from kind to function to machine: an unseen kind inherits what was seen of the others", () => {
    const setting = make();
    for (let i = 0; i < 20; i += 1) call(setting, job({ function: i % 2 ? "blend" : "count" }), truth, "local");
    expect(estimate(setting, job({ kind: "unseen" })).compute / 400).toBeCloseTo(1, 0);
    expect(estimate(setting, job({ function: "unseen", kind: "unseen" })).compute).toBeGreaterThan(250);
    expect(estimate(setting, job({ kind: "unseen" })).samples).toBe(0);
  });

  it("learn a formula's error at one place for the other", () => {
    const setting = make();
    for (let i = 0; i < 30; i += 1) call(setting, job({ kind: "wrong" }), { ...truth, local: 12 }, "local");
    for (let i = 0; i < 30; i += 1) call(setting, job({ kind: "right" }), truth, "local");
    const [wrong, right] = ["wrong", "right"].map((kind) => estimate(setting, job({ kind }), "server").compute);
    expect(wrong).toBeGreaterThan(1.5 * (right ?? 0));
  });

  it("fall back on a learned cost per byte where the work is unknown", () => {
    const setting = make();
    for (let i = 0; i < 30; i += 1) call(setting, job({ work: undefined, bytesIn: 10_000 * (1 + (i % 9)) }), truth, "local");
    // 1e-3 units of work a byte, and 4 ms a unit.
    expect(estimate(setting, job({ work: undefined, bytesIn: 200_000 })).compute / 800).toBeCloseTo(1, 0);
    expect(estimate(setting, job({ work: undefined, bytesIn: 200_000 }), "server").compute).toBeGreaterThan(50);
  });

  it("learn how large outputs really are", () => {
    const setting = make();
    const each = job({ bytesOut: 100_000 });
    const before = setting.planner.decide(each, states(), { dry: true }).estimates.find(({ place }) => place === "server")?.parts.down ?? 0;
    for (let i = 0; i < 20; i += 1) {
      const ticket = setting.planner.begin("local", each);
      setting.planner.observe(ticket, { outcome: "ok", total: 100, compute: 99, queue: 0, bytesDown: 1_000_000 });
    }
    const after = setting.planner.decide(each, states(), { dry: true }).estimates.find(({ place }) => place === "server")?.parts.down ?? 0;
    expect(after / before).toBeGreaterThan(8);
  });

  it("learn from totals alone", () => {
    const setting = make();
    for (let i = 0; i < 40; i += 1) {
      const ticket = setting.planner.begin("server", job());
      setting.surroundings.pass(2000);
      setting.planner.observe(ticket, { outcome: "ok", total: 2000 });
    }
    expect(estimate(setting, job(), "server").expected / 2000).toBeCloseTo(1, 0);
  });

  it("have 95 % of noisy calls below their 95th percentile, roughly", () => {
    const setting = make();
    let below = 0;
    const noise = (i: number): number => Math.exp(0.3 * Math.sin(i * 12.9898) * 1.6);
    for (let i = 0; i < 300; i += 1) {
      const { high } = estimate(setting);
      const { total } = call(setting, job(), { ...truth, local: 4 * noise(i) }, "local");
      if (i >= 100 && total <= high) below += 1;
    }
    expect(below).toBeGreaterThan(170);
  });

  it("follow a network that gets ten times slower, within a few calls", () => {
    const setting = make();
    for (let i = 0; i < 20; i += 1) call(setting, job(), truth, "server");
    for (let i = 0; i < 6; i += 1) call(setting, job(), { ...truth, perByte: 1e-2 }, "server");
    expect(estimate(setting, job(), "server").expected).toBeGreaterThan(1200);
  });

  it("are not thrown off by what many overdue calls tell of one and the same event", () => {
    const setting = make();
    for (let i = 0; i < 20; i += 1) call(setting, job({ work: 1 }), truth, "server");
    const tickets = Array.from({ length: 30 }, () => setting.planner.begin("server", job({ work: 1 })));
    setting.surroundings.pass(20_000);
    for (const ticket of tickets) setting.planner.observe(ticket, { outcome: "ok", total: 20_000, queue: 0, compute: 1, transfer: 19_999 });
    expect(estimate(setting, job({ work: 1 }), "server").expected).toBeLessThan(30_000);
  });

  it("never are anything but finite and not negative, whatever is observed", () => {
    const number = fc.oneof(fc.double({ noNaN: true, min: 0, max: 1e12 }), fc.constant(0));
    const optional = fc.option(number, { nil: undefined });
    const observation = fc.record({
      outcome: fc.constantFrom("ok", "refused", "memory", "failed", "bad_input", "cancelled", "lost_race"),
      total: number, queue: optional, start: optional, compute: optional, transfer: optional, download: optional, bytesUp: optional, bytesDown: optional, retryAfter: optional,
    });
    const anyJob = fc.record({ work: optional, bytesIn: number, bytesOut: optional, memory: optional, kind: fc.string(), function: fc.string(), pure: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("native", "local", "server"), anyJob, observation, fc.integer({ min: 0, max: 100_000 }))), (steps) => {
        const { planner, surroundings } = make();
        for (const [place, fields, told, passed] of steps) {
          const each = job(fields);
          const ticket = planner.begin(place, each, states()[place]);
          surroundings.pass(passed);
          planner.observe(ticket, told);
          const decision = planner.decide(each, states());
          expect(decision.why).toMatch(/\.$/);
          for (const { expected, low, high, cost, parts } of decision.estimates) {
            for (const value of [expected, low, high, cost, parts.queue, parts.start, parts.roundTrip, parts.up, parts.compute, parts.down]) expect(value).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(cost)).toBe(true);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

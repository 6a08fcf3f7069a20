import { describe, expect, it } from "vitest";
import { mayFallBack, type Decision, type Estimate, type PlaceName } from "../../client/planner";
import { sumOf } from "../../client/planner/estimate";
import { call, job, make, type Setting, states, type Truth } from "./support";

const slow: Truth = { local: 10, server: 1, rtt: 20, perByte: 1e-5 };
const far: Truth = { local: 1, server: 1, rtt: 500, perByte: 1e-2 };

function warmed(truth: Truth, settings: Parameters<typeof make>[0] = {}): Setting {
  const setting = make(settings);
  for (let i = 0; i < 12; i += 1) call(setting, job(), truth, i % 2 ? "local" : "server");
  return setting;
}

const of = (decision: Decision, place: PlaceName): Estimate => {
  const found = decision.estimates.find((each) => each.place === place);
  if (found === undefined) throw new Error(`no estimate of ${place}`);
  return found;
};

describe("the planner decides", () => {
  it("for the faster place, and says so", () => {
    const there = warmed(slow).planner.decide(job(), states());
    expect(there).toMatchObject({ place: "server", rule: "fastest", order: ["local"] });
    expect(there.why).toMatch(/^The server takes \d+ ms, this device \d+ ms\.$/);
    expect(warmed(far).planner.decide(job(), states())).toMatchObject({ place: "local", order: ["server"] });
  });

  it("by estimates that add up", () => {
    for (const { expected, parts, low, high, cost, penalty } of warmed(slow).planner.decide(job(), states()).estimates) {
      expect(sumOf(parts)).toBeCloseTo(expected, 6);
      expect(low).toBeLessThan(expected);
      expect(high).toBeGreaterThan(expected);
      expect(cost).toBeCloseTo(expected + penalty, 6);
    }
  });

  it("for native only where it is among the places, by its own learned cost", () => {
    const { planner } = warmed(slow);
    const native = { available: true, workers: 1, cold: false, memoryLimit: undefined, bodyLimit: undefined };
    expect(of(planner.decide(job({ bytesIn: 1000 }), { ...states(), native }), "native").expected).toBeLessThan(of(planner.decide(job(), states()), "local").expected);
    for (let i = 0; i < 10; i += 1) planner.observe(planner.begin("native", job()), { outcome: "ok", total: 20, compute: 20, queue: 0 });
    expect(planner.decide(job(), { ...states(), native }).place).toBe("native");
  });

  it("memory first: what does not fit goes where it fits", () => {
    const here = warmed(slow).planner.decide(job(), states({ server: { bodyLimit: 1000 } }));
    expect(here).toMatchObject({ place: "local", rule: "memory", order: [] });
    expect(here.why).toContain("1.0 kB");
    expect(warmed(slow).planner.decide(job(), states({ server: { memoryLimit: 10 } }))).toMatchObject({ place: "local", rule: "memory" });
    expect(warmed(far).planner.decide(job({ memory: 2e9 }), states())).toMatchObject({ place: "server", rule: "memory" });
  });

  it("and remembers for a while what ran out of memory", () => {
    const setting = warmed(far);
    setting.planner.observe(setting.planner.begin("local", job({ memory: 5e8 })), { outcome: "memory", total: 10 });
    expect(setting.planner.decide(job({ memory: 6e8 }), states())).toMatchObject({ place: "server", rule: "memory" });
    expect(setting.planner.decide(job({ memory: 1e8 }), states()).place).toBe("local");
    setting.surroundings.pass(700_000);
    expect(of(setting.planner.decide(job({ memory: 6e8 }), states()), "local").available).toBe(true);
  });

  it("with one place alone, and with none for the one that will say what is wrong", () => {
    const { planner } = make();
    expect(planner.decide(job(), { local: states().local }).rule).toBe("only");
    expect(planner.decide(job(), states({ server: { available: false, why: "has another module" } })).why).toContain("has another module");
    const none = planner.decide(job({ memory: 9e9 }), states({ server: { available: false } }));
    expect(none).toMatchObject({ place: "server", rule: "none", order: [] });
    expect(none.hedge).toBeUndefined();
    expect(() => planner.decide(job(), {})).toThrow(RangeError);
  });

  it("for the server where that has the result already", () => {
    expect(warmed(far).planner.decide(job({ work: 5000, bytesOut: 10, resultKnown: true }), states())).toMatchObject({ place: "server", rule: "known" });
  });

  it("to ask for the result only where that is likely to pay", () => {
    const { planner } = warmed(slow);
    expect(planner.decide(job(), states()).ask).toBe(false);
    for (let i = 0; i < 40; i += 1) planner.asked(job(), true);
    expect(planner.decide(job({ work: 1000 }), states()).ask).toBe(true);
    expect(planner.decide(job({ work: 1000, resultKnown: false }), states()).ask).toBe(false);
    expect(planner.decide(job({ work: 1000, pure: false }), states()).ask).toBe(false);
  });

  it("for the likelier place where the faster one may miss the deadline", () => {
    const setting = make({ exploration: 0 });
    for (let i = 0; i < 60; i += 1) {
      call(setting, job(), { ...slow, local: 2.2 }, "local");
      call(setting, job(), { ...slow, rtt: i % 3 === 0 ? 300 : 20 }, "server");
    }
    const { server, local } = { server: of(setting.planner.decide(job(), states()), "server"), local: of(setting.planner.decide(job(), states()), "local") };
    expect(server.expected).toBeLessThan(local.expected);
    expect(server.high).toBeGreaterThan(local.high);
    const deadline = (local.high + server.high) / 2;
    expect(setting.planner.decide(job(), states()).place).toBe("server");
    expect(setting.planner.decide(job({ deadline }), states())).toMatchObject({ place: "local", rule: "deadline" });
    expect(setting.planner.decide(job({ deadline: 60_000 }), states())).toMatchObject({ place: "server" });
  });

  it("with the queues that its own calls make", () => {
    const setting = warmed({ local: 1, server: 1, rtt: 60, perByte: 1e-4 });
    expect(setting.planner.decide(job(), states()).place).toBe("local");
    const places = Array.from({ length: 12 }, () => {
      const { place } = setting.planner.decide(job(), states());
      setting.planner.begin(place, job(), states()[place]);
      return place;
    });
    expect(places.slice(0, 2)).toEqual(["local", "local"]);
    expect(places.filter((place) => place === "server").length).toBeGreaterThan(3);
    expect(of(setting.planner.decide(job({ priority: "high" }), states()), "local").parts.queue).toBeGreaterThan(0);
  });

  it("with the queue that the server publishes, until that is old", () => {
    const setting = warmed(slow);
    setting.planner.serverLoad({ running: 4, waiting: 50, threads: 4, wait: 5000 });
    expect(setting.planner.decide(job(), states())).toMatchObject({ place: "local" });
    setting.surroundings.pass(120_000);
    expect(of(setting.planner.decide(job(), states()), "server").parts.queue).toBeLessThan(1500);
  });

  it("to start a cold place once its coldness has cost enough", () => {
    const setting = make({ exploration: 0 });
    setting.planner.probe("local", 20, 20);
    setting.planner.exchange({ bytesUp: 0, bytesDown: 0, firstByte: 20, download: 0 });
    const each = job({ work: 5, bytesIn: 1000, bytesOut: 1000 });
    const cold = states({ local: { cold: true } });
    expect(of(setting.planner.decide(each, cold), "local").parts.start).toBeGreaterThan(50);
    expect(setting.planner.decide(each, cold).place).toBe("server");
    const rules = Array.from({ length: 6 }, () => setting.planner.decide(each, cold).rule);
    expect(rules).toContain("warm");
  });

  it("without flapping between places that are about as good", () => {
    const setting = make({ exploration: 0 });
    const even: Truth = { local: 1, server: 0.6, rtt: 20, perByte: 1e-4 };
    for (let i = 0; i < 20; i += 1) call(setting, job(), even, i % 2 ? "local" : "server");
    const places = Array.from({ length: 60 }, (_, i) => call(setting, job(), { ...even, server: 0.6 + 0.02 * Math.sin(i) }).place);
    expect(places.filter((place, i) => i > 0 && place !== places[i - 1]).length).toBeLessThanOrEqual(3);
  });

  it("changing nothing when asked dryly", () => {
    const { planner } = warmed(slow);
    const before = JSON.stringify(planner.record());
    const first = planner.decide(job(), states(), { dry: true });
    expect(planner.decide(job(), states(), { dry: true })).toEqual(first);
    expect(JSON.stringify(planner.record())).toBe(before);
  });
});

describe("exploring", () => {
  const become = (exploration: number): string[] => {
    const setting = make({ exploration });
    for (let i = 0; i < 20; i += 1) call(setting, job(), { ...slow, local: 2 }, i % 2 ? "local" : "server");
    // This device becomes the faster one while nobody looks.
    return Array.from({ length: 300 }, () => {
      setting.surroundings.pass(5000);
      return call(setting, job(), { ...slow, local: 0.3 }).place;
    });
  };

  it("finds out that an unused place has become the better one", () => {
    expect(become(0.02).slice(-10)).toEqual(Array<string>(10).fill("local"));
    expect(become(0).slice(-10)).toEqual(Array<string>(10).fill("server"));
  });

  it("costs no more than its share", () => {
    const setting = make({ hedging: 0 });
    const truth: Truth = { local: 2, server: 1, rtt: 20, perByte: 1e-5 };
    for (let i = 0; i < 20; i += 1) call(setting, job(), truth, i % 2 ? "local" : "server");
    let sum = 0;
    for (let i = 0; i < 500; i += 1) {
      setting.surroundings.pass(20_000);
      sum += call(setting, job(), truth).total;
    }
    expect(sum / (500 * 122)).toBeLessThan(1.04);
  });

  it("is not done with a deadline, nor with what is urgent", () => {
    const setting = warmed({ local: 3, server: 1, rtt: 20, perByte: 1e-5 });
    setting.surroundings.pass(1e7);
    for (let i = 0; i < 20; i += 1) {
      expect(setting.planner.decide(job({ priority: "high" }), states(), { dry: true }).rule).not.toBe("explore");
      expect(setting.planner.decide(job({ deadline: 1e6 }), states(), { dry: true }).rule).not.toBe("explore");
    }
  });
});

describe("what costs the user something", () => {
  // The server is a little faster, for a megabyte up and down.
  const each = job({ bytesIn: 500_000, bytesOut: 500_000, work: 100 });
  const truth: Truth = { local: 5, server: 1, rtt: 20, perByte: 1e-4 };

  it("stays here where data is to be saved", () => {
    const { planner } = warmed(truth);
    expect(planner.decide(each, states()).place).toBe("server");
    planner.priors({ saveData: true });
    const decision = planner.decide(each, states());
    expect(decision).toMatchObject({ place: "local", rule: "cheapest" });
    expect(decision.why).toContain("data is to be saved");
    expect(of(decision, "server").penalty).toBeGreaterThan(3000);
    expect(of(decision, "local").penalty).toBe(0);
  });

  it("goes to the server where the battery is low", () => {
    const near: Truth = { local: 1, server: 1, rtt: 60, perByte: 1e-5 };
    const { planner } = warmed(near);
    expect(planner.decide(job(), states()).place).toBe("local");
    planner.priors({ battery: { charging: false, level: 0.1 } });
    expect(planner.decide(job(), states())).toMatchObject({ place: "server", rule: "cheapest" });
    planner.priors({ battery: { charging: true, level: 0.1 } });
    expect(planner.decide(job(), states()).place).toBe("local");
  });

  it("gives the server a little more where the processor is hot", () => {
    const { planner } = warmed({ local: 1, server: 1, rtt: 10, perByte: 1e-6 });
    expect(planner.decide(job(), states()).place).toBe("local");
    planner.priors({ pressure: "critical" });
    expect(planner.decide(job(), states())).toMatchObject({ place: "server", rule: "cheapest" });
  });

  it("is not hedged over a metered connection", () => {
    const { planner } = warmed({ local: 2, server: 1, rtt: 50, perByte: 1e-4 });
    const small = job({ bytesIn: 100, bytesOut: 100, work: 300 });
    const hedged = planner.decide(small, states()).hedge?.place;
    expect(hedged).toBeDefined();
    planner.priors({ saveData: true });
    expect(planner.decide(small, states()).hedge?.place).not.toBe("server");
  });
});

describe("hedging", () => {
  it("comes after the 95th percentile, for pure calls alone", () => {
    const { planner } = warmed({ local: 2, server: 1, rtt: 50, perByte: 1e-4 });
    const decision = planner.decide(job({ work: 500 }), states());
    expect(decision.hedge).toEqual({ place: decision.order[0], after: of(decision, decision.place).high });
    expect(planner.decide(job({ work: 500, pure: false }), states()).hedge).toBeUndefined();
    // What is done before a stopped worker would be back is not worth one.
    expect(planner.decide(job({ work: 1 }), states()).hedge).toBeUndefined();
  });

  it("has a budget of one in twenty calls", () => {
    const setting = make();
    let hedges = 0;
    for (let i = 0; i < 400; i += 1) {
      call(setting, job(), slow);
      if (setting.planner.spendHedge()) hedges += 1;
    }
    expect(hedges).toBeGreaterThanOrEqual(20);
    expect(hedges).toBeLessThanOrEqual(21);
    const off = make({ hedging: 0 });
    for (let i = 0; i < 100; i += 1) call(off, job(), slow);
    expect(off.planner.spendHedge()).toBe(false);
    expect(off.planner.decide(job(), states()).hedge).toBeUndefined();
  });

  it("teaches that the loser takes longer than it was given", () => {
    const setting = warmed(slow);
    const before = of(setting.planner.decide(job(), states()), "server").expected;
    for (let i = 0; i < 4; i += 1) setting.planner.observe(setting.planner.begin("server", job()), { outcome: "lost_race", total: 5000 });
    expect(of(setting.planner.decide(job(), states()), "server").expected).toBeGreaterThan(2 * before);
    const early = warmed(slow);
    for (let i = 0; i < 4; i += 1) early.planner.observe(early.planner.begin("server", job()), { outcome: "cancelled", total: 5 });
    expect(of(early.planner.decide(job(), states()), "server").expected).toBeCloseTo(before, 6);
  });
});

describe("a call that ended badly", () => {
  it("is tried elsewhere, but never a bad input", () => {
    expect((["ok", "refused", "memory", "failed", "bad_input", "cancelled", "lost_race"] as const).filter(mayFallBack)).toEqual(["refused", "memory", "failed"]);
  });
});

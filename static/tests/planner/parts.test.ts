import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULTS, parseRecord, Planner, recordKey } from "../../client/planner";
import { Breaker } from "../../client/planner/breaker";
import { Budget } from "../../client/planner/budget";
import { Ledger } from "../../client/planner/ledger";
import { Load } from "../../client/planner/load";
import { connectionOf, slowness } from "../../client/planner/prior";
import { duration, size } from "../../client/planner/wording";
import { call, job, make, states, Surroundings } from "./support";

describe("a breaker", () => {
  const fresh = (): { breaker: Breaker; surroundings: Surroundings } => {
    const surroundings = new Surroundings();
    return { breaker: new Breaker(DEFAULTS.breaker, surroundings), surroundings };
  };

  it("opens after failures in a row, lets one call try, and closes with its success", () => {
    const { breaker, surroundings } = fresh();
    breaker.failure();
    breaker.success();
    breaker.failure();
    expect(breaker.state).toBe("closed");
    breaker.failure();
    expect(breaker.state).toBe("open");
    surroundings.pass(1101);
    expect(breaker.state).toBe("half-open");
    breaker.begin();
    expect(breaker.state).toBe("open");
    breaker.success();
    expect(breaker.state).toBe("closed");
  });

  it("rests twice as long after each trial that fails, up to a most", () => {
    const { breaker, surroundings } = fresh();
    breaker.failure();
    breaker.failure();
    const rests: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      rests.push(Math.round(breaker.opensIn ?? 0));
      surroundings.pass(breaker.opensIn ?? 0);
      breaker.begin();
      breaker.failure();
    }
    expect(rests.slice(0, 4)).toEqual([1100, 2200, 4400, 8800]);
    expect(rests[8]).toBe(66_000);
  });

  it("does not count failures of calls that were under way when it opened", () => {
    const { breaker, surroundings } = fresh();
    for (let i = 0; i < 10; i += 1) breaker.failure();
    surroundings.pass(1101);
    expect(breaker.state).toBe("half-open");
  });

  it("stays open as long as the place asks, however the clock is set", () => {
    const { breaker, surroundings } = fresh();
    breaker.refuse(5000);
    surroundings.pass(4999);
    expect(breaker.state).toBe("open");
    surroundings.pass(-1e9);
    expect(breaker.opensIn).toBe(5000);
    surroundings.pass(1e9 + 2);
    expect(breaker.state).toBe("half-open");
  });

  it("is open offline, and forgets what failed then", () => {
    const { breaker } = fresh();
    breaker.disconnect();
    breaker.failure();
    breaker.failure();
    expect(breaker.state).toBe("open");
    breaker.reconnect();
    expect(breaker.state).toBe("closed");
  });

  it("lets another try where the trial told nothing", () => {
    const { breaker, surroundings } = fresh();
    breaker.refuse(100);
    surroundings.pass(101);
    breaker.begin();
    breaker.undecided();
    expect(breaker.state).toBe("half-open");
  });
});

describe("the planner with breakers", () => {
  it("runs it locally for as long as a 503 says", () => {
    const setting = make();
    for (let i = 0; i < 6; i += 1) call(setting, job(), { local: 10, server: 1, rtt: 20, perByte: 1e-5 }, "server");
    expect(setting.planner.decide(job(), states()).place).toBe("server");
    setting.planner.observe(setting.planner.begin("server", job()), { outcome: "refused", total: 5, retryAfter: 30_000 });
    setting.surroundings.pass(29_000);
    const decision = setting.planner.decide(job(), states());
    expect(decision).toMatchObject({ place: "local", rule: "only", order: [], hedge: undefined });
    expect(decision.why).toContain("left alone");
    setting.surroundings.pass(1001);
    expect(setting.planner.decide(job(), states())).toMatchObject({ place: "server", rule: "trial", order: ["local"] });
  });

  it("tries earlier where the server says meanwhile that it has room, but not after failures", () => {
    const { planner } = make();
    const busy = { running: 4, waiting: 32, threads: 4, wait: 900 };
    const server = (): boolean | undefined => planner.decide(job(), states()).estimates.find(({ place }) => place === "server")?.available;
    planner.observe(planner.begin("server", job()), { outcome: "refused", total: 5, retryAfter: 30_000 });
    planner.serverLoad(busy);
    expect(server()).toBe(false);
    planner.serverLoad({ ...busy, waiting: 1 });
    expect(server()).toBe(true);
    const failing = make().planner;
    for (let i = 0; i < 3; i += 1) failing.observe(failing.begin("server", job()), { outcome: "failed", total: 5 });
    failing.serverLoad({ ...busy, waiting: 0 });
    expect(failing.decide(job(), states()).estimates.find(({ place }) => place === "server")?.available).toBe(false);
  });

  it("runs it locally offline", () => {
    const { planner } = make();
    planner.priors({ online: false });
    const decision = planner.decide(job({ work: 1e6 }), states());
    expect(decision).toMatchObject({ place: "local", rule: "only" });
    expect(decision.why).toContain("offline");
    planner.priors({ online: true });
    expect(planner.decide(job({ work: 1e6 }), states()).estimates.every(({ available }) => available)).toBe(true);
  });

  it("takes a bad input for a sign of life", () => {
    const { planner } = make();
    for (let i = 0; i < 10; i += 1) {
      planner.observe(planner.begin("server", job()), { outcome: "failed", total: 5 });
      planner.observe(planner.begin("server", job()), { outcome: "bad_input", total: 5 });
    }
    expect(planner.decide(job(), states()).estimates.every(({ available }) => available)).toBe(true);
  });

  it("ignores a ticket that it does not know, or knows no more", () => {
    const { planner } = make();
    const ticket = planner.begin("local", job());
    planner.observe(ticket, { outcome: "ok", total: 5, compute: 5 });
    const before = planner.record();
    planner.observe(ticket, { outcome: "ok", total: 500, compute: 500 });
    planner.observe(99, { outcome: "ok", total: 500, compute: 500 });
    planner.started(99);
    expect(planner.record()).toEqual(before);
  });
});

describe("a budget", () => {
  it("never lets more be spent than its share of what came in, and what it held at first", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.double({ min: 0, max: 1000, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }))), (steps) => {
        const budget = new Budget(0.1, 50, 7);
        let earned = 0;
        let spent = 0;
        for (const [amount, cost] of steps) {
          budget.earn(amount);
          earned += amount;
          if (budget.spend(cost)) spent += cost;
        }
        expect(spent).toBeLessThanOrEqual(7 + 0.1 * earned + 1e-6);
      }),
    );
  });
});

describe("the ledger", () => {
  const parts = { queue: 0, start: 0, roundTrip: 0, up: 0, compute: 100, down: 0 };
  const entry = (ticket: number, fields: object = {}): Parameters<Ledger["add"]>[0] => ({
    ticket, place: "local", priority: "auto", began: 0, arrives: 0, busy: 100, parts, started: undefined, crowded: 0, ...fields,
  });
  const fresh = (): { ledger: Ledger; set: (time: number) => void } => {
    let time = 0;
    return { ledger: new Ledger(() => time), set: (to) => (time = to) };
  };

  it("queues calls for the workers there are", () => {
    const { ledger, set } = fresh();
    const queues = [1, 2, 3, 4, 5].map((ticket) => {
      const queue = ledger.queue(0, 2, "auto");
      ledger.add(entry(ticket));
      return queue;
    });
    expect(queues).toEqual([0, 0, 100, 100, 200]);
    set(40);
    expect(ledger.queue(0, 2, "auto")).toBe(160 + 0);
    ledger.take(1);
    expect(ledger.queue(0, 2, "auto")).toBeLessThan(260);
  });

  it("lets what is urgent go before what waits, not before what runs", () => {
    const { ledger } = fresh();
    ledger.add(entry(1, { started: 0 }));
    ledger.add(entry(2));
    ledger.add(entry(3, { priority: "low" }));
    expect(ledger.queue(0, 1, "high")).toBe(100);
    expect(ledger.queue(0, 1, "auto")).toBe(200);
    expect(ledger.queue(0, 1, "low")).toBe(300);
  });

  it("expects what is overdue to end soon, not never and not at once", () => {
    const { ledger, set } = fresh();
    ledger.add(entry(1));
    set(1000);
    expect(ledger.queue(0, 1, "auto")).toBe(25);
  });

  it("shares the link between uploads", () => {
    const { ledger, set } = fresh();
    ledger.add(entry(1, { arrives: 80, parts: { ...parts, up: 80 } }));
    expect(ledger.uploads(50)).toBe(50);
    expect(ledger.uploads(500)).toBe(80);
    set(60);
    expect(ledger.uploads(500)).toBe(20);
  });
});

describe("the server's load", () => {
  it("counts what others cause, and forgets it", () => {
    let time = 0;
    const load = new Load(() => time);
    expect(load.wait()).toBe(0);
    load.report({ wait: 1000, threads: 4 }, 400);
    expect(load.wait()).toBe(600);
    for (let i = 0; i < 20; i += 1) load.report({ wait: 0, threads: 4 }, 0);
    expect(load.wait()).toBe(0);
    load.report({ wait: 1000, threads: 4 }, 0);
    time = 60_000;
    expect(load.wait()).toBeLessThan(200);
    load.report({ wait: Number.NaN, threads: -1 }, 0);
    expect(load.threads).toBe(4);
    expect(Number.isFinite(load.wait())).toBe(true);
  });
});

describe("priors", () => {
  it("are each optional", () => {
    expect(slowness({})).toBeGreaterThan(0);
    expect(slowness({ hardwareConcurrency: 2 })).toBeGreaterThan(slowness({ hardwareConcurrency: 16 }));
    expect(slowness({ deviceMemory: 1 })).toBeGreaterThan(slowness({ deviceMemory: 8 }));
    expect(slowness({ mobile: true })).toBeGreaterThan(slowness({}));
    expect(connectionOf({ rtt: 300 }).rtt).toBe(300);
    expect(connectionOf({ rtt: 0 }).rtt).toBe(connectionOf({}).rtt);
    expect(connectionOf({ downlink: 1 }).down).toBeCloseTo(8e-3);
    expect(connectionOf({ downlink: 10 }).down).toBeLessThanOrEqual(8e-4);
    expect(connectionOf({ loopback: true }).rtt).toBeLessThan(2);
    expect(connectionOf({ connection: "constructor" })).toEqual(connectionOf({}));
  });

  it("tell the network of a first call, and that it is another one now", () => {
    const expected = (setting: ReturnType<typeof make>): number =>
      setting.planner.decide(job(), states(), { dry: true }).estimates.find(({ place }) => place === "server")?.expected ?? 0;
    const setting = make();
    setting.planner.priors({ downlink: 0.5, rtt: 600 });
    expect(expected(setting)).toBeGreaterThan(2000);
    for (let i = 0; i < 10; i += 1) call(setting, job(), { local: 1, server: 1, rtt: 600, perByte: 1e-2 }, "server");
    const before = expected(setting);
    setting.planner.priors({ connection: "wifi" });
    expect(expected(setting)).toBeLessThan(before / 1.5);
  });
});

describe("a record", () => {
  const learned = (): Planner => {
    const setting = make();
    for (let i = 0; i < 10; i += 1) call(setting, job(), { local: 7, server: 1, rtt: 20, perByte: 1e-5 }, i % 2 ? "local" : "server");
    return setting.planner;
  };
  const now = new Surroundings().time + 1e6;

  it("brings back what was learned, by way of JSON", () => {
    const planner = learned();
    const record = parseRecord(JSON.parse(JSON.stringify(planner.record())), "m", "s", now);
    expect(record).toEqual(planner.record());
    const again = make({}, { record });
    const compute = again.planner.decide(job(), states()).estimates[0]?.parts.compute ?? 0;
    expect(compute / 700).toBeCloseTo(1, 0);
  });

  it("is kept by module and service", () => {
    expect(recordKey("m", "s")).not.toBe(recordKey("m", "t"));
    expect(parseRecord(learned().record(), "other", "s", now)).toBeUndefined();
    expect(parseRecord(learned().record(), "m", "other", now)).toBeUndefined();
  });

  it.each([
    ["not a number", ["1", 0.1, 1, 1]], ["no number", [Number.NaN, 0.1, 1, 1]], ["huge", [1e9, 0.1, 1, 1]], ["a negative variance", [0, -1, 1, 1]],
    ["from the future", [0, 0.1, 1, 1e15]], ["ancient", [0, 0.1, 1, 0]], ["too long", [0, 0.1, 1, 1, 1]], ["an object", {}], ["nothing", null],
  ])("loses what is %s", (_, value) => {
    const record = { version: 1, module: "m", service: "s", coefficients: { "machine:local": value, "machine:server": [0, 0.1, 1, now - 1] } };
    expect(Object.keys(parseRecord(record, "m", "s", now)?.coefficients ?? {})).toEqual(["machine:server"]);
  });

  it("may be anything: nothing throws, and the planner works on", () => {
    const entry = fc.oneof(fc.anything(), fc.tuple(fc.double(), fc.double(), fc.double(), fc.double()));
    const keys = fc.constantFrom("machine:local", "noise:local:blend:a", "linknoise:server", "rtt:server", "hits:blend", "out_kind:blend:a", "__proto__", "x");
    const record = fc.oneof(fc.anything(), fc.record({ version: fc.constant(1), module: fc.constant("m"), service: fc.constant("s"), coefficients: fc.dictionary(keys, entry) }));
    fc.assert(
      fc.property(record, (value) => {
        const parsed = parseRecord(value, "m", "s", now);
        const setting = make({}, { record: parsed });
        for (let i = 0; i < 3; i += 1) call(setting, job(), { local: 7, server: 1, rtt: 20, perByte: 1e-5 });
        for (const { expected } of setting.planner.decide(job(), states()).estimates) expect(expected).toBeGreaterThan(0);
      }),
    );
  });

  it("is bounded", () => {
    const coefficients = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`kind:local:f:${i}`, [0, 0.1, 1, now - 1]]));
    expect(Object.keys(parseRecord({ version: 1, module: "m", service: "s", coefficients }, "m", "s", now)?.coefficients ?? {})).toHaveLength(2048);
  });
});

describe("wording", () => {
  it("is for people", () => {
    expect([0.12, 12.3, 12_345, 720_000].map(duration)).toEqual(["0.1 ms", "12 ms", "12.3 s", "12 min"]);
    expect([12, 1234, 1.5e6, 3.1e9].map(size)).toEqual(["12 B", "1.2 kB", "1.5 MB", "3.10 GB"]);
  });
});

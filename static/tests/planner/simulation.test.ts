import { beforeAll, describe, expect, it } from "vitest";
import { Clock } from "../../bench/clock";
import { Crew } from "../../bench/crew";
import { loadWorkload } from "../../bench/main";
import { Pipe } from "../../bench/pipe";
import { oracle, PlannerPolicy } from "../../bench/policy";
import { Random } from "../../bench/random";
import { scoreOf, verdicts } from "../../bench/report";
import { scenarios } from "../../bench/scenario";
import { type Cell, play } from "../../bench/tournament";
import { traceOf } from "../../bench/trace";
import type { Workload } from "../../bench/workload";
import { World } from "../../bench/world";

const root = new URL("../../../", import.meta.url);

describe("the simulation's parts", () => {
  it("share a link evenly", () => {
    const clock = new Clock();
    const pipe = new Pipe(clock, 10);
    const done: [string, number][] = [];
    const send = (name: string, bytes: number): void => void pipe.send(bytes, () => done.push([name, Math.round(clock.now)]));
    send("a", 1000);
    send("b", 500);
    clock.at(100, () => send("c", 100));
    while (clock.step());
    // All bytes are sent at the full rate, whoever they belong to, and the small one does not wait for the large ones.
    expect(done.at(-1)).toEqual(["a", 160]);
    expect(done[0]?.[0]).toBe("b");
  });

  it("serve first come, first served", () => {
    const clock = new Clock();
    const crew = new Crew(clock, 2, false);
    const ends: number[] = [];
    for (const takes of [100, 50, 30]) crew.add({ takes: () => takes, started: () => undefined, done: () => ends.push(clock.now) });
    expect(crew.wait(0)).toBe(80);
    while (clock.step());
    expect(ends).toEqual([50, 80, 100]);
  });

  it("draw numbers of the right mean and deviation", () => {
    const random = new Random(7);
    const factors = Array.from({ length: 20_000 }, () => random.factor(0.5));
    expect(factors.reduce((sum, each) => sum + each, 0) / factors.length).toBeCloseTo(1, 1);
    expect(Array.from({ length: 5 }, () => new Random(7).uniform())).toEqual(Array(5).fill(new Random(7).uniform()));
  });
});

describe("placement, simulated with measured costs", () => {
  let workload: Workload;
  let cells: Cell[];

  beforeAll(async () => {
    workload = await loadWorkload(root);
    // Every 23rd scenario: 23 is prime to the sizes of the grid, so that all devices, networks, sizes and changes occur.
    cells = scenarios((index) => index % 23 === 0).map((scenario, index) => play(scenario, workload, [100 + index], 60));
  }, 120_000);

  it("is the same whenever it is played", () => {
    const [first] = scenarios();
    if (first === undefined) throw new Error("no scenario");
    expect(play(first, workload, [3], 30)).toEqual(play(first, workload, [3], 30));
  });

  it("answers every call, of every policy", () => {
    for (const scenario of scenarios((index) => index % 97 === 0)) {
      const trace = traceOf(scenario, workload, 5, 40);
      for (const policy of [new PlannerPolicy(5), oracle(true, false)]) {
        const { latencies } = new World(scenario, trace, policy).run();
        expect(latencies).toHaveLength(40);
        expect(latencies.every((latency) => latency > 0)).toBe(true);
      }
    }
  });

  it("beats whoever does not look, by the same claims as make bench-placement", () => {
    const claims = verdicts(scoreOf(cells));
    expect(claims).toHaveLength(5);
    // Sixty calls are mostly getting to know each other: the tenth over the oracle is held by the full run.
    expect(claims.slice(2).filter(({ holds }) => !holds)).toEqual([]);
    expect(scoreOf(cells).planner).toBeLessThan(1.25);
    expect(scoreOf(cells).clairvoyant).toBeLessThan(1.01);
  });
});

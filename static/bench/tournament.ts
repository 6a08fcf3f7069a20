import { always, oracle, PlannerPolicy, threshold } from "./policy";
import type { Scenario } from "./scenario";
import { traceOf } from "./trace";
import type { Workload } from "./workload";
import { type Policy, type Side, World } from "./world";

/** Mean latencies of one scenario, in milliseconds, by policy. */
export interface Cell {
  readonly scenario: Scenario;
  readonly planner: number;
  readonly oracle: number;
  readonly clairvoyant: number;
  readonly local: number;
  readonly server: number;
  /** In the order of `THRESHOLDS`. */
  readonly thresholds: readonly number[];
  readonly rules: Readonly<Record<string, number>>;
  readonly hedges: number;
}

export const THRESHOLDS: readonly { readonly bytes: number; readonly large: Side }[] = (["server", "local"] as const).flatMap((large) =>
  [1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7, 3e7, 1e8].map((bytes) => ({ bytes, large })),
);

/** Lets every policy run the same traces of a scenario. */
export function play(scenario: Scenario, workload: Workload, seeds: readonly number[], length: number): Cell {
  const rules = new Map<string, number>();
  let hedges = 0;
  const mean = (make: (seed: number) => Policy, each?: (policy: Policy, hedged: number) => void): number => {
    let sum = 0;
    for (const seed of seeds) {
      const policy = make(seed);
      const { latencies, counts } = new World(scenario, traceOf(scenario, workload, seed, length), policy).run();
      sum += latencies.reduce((total, latency) => total + latency, 0) / length;
      each?.(policy, counts.hedges);
    }
    return sum / seeds.length;
  };
  const planner = mean(
    (seed) => new PlannerPolicy(seed + 1),
    (policy, hedged) => {
      if (policy instanceof PlannerPolicy) for (const [rule, count] of policy.rules) rules.set(rule, (rules.get(rule) ?? 0) + count);
      hedges += hedged;
    },
  );
  const local = mean(() => always("local"));
  const server = mean(() => always("server"));
  const best = (luck: boolean): number => Math.min(local, server, ...[false, true].map((invests) => mean(() => oracle(luck, invests))));
  return {
    scenario, planner, hedges, local, server,
    oracle: best(false),
    clairvoyant: best(true),
    thresholds: THRESHOLDS.map(({ bytes, large }) => mean(() => threshold(bytes, large))),
    rules: Object.fromEntries(rules),
  };
}

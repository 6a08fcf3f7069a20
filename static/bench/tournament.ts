import { oracle, PlannerPolicy, threshold } from "./policy";
import type { Scenario } from "./scenario";
import { type Trace, traceOf } from "./trace";
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

/** Runs policies on the same traces of one scenario. */
class Round {
  private readonly traces: readonly Trace[];
  private readonly known = new Map<string, number>();
  hedges = 0;

  constructor(
    private readonly scenario: Scenario,
    workload: Workload,
    seeds: readonly number[],
    length: number,
  ) {
    this.traces = seeds.map((seed) => traceOf(scenario, workload, seed, length));
  }

  /** Mean latency over the traces. */
  mean(make: (seed: number) => Policy): number {
    let sum = 0;
    for (const trace of this.traces) {
      const { latencies, counts } = new World(this.scenario, trace, make(trace.seed)).run();
      sum += latencies.reduce((total, latency) => total + latency, 0) / latencies.length;
      this.hedges += counts.hedges;
    }
    return sum / this.traces.length;
  }

  /** The same for a policy that goes by the size of the input alone; those that would do the same are run once. */
  bySize(bytes: number, large: Side): number {
    const places = this.traces.map(({ calls }) => calls.map(({ job }) => (job.bytesIn >= bytes === (large === "server") ? "s" : "l")).join("")).join();
    const known = this.known.get(places) ?? this.mean(() => threshold(bytes, large));
    this.known.set(places, known);
    return known;
  }
}

/** Lets every policy run the same traces of a scenario. */
export function play(scenario: Scenario, workload: Workload, seeds: readonly number[], length: number): Cell {
  const round = new Round(scenario, workload, seeds, length);
  const planners: PlannerPolicy[] = [];
  const planner = round.mean((seed) => {
    const policy = new PlannerPolicy(seed + 1);
    planners.push(policy);
    return policy;
  });
  const { hedges } = round;
  const rules: Record<string, number> = {};
  for (const [rule, count] of planners.flatMap((policy) => [...policy.rules])) rules[rule] = (rules[rule] ?? 0) + count;
  const local = round.bySize(Number.POSITIVE_INFINITY, "server");
  const server = round.bySize(0, "server");
  const best = (luck: boolean): number => Math.min(local, server, ...[false, true].map((invests) => round.mean(() => oracle(luck, invests))));
  const thresholds = THRESHOLDS.map(({ bytes, large }) => round.bySize(bytes, large));
  return { scenario, planner, hedges, local, server, oracle: best(false), clairvoyant: best(true), thresholds, rules };
}

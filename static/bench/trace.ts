import { CHARACTER, SERVER, type Scenario } from "./scenario";
import { Random } from "./random";
import type { Call, Workload } from "./workload";

/** Calls of one client, and what is particular to its two machines. */
export interface Trace {
  readonly calls: readonly Call[];
  readonly character: { readonly local: ReadonlyMap<string, number>; readonly server: ReadonlyMap<string, number> };
  /** Mean milliseconds that a call computes on the reference machine: what other clients' calls take, too. */
  readonly typical: number;
  readonly seed: number;
}

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
/** A call in so many begins a burst of so many that come at once. */
const BURST = { chance: 0.04, calls: 8 };

export function traceOf(scenario: Scenario, workload: Workload, seed: number, length: number): Trace {
  const random = new Random(seed);
  const names = workload.names;
  const noise = { compute: workload.spread, link: scenario.network.sway, jitter: scenario.network.jitter };
  const characters = (): Map<string, number> => new Map(names.map((name) => [name, random.factor(CHARACTER)]));
  const character = { local: characters(), server: characters() };
  const calls: Call[] = [];
  let burst = 0;
  while (calls.length < length) {
    const size = (scenario.size ?? random.pick(SIZES)) * random.factor(0.5);
    const call = workload.call(calls.length, random.pick(names), size, 0, noise, random);
    // What fits nowhere is no question of placement.
    if ((call.job.memory ?? 0) > SERVER.memory || call.job.bytesIn > SERVER.body) continue;
    if (burst > 0) burst -= 1;
    else if (random.uniform() < BURST.chance) burst = BURST.calls - 1;
    const gap = burst > 0 ? 0 : random.exponential(2 * thinking(scenario, call));
    calls.push({ ...call, gap });
  }
  const typical = calls.reduce((sum, { truth }) => sum + truth, 0) / calls.length;
  return { calls, character, typical, seed };
}

/** About what the better place takes: users wait for an answer before they ask for more. */
function thinking({ device, network }: Scenario, { truth, job, bytesOut }: Call): number {
  const local = truth * device.slowness;
  const server = truth * SERVER.slowness + network.rtt + (8000 * job.bytesIn) / network.up + (8000 * bytesOut) / network.down;
  return 20 + ((job.memory ?? 0) > device.memory ? server : Math.min(local, server));
}

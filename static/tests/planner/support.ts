import { Planner, type PlannerOptions, type Job, type PlaceStates, type PlannerSettings } from "../../client/planner";

/** A clock that is set by hand, and a random source that is none. */
export class Surroundings {
  time = 1_700_000_000_000;
  readonly now = (): number => this.time;
  readonly random = (): number => 0.5;

  pass(ms: number): void {
    this.time += ms;
  }
}

export const job = (fields: Partial<Job> = {}): Job => ({
  function: "blend", kind: "a", work: 100, bytesIn: 100_000, bytesOut: 100_000, memory: 1e6, pure: true, priority: "auto", deadline: undefined, ...fields,
});

export const states = (fields: { local?: object; server?: object } = {}): PlaceStates => ({
  local: { available: true, workers: 2, cold: false, memoryLimit: 1e9, bodyLimit: undefined, ...fields.local },
  server: { available: true, workers: 4, cold: false, memoryLimit: 4e9, bodyLimit: 1e8, ...fields.server },
});

export interface Setting {
  readonly planner: Planner;
  readonly surroundings: Surroundings;
}

export function make(settings: Partial<PlannerSettings> = {}, more: Partial<PlannerOptions> = {}): Setting {
  const surroundings = new Surroundings();
  return { planner: new Planner({ surroundings, module: "m", service: "s", settings, ...more }), surroundings };
}

/** How the places of a test's world really are. */
export interface Truth {
  readonly local: number;
  readonly server: number;
  readonly rtt: number;
  readonly perByte: number;
}

/** Makes a call as the world is: decides, waits, tells what came of it. Returns where it went and how long that took. */
export function call({ planner, surroundings }: Setting, each: Job, truth: Truth, forced?: "local" | "server"): { place: string; rule: string; total: number } {
  const decision = planner.decide(each, states());
  const place = forced ?? decision.place;
  const ticket = planner.begin(place, each, states()[place]);
  const bytesOut = each.bytesOut ?? 0;
  const compute = (each.work ?? each.bytesIn * 1e-3) * (place === "local" ? truth.local : truth.server);
  const transfer = place === "local" ? 0.5 : truth.rtt + (each.bytesIn + bytesOut) * truth.perByte;
  surroundings.pass(compute + transfer);
  planner.observe(ticket, { outcome: "ok", total: compute + transfer, queue: 0, start: 0, compute, transfer, bytesUp: each.bytesIn, bytesDown: bytesOut });
  surroundings.pass(10);
  return { place, rule: decision.rule, total: compute + transfer };
}

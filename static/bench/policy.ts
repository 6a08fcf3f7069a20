import { Planner } from "../client/planner";
import type { Observation, PlannerSettings, ServerLoad } from "../client/planner/types";
import { SERVER } from "./scenario";
import { Random } from "./random";
import type { Call } from "./workload";
import type { Policy, Side, World } from "./world";

/** Where a call goes that does not fit where a simple policy wants it: simple policies are spared the failure. */
function fitting(call: Call, world: World, place: Side): { place: Side } {
  if (world.fits(call, place)) return { place };
  return { place: place === "local" ? "server" : "local" };
}

/** Small inputs to one side, large ones to the other; 0 and infinity send all to one. */
export const threshold = (bytes: number, large: Side): Policy => ({
  decide: (call, world) => fitting(call, world, call.job.bytesIn >= bytes === (large === "server") ? "server" : "local"),
});

/**
 * Sends each call where it will be done first: it knows every coefficient, rate and queue.
 *
 * @param luck whether it knows each call's chance, too.
 * @param invests whether it does not count what starting a cold worker takes, for the sake of the calls after.
 */
export const oracle = (luck: boolean, invests: boolean): Policy => ({
  decide: (call, world) => {
    const isSooner = world.foresee(call, "local", luck, invests) <= world.foresee(call, "server", luck);
    return fitting(call, world, isSooner ? "local" : "server");
  },
});

/** How well the probe tells the machine's speed; it runs once, at the first visit. */
const PROBE = 20;
const PROBE_NOISE = 0.1;
/** What the client fetches while it connects, and needs anyway. */
const INTERFACE_BYTES = 60_000;

/** The planner itself, as the client library uses it. Every trace is a first visit: nothing is remembered. */
export class PlannerPolicy implements Policy {
  readonly rules = new Map<string, number>();
  planner: Planner | undefined;

  constructor(
    private readonly seed: number,
    private readonly settings: Partial<PlannerSettings> = {},
  ) {}

  connect(world: World): void {
    const random = new Random(this.seed);
    const { device, network } = world.scenario;
    this.planner = new Planner({
      surroundings: { now: () => 1.7e12 + world.clock.now, random: () => random.uniform() },
      module: "0", service: "", settings: this.settings,
    });
    this.planner.priors({ ...device.priors, ...network.priors, moduleBytes: 4e6, online: true });
    this.planner.probe("local", PROBE * device.slowness * random.factor(PROBE_NOISE), PROBE);
    const download = (8000 * INTERFACE_BYTES) / network.down;
    this.planner.exchange({ bytesUp: 300, bytesDown: 0, firstByte: network.rtt * random.factor(network.jitter), download: 0 });
    this.planner.exchange({
      bytesUp: 300, bytesDown: INTERFACE_BYTES, firstByte: network.rtt * random.factor(network.jitter), download: download * random.factor(network.sway),
    });
    this.planner.serverLoad({ ...world.load(), speed: SERVER.slowness * random.factor(PROBE_NOISE) });
  }

  decide(call: Call, world: World): ReturnType<Policy["decide"]> {
    const decision = this.use().decide(call.job, world.states);
    this.rules.set(decision.rule, (this.rules.get(decision.rule) ?? 0) + 1);
    const { hedge } = decision;
    const place = sideOf(decision.place);
    return { place, hedge: hedge === undefined ? undefined : { place: sideOf(hedge.place), after: hedge.after } };
  }

  begin(place: Side, call: Call, world: World): number {
    return this.use().begin(place, call.job, world.states[place]);
  }

  started(ticket: number): void {
    this.use().started(ticket);
  }

  observe(ticket: number, _place: Side, observation: Observation): void {
    this.use().observe(ticket, observation);
  }

  spendHedge(): boolean {
    return this.use().spendHedge();
  }

  load(load: ServerLoad): void {
    this.use().serverLoad(load);
  }

  private use(): Planner {
    if (this.planner === undefined) throw new Error("connect comes first");
    return this.planner;
  }
}

function sideOf(place: string): Side {
  return place === "local" ? "local" : "server";
}

import { mayAsk } from "./asking";
import type { Call } from "./call";
import type { Capacity } from "./capacity";
import { factsOf } from "./facts";
import type { Natives } from "./natives";
import type { Decision, Job, PlaceStates } from "./planner/types";
import type { Session } from "./session";
import type { Settings } from "./settings";
import { statesOf } from "./states";

/** Milliseconds that a call whose place is settled waits to be measured: it is for the planner to learn from alone. */
const BRIEF = 50;

/** A decision, and what it was made of. */
export interface Plan {
  job: Job;
  mediaType: string;
  states: PlaceStates;
  decision: Decision;
  /** Whether the service is asked first whether it has the result. */
  ask: boolean;
}

export interface PlacementOptions {
  settings: Settings;
  capacity: Capacity;
  natives: Natives;
  /** Whether the service has another module than that session's. */
  isOther: (session: Session) => boolean;
  /** Whether the service was not there at the start, and has not been heard of since. */
  isAway: () => boolean;
  /** Ends what goes on in the background. */
  lifetime: AbortSignal;
}

/** Measures calls and has the planner decide on them. */
export class Placement {
  constructor(private readonly options: PlacementOptions) {}

  async plan(session: Session, call: Call, dry: boolean): Promise<Plan> {
    const { settings, capacity, lifetime } = this.options;
    const isForced = call.place !== "auto";
    const { job, mediaType } = await factsOf(session, call, isForced && !dry ? BRIEF : settings.measureLimit);
    // In the background: a decision does not wait for what the service says of its load.
    void capacity.refresh(lifetime);
    const states = this.states(session, call, mediaType);
    const free = session.planner.decide(job, states, { dry: dry || isForced });
    const decision = call.place === "auto" ? free : forced(free, call.place);
    const hasServer = states.server?.available === true && (!isForced || call.place === "server");
    const ask = mayAsk(settings.ask, capacity.isKnown, { decision, isPure: job.pure, hasServer });
    return { job, mediaType, states, decision, ask };
  }

  /** Decides anew, knowing whether the service has the result. */
  again(session: Session, { states, ...plan }: Plan, resultKnown: boolean): Plan {
    const job = { ...plan.job, resultKnown };
    return { ...plan, states, job, decision: session.planner.decide(job, states), ask: false };
  }

  private states(session: Session, call: Call, mediaType: string): PlaceStates {
    const { capacity, natives, settings, isOther, isAway } = this.options;
    return statesOf(session, call, mediaType, {
      natives,
      serverWhy: isAway() ? "could not be reached" : isOther(session) ? "has another version of the module" : undefined,
      serverThreads: capacity.threads,
      serverMemory: capacity.memory,
      serverBody: capacity.body,
      memoryLimit: settings.memoryLimit,
    });
  }
}

/** The place that the caller named, and no other. */
function forced(decision: Decision, place: Decision["place"]): Decision {
  return { ...decision, place, rule: "forced", why: "The caller asked for this place.", order: [], hedge: undefined };
}

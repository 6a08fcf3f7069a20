import type { Call } from "./call";
import type { Decision, Estimate, Job, PlaceName, Rule } from "./planner/types";
import type { Session } from "./session";

/** What would be done with a call, and why. */
export interface Explanation {
  function: string;
  /** JSON text of the options. */
  options: string;
  /** SHA-256 of the module that it would run in. */
  module: string;
  /** What is known of the call: kind, work, sizes. */
  job: Job;
  /** What each place would take, in milliseconds, or why it is out of the question. */
  estimates: readonly Estimate[];
  place: PlaceName;
  rule: Rule;
  /** One sentence for people. */
  why: string;
  /** Where it would go after a failure. */
  order: readonly PlaceName[];
  /** Where it would be started too if there is no answer after so many milliseconds. */
  hedge: Decision["hedge"];
  /** Whether the service would be asked for the result before anything is uploaded. */
  ask: boolean;
}

/** Puts a decision into the form that callers see. */
export function explanation(session: Session, call: Call, job: Job, decision: Decision, ask: boolean): Explanation {
  const { estimates, place, rule, why, order, hedge } = decision;
  return { function: call.fn.name, options: call.options, module: session.sha256, job, estimates, place, rule, why, order, hedge, ask };
}

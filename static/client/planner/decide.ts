import { byCost, isBusy, margin, PERCENTILE_95, type Rated } from "./estimate";
import type { Job, PlaceName, Priority, Rule } from "./types";
import { capital, duration, nameOf } from "./wording";

/** A choice and its reason. */
export interface Choice {
  readonly chosen: Rated;
  readonly rule: Rule;
  readonly why: string;
}

export interface Circumstances {
  /** Where the last call of this kind went. */
  readonly last: PlaceName | undefined;
  readonly hysteresis: number;
  /** Whether exploring may cost so many milliseconds more than the best place. */
  readonly mayExplore: (extra: number) => boolean;
  /** Whether a call that explores may be hedged: then it costs no more than the best place once more. */
  readonly isCovered: boolean;
  /** What makes bytes or computing cost more than time. */
  readonly because: string | undefined;
}

/** Below this a difference between two places is nothing to change over for. */
const NOTICEABLE = 1;
/** A place is worth exploring if with one chance in ten it is the better one. */
const OPTIMISM = 1.2815515655446004;
/** Exploring one call may cost as much again as the best place does, and this many milliseconds, not more. */
const MOST_EXTRA = 20;

/** Chooses among the places that are available. */
export function choose(job: Job, all: readonly Rated[], circumstances: Circumstances): Choice {
  const ranked = byCost(all.filter(({ available }) => available));
  const [best, second] = ranked;
  if (best === undefined) return lastResort(all);
  if (best.isTrial) return { chosen: best, rule: "trial", why: capital(`${nameOf(best.place)} failed before and is tried again`) };
  if (second === undefined) return alone(best, all);
  if (job.resultKnown === true && best.place === "server") {
    return { chosen: best, rule: "known", why: "The server has this result already." };
  }
  return (
    punctual(job, best, ranked) ?? exploring(job, best, ranked, circumstances) ?? keeping(best, ranked, circumstances) ?? plain(best, second, ranked, circumstances)
  );
}

/** Nothing is available: the caller gets the error of the place that is likeliest to say what is wrong. */
function lastResort(all: readonly Rated[]): Choice {
  const preferred = (["local", "server", "native"] as const).map((place) => all.find((each) => each.place === place));
  const chosen = preferred.find((each) => each !== undefined && !each.isTooSmall) ?? preferred.find((each) => each !== undefined);
  if (chosen === undefined) throw new RangeError("no place was given");
  const reasons = all.map(({ place, why }) => `${nameOf(place)}: ${why ?? "unavailable"}`).join("; ");
  return { chosen, rule: "none", why: capital(`no place is available (${reasons}), ${nameOf(chosen.place)} is tried nevertheless`) };
}

function alone(best: Rated, all: readonly Rated[]): Choice {
  const others = all.filter(({ available }) => !available);
  const rule = others.some(({ isTooSmall }) => isTooSmall) ? "memory" : "only";
  const reasons = others.map(({ place, why }) => `${nameOf(place)} ${why ?? "is not available"}`).join(" and ");
  return { chosen: best, rule, why: capital(reasons === "" ? `${nameOf(best.place)} is the only place there is` : reasons) };
}

/** Where the best place might miss the deadline: the one that is likeliest to make it. */
function punctual(job: Job, best: Rated, ranked: readonly Rated[]): Choice | undefined {
  const { deadline } = job;
  if (deadline === undefined || margin(best, deadline) >= PERCENTILE_95) return undefined;
  const chosen = ranked.reduce((found, each) => (margin(each, deadline) > margin(found, deadline) ? each : found), best);
  if (chosen === best) return undefined;
  const why = `${nameOf(chosen.place)} is likelier to answer within ${duration(deadline)} (95 % within ${duration(chosen.high)}, ${nameOf(best.place)} ${duration(best.high)})`;
  return { chosen, rule: "deadline", why: capital(why) };
}

function exploring(job: Job, best: Rated, ranked: readonly Rated[], { hysteresis, mayExplore, isCovered }: Circumstances): Choice | undefined {
  const priority: Priority = job.priority;
  if (priority === "high" || job.deadline !== undefined) return undefined;
  const chosen = ranked.find((each) => {
    const extra = extraOf(each, best, isCovered);
    // A cold start is no experiment: it is dear, known beforehand, and Patience decides on it. Nor is a queue.
    if (each === best || each.isTrial || isBusy(each) || extra > best.cost + MOST_EXTRA) return false;
    const optimistic = each.cost - each.expected + each.expected * Math.exp(-OPTIMISM * each.unsure);
    return optimistic < best.cost * (1 - hysteresis) - NOTICEABLE && mayExplore(extra);
  });
  if (chosen === undefined) return undefined;
  const why = `${nameOf(chosen.place)} (expected ${duration(chosen.expected)}, little known) is tried, it might be faster than ${nameOf(best.place)} with ${duration(best.expected)}`;
  return { chosen, rule: "explore", why: capital(why) };
}

/** What exploring is expected to cost more than the best place. */
export function extraOf(chosen: Rated, best: Rated, isCovered: boolean): number {
  return Math.min(chosen.cost - best.cost, isCovered ? best.expected : Number.POSITIVE_INFINITY);
}

function keeping(best: Rated, ranked: readonly Rated[], { last, hysteresis }: Circumstances): Choice | undefined {
  const kept = ranked.find(({ place }) => place === last);
  if (kept === undefined || kept === best || kept.isTrial || kept.cost > best.cost * (1 + hysteresis) + NOTICEABLE) return undefined;
  const why = `${nameOf(kept.place)} did calls like this before, and ${nameOf(best.place)} is hardly faster (${duration(best.expected)} against ${duration(kept.expected)})`;
  return { chosen: kept, rule: "kept", why: capital(why) };
}

function plain(best: Rated, second: Rated, ranked: readonly Rated[], { because }: Circumstances): Choice {
  const fastest = ranked.reduce((found, each) => (each.expected < found.expected ? each : found), best);
  if (fastest !== best && best.discount > 0) {
    const why = `starting ${nameOf(best.place)} takes ${duration(best.parts.start)} once, and pays off with the calls after this one`;
    return { chosen: best, rule: "warm", why: capital(why) };
  }
  if (fastest !== best) {
    const why = `${nameOf(best.place)} takes ${duration(best.expected)}, ${nameOf(fastest.place)} ${duration(fastest.expected)}, but ${because ?? "it costs more"}`;
    return { chosen: best, rule: "cheapest", why: capital(why) };
  }
  return { chosen: best, rule: "fastest", why: capital(`${nameOf(best.place)} takes ${duration(best.expected)}, ${nameOf(second.place)} ${duration(second.expected)}`) };
}

import type { CodecError } from "./errors";
import type { Interface } from "./interface";
import type { Outcome } from "./planner/types";
import type { Place } from "./protocol";

/** What an error says of the place, and whether another place may do better. */
export interface Verdict {
  outcome: Outcome;
  /** Another place would say the same. */
  isFinal: boolean;
}

/** Codes of a place that has not room enough. */
const TOO_BIG = ["memory_limit", "body_too_large", "too_large"];

/**
 * Judges an error of one attempt.
 *
 * Bad input is bad everywhere, so the interface's own errors below 500 are final; but for those about size, which
 * another place may have more room for, and for a format that the service reads by other means than the module.
 */
export function judge(error: CodecError, place: Place, description: Interface, readsMore: boolean): Verdict {
  if (error.code === "over_capacity") return { outcome: "refused", isFinal: false };
  // The service may have set a lower ceiling for the size than the caller; the module itself knows the caller's alone.
  if (TOO_BIG.includes(error.code) && !(error.code === "too_large" && place === "local")) return { outcome: "memory", isFinal: false };
  // Neither says that the place is a bad one.
  if (["other_module", "not_decoded", "not_allowed"].includes(error.code)) return { outcome: "bad_input", isFinal: false };
  const kind = description.errors.find(({ code }) => code === error.code);
  if (kind && kind.status < 500) return { outcome: "bad_input", isFinal: !(kind.status === 415 && place === "local" && readsMore) };
  return { outcome: "failed", isFinal: false };
}

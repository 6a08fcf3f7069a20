import { attempt, type Try } from "./attempt";
import type { Decision } from "./planner/types";
import type { Done } from "./pool";
import type { Attempt } from "./result";
import type { Settings } from "./settings";

/** Milliseconds that asking may take: whoever answers later has no stored result to offer in time. */
const PATIENCE = 5000;

/** Whether the service is asked for the result by its key, before anything is uploaded. */
export function mayAsk(policy: Settings["ask"], isKnown: boolean | undefined, { decision, isPure, hasServer }: {
  decision: Decision;
  isPure: boolean;
  hasServer: boolean;
}): boolean {
  // A service without the addresses of docs/http.md has no results to ask for either.
  if (policy === "never" || isKnown === false || !isPure || !hasServer) return false;
  return policy === "always" || decision.ask;
}

/** Whether the service has the result; undefined where it did not say. */
export async function isStored(tried: Omit<Try, "ask" | "place" | "why">): Promise<boolean | undefined> {
  // This is no call of the planner's: nothing is learned from it but the hit.
  return limited(tried.signal, async (signal) => {
    const { session, call, isPinned, onnote } = tried;
    const request = {
      id: call.id, place: "server", fn: call.fn, options: call.options, memoryLimit: undefined, digest: false,
      picture: false, giveBack: false, ask: "head", isPinned, priority: call.settings.priority ?? "auto",
    } as const;
    const { answer } = await session.run("server", { request, held: call.held.lasting(), signal, onnote });
    return answer.known;
  });
}

/** The stored result itself; undefined where there is none. */
export async function stored(tried: Omit<Try, "ask" | "place" | "why">, attempts: Attempt[]): Promise<Done | undefined> {
  return limited(tried.signal, async (signal) => {
    const job = { ...tried.job, resultKnown: true };
    const held = { ...tried, job, signal, place: "server", why: KNOWN, ask: "get" } as const;
    const done = await attempt(held, attempts);
    return done.answer.known === true ? done : undefined;
  });
}

export const KNOWN = "The server may have this result already.";

async function limited<T>(outer: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(outer.reason);
  const timer = setTimeout(() => controller.abort(), PATIENCE);
  if (outer.aborted) stop();
  outer.addEventListener("abort", stop);
  try {
    return await run(controller.signal);
  } catch {
    // Then the call is made as if nobody had asked.
    return undefined;
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", stop);
  }
}

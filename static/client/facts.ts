import type { Call } from "./call";
import { costOf } from "./cost";
import { hostError } from "./errors";
import { Held } from "./held";
import { callId } from "./id";
import type { FunctionDescription } from "./interface";
import type { Job } from "./planner/types";
import type { Session } from "./session";

/** What is known of a call before it runs. */
export interface JobFacts {
  job: Job;
  /** Media type of the input that a browser may decode on its own, where it is known. */
  mediaType: string;
}

/**
 * Finds out what a call will take, as the interface tells it.
 *
 * @param patience milliseconds that measuring the file's first bytes may take; without them, what would be measured is unknown.
 */
export async function factsOf(session: Session, call: Call, patience: number): Promise<JobFacts> {
  const { fn, held } = call;
  const measured = await measure(session, call, patience);
  const inputs = Object.fromEntries(fn.inputs.map(({ name }, index) => [name, held.sizes(index)]));
  const cost = costOf(fn.cost, { options: call.given, schema: fn.options, inputs, measured });
  const job: Job = {
    function: fn.name,
    kind: cost.kind,
    work: cost.work,
    bytesIn: held.bytes,
    bytesOut: cost.bytesOut,
    memory: cost.memory,
    pure: fn.idempotent && held.isLasting,
    priority: call.settings.priority ?? "auto",
    deadline: call.deadline === undefined ? undefined : Math.max(0, call.deadline - Date.now()),
  };
  return { job, mediaType: mediaTypeOf(session, call, measured) };
}

async function measure(session: Session, { fn, held, signal }: Call, patience: number): Promise<Record<string, unknown> | undefined> {
  const { measure: how } = fn.cost;
  const measuring = how && session.functions.get(how.function);
  const from = fn.inputs.findIndex(({ name }) => name === how?.input);
  const to = measuring?.inputs.findIndex(({ optional }) => optional !== true) ?? -1;
  // It is measured here, so not before the module has come.
  const isHere = session.loaded.arrival.settled !== undefined;
  const bytes = how && to >= 0 && isHere ? held.prefix(from, how.prefix) : undefined;
  if (!measuring || !bytes) return undefined;
  const limited = new AbortController();
  const stop = (): void => limited.abort(hostError("time_limit", "measuring took too long"));
  const timer = setTimeout(stop, patience);
  signal.addEventListener("abort", stop);
  try {
    const task = { request: requestOf(measuring), held: new Held([{ input: to, data: bytes }], true), signal: limited.signal };
    return (await session.measuring.run(task)).answer.result;
  } catch {
    // A file that cannot be measured may still be one that the call can say more about.
    return undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function requestOf(fn: FunctionDescription): Parameters<Session["measuring"]["run"]>[0]["request"] {
  return {
    id: callId(), place: "local", fn, options: "{}", memoryLimit: undefined,
    digest: false, picture: false, giveBack: false, ask: "no", isPinned: false, priority: "high",
  };
}

/** What the Blob says, else the format that was measured. */
function mediaTypeOf({ loaded }: Session, { fn, held }: Call, measured: Record<string, unknown> | undefined): string {
  const input = fn.inputs.findIndex(({ name }) => name === fn.picture?.native);
  if (input < 0) return "";
  const told = held.mediaType(input);
  const found = loaded.description.formats.find(({ name }) => Object.values(measured ?? {}).includes(name));
  return found?.media_type ?? told;
}

import type { Call } from "./call";
import { CodecError, hostError, messageOf } from "./errors";
import { type Verdict, judge } from "./outcome";
import type { Job, Observation, PlaceState } from "./planner/types";
import type { Done, Task } from "./pool";
import type { CallRequest, Note, Place } from "./protocol";
import { LOST } from "./race";
import { type Attempt, timesOf } from "./result";
import type { Session } from "./session";

/** One try of a call at one place. */
export interface Try {
  session: Session;
  call: Call;
  job: Job;
  place: Place;
  state: PlaceState | undefined;
  why: string;
  ask: CallRequest["ask"];
  /** Whether the service is told the module's hash and the call's id. */
  isPinned: boolean;
  signal: AbortSignal;
  onnote: (note: Note) => void;
}

/**
 * Makes it, and lets the planner learn from it.
 *
 * @param attempts is added to, whatever comes of it.
 * @throws CodecError always a CodecError.
 */
export async function attempt(tried: Try, attempts: Attempt[]): Promise<Done> {
  const { session, call, job, place, state, why, signal } = tried;
  const { planner } = session;
  const began = performance.now();
  const ticket = planner.begin(place, job, state);
  // A name of its own: the service remembers one that was cancelled, and refuses it.
  const id = `${call.id}-${attempts.length + 1}`;
  const record: Attempt = { place, outcome: "ok", why, times: { queue: 0, compute: 0, transfer: 0, total: 0 } };
  attempts.push(record);
  try {
    const done = await session.run(place, taskOf(tried, id, () => planner.started(ticket)));
    record.times = timesOf(done, performance.now() - began);
    const isMissing = done.answer.known === false;
    if (isMissing) record.outcome = "not_stored";
    // Asking in vain says nothing of how long the call takes.
    planner.observe(ticket, isMissing ? { outcome: "bad_input", total: record.times.total } : observed(done, record.times.total));
    return done;
  } catch (thrown) {
    const error = thrown instanceof CodecError ? thrown : hostError("internal", messageOf(thrown), thrown);
    const total = performance.now() - began;
    record.outcome = signal.reason === LOST ? "lost_race" : error.code;
    record.times.total = total;
    planner.observe(ticket, { ...failed(error, tried), total });
    if (place === "server" && tried.isPinned && mayStillRun(error, signal)) tellCancelled(session.url, id);
    throw error;
  }
}

/** Whether another place could not do better than this error. */
export function verdictOf(session: Session, { fn }: Call, error: CodecError, place: Place): Verdict {
  const { functions } = session.loaded.service;
  const readsMore = Object.hasOwn(functions, fn.name) && (functions[fn.name]?.reads.length ?? 0) > 0;
  return judge(error, place, session.loaded.description, readsMore);
}

function taskOf({ call, place, ask, isPinned, signal, onnote }: Try, id: string, onstart: () => void): Task {
  const { fn, options, held, settings, isPicture, within } = call;
  return {
    request: {
      id, place, fn, options, memoryLimit: settings.memoryLimit, digest: settings.digest ?? false, picture: isPicture, within,
      giveBack: held.giveBack && ask === "no", ask, isPinned, priority: settings.priority ?? "auto",
    },
    // What is only asked for must not take the buffers along.
    held: ask === "no" ? held : held.lasting(),
    signal,
    onprogress: settings.onprogress,
    onnote,
    onstart,
  };
}

function observed({ answer, waited, busy, boot }: Done, total: number): Observation {
  const { queued, compute, start, download, bytesUp, bytesDown } = answer;
  const started = boot + start;
  const transfer = Math.max(0, busy - queued - compute - started);
  return { outcome: "ok", total, queue: waited + queued, start: started, compute, transfer, download, bytesUp, bytesDown };
}

function failed(error: CodecError, { session, call, place, signal }: Try): Omit<Observation, "total"> {
  if (signal.reason === LOST) return { outcome: "lost_race" };
  if (signal.aborted) return { outcome: "cancelled" };
  const retryAfter = error.retryAfter === undefined ? undefined : error.retryAfter * 1000;
  return { outcome: verdictOf(session, call, error, place).outcome, retryAfter };
}

/** Whether the service may be at work on a call whose answer nobody waits for. */
function mayStillRun({ code }: CodecError, signal: AbortSignal): boolean {
  return signal.aborted || code === "unreachable" || code === "worker_crashed";
}

/** Tells the service to stop a call. Whether it hears that is of no consequence here, and the page may be gone before it is sent. */
function tellCancelled(url: string, id: string): void {
  fetch(new URL(`v1/calls/${id}`, url), { method: "DELETE", keepalive: true })
    .then((response) => response.body?.cancel())
    .catch(() => undefined);
}

import { isStored, KNOWN, stored } from "./asking";
import { attempt, type Try, verdictOf } from "./attempt";
import { Call } from "./call";
import { Calls } from "./calls";
import { abortError, CodecError, hostError } from "./errors";
import { type Explanation, explanation } from "./explain";
import type { Sorted } from "./methods";
import { type Placement, type Plan } from "./placement";
import type { Natives } from "./natives";
import type { Done } from "./pool";
import type { Note, Place } from "./protocol";
import { PushedCall, type Stream } from "./pushed";
import { race } from "./race";
import { type Attempt, shape } from "./result";
import type { Session } from "./session";
import type { PlaceChoice } from "./settings";

export interface DispatcherOptions {
  placement: Placement;
  natives: Natives;
  place: PlaceChoice;
  hasPictures: boolean;
  /** Most bytes that are pushed to one call. */
  pushLimit: number;
  /** The session for calls that begin now. */
  current: () => Session;
  /** The session of the module that the service has now, where there is one that fits. */
  follow: () => Promise<Session | undefined>;
  /** Whether the service is told the module's hash and the call's id. */
  isPinned: () => boolean;
  /** An answer's headers have come. */
  onnote: (note: Note) => void;
}

interface Finished {
  place: Place;
  done: Done;
  why: string;
}

/** Brings each call to its place: measures, decides, tries, falls back, hedges, observes, and tells where the result came from. */
export class Dispatcher {
  readonly log = new Calls();
  /** Where calls run that name no place. */
  place: PlaceChoice;
  private readonly calls = new Set<Call>();
  private closed: CodecError | undefined;

  constructor(private readonly options: DispatcherOptions) {
    this.place = options.place;
  }

  /** @throws CodecError what the call fails with, wherever it was tried. */
  async call(sorted: Sorted): Promise<unknown> {
    const call = this.admit(sorted);
    this.calls.add(call);
    try {
      call.begin();
      return await this.run(this.options.current(), call);
    } finally {
      this.calls.delete(call);
      call.release();
    }
  }

  /**
   * Begins a pushed call, which runs here.
   *
   * @throws CodecError `unavailable` where the place is another one.
   */
  open(sorted: Sorted): Stream<unknown> {
    const call = this.admit(sorted);
    if (call.place === "server" || call.place === "native") {
      throw hostError("unavailable", `a pushed call runs here ("local"), not at the place "${call.place}"`);
    }
    this.calls.add(call);
    call.begin();
    return new PushedCall(this.options.current(), call, this.options.pushLimit, () => {
      this.calls.delete(call);
      call.release();
    });
  }

  /** What would be done with a call, and why; nothing is sent anywhere. */
  async explain(sorted: Sorted): Promise<Explanation> {
    const call = this.admit(sorted);
    const session = this.options.current();
    const { job, decision, ask } = await this.options.placement.plan(session, call, true);
    return explanation(session, call, job, decision, ask);
  }

  /** Ends all calls with one error. */
  stop(reason: CodecError): void {
    for (const call of this.calls) call.end(reason);
  }

  /** As `stop`, for good. */
  close(reason: CodecError): void {
    this.closed = reason;
    this.stop(reason);
  }

  private admit({ fn, prepared, settings }: Sorted): Call {
    if (this.closed) throw this.closed;
    return new Call(fn, prepared, settings, settings.place ?? this.place, this.options.hasPictures);
  }

  private async run(session: Session, call: Call): Promise<unknown> {
    const plan = await this.options.placement.plan(session, call, false);
    if (call.signal.aborted) throw abortError(call.signal);
    if (call.place === "native") mustDecode(plan);
    const attempts: Attempt[] = [];
    try {
      const finished = (await this.ask(session, call, plan, attempts)) ?? (await this.compute(session, call, plan, attempts));
      this.settled(call, plan, attempts, finished.place);
      return this.result(call, plan, attempts, finished);
    } catch (thrown) {
      this.settled(call, plan, attempts, undefined);
      const next = await this.upgraded(call, thrown);
      if (next) return this.run(next, call);
      throw thrown;
    }
  }

  /** A result that the service has kept, where it was asked and has one. Changes the plan if that is a reason to. */
  private async ask(session: Session, call: Call, plan: Plan, attempts: Attempt[]): Promise<Finished | undefined> {
    if (!plan.ask) return undefined;
    const tried = { ...this.common(session, call, plan), signal: call.signal };
    if (!isAt(plan, "server")) {
      const known = await isStored(tried);
      if (known !== undefined) session.planner.asked(plan.job, known);
      if (known !== true) return undefined;
      Object.assign(plan, this.options.placement.again(session, plan, true));
      if (!isAt(plan, "server")) return undefined;
    }
    const done = await stored(tried, attempts);
    if (plan.job.resultKnown === undefined) session.planner.asked(plan.job, done !== undefined);
    // Should it have been there and be gone, the call is made like any other.
    plan.job = { ...plan.job, resultKnown: false };
    return done && { place: "server", done, why: KNOWN };
  }

  private async compute(session: Session, call: Call, plan: Plan, attempts: Attempt[]): Promise<Finished> {
    const { decision } = plan;
    const common = this.common(session, call, plan);
    const reasons = new Map<Place, string>();
    const { place, value } = await race<Done>({
      order: [decision.place, ...decision.order],
      hedge: decision.hedge,
      mayHedge: () => session.planner.spendHedge(),
      attempt: (where, why = decision.why, signal) => {
        reasons.set(where, why);
        return attempt({ ...common, place: where, state: plan.states[where], why, signal, ask: "no" }, attempts);
      },
      isFinal: (error, where) => verdictOf(session, call, error, where).isFinal,
      signal: call.signal,
    });
    return { place, done: value, why: reasons.get(place) ?? decision.why };
  }

  private common(session: Session, call: Call, { job, states }: Plan): Omit<Try, "place" | "why" | "ask" | "signal"> {
    return { session, call, job, state: states.server, isPinned: this.options.isPinned(), onnote: this.options.onnote };
  }

  /** A call forced onto a service that has another module by now goes there once more, with that module. */
  private async upgraded(call: Call, thrown: unknown): Promise<Session | undefined> {
    const isOther = thrown instanceof CodecError && thrown.code === "other_module";
    if (!isOther || call.place !== "server" || call.signal.aborted) return undefined;
    const next = await this.options.follow();
    return next?.functions.has(call.fn.name) === true ? next : undefined;
  }

  private result(call: Call, plan: Plan, attempts: Attempt[], { place, done, why }: Finished): unknown {
    const estimate = estimateOf(plan, place);
    const predicted = estimate && { total: estimate.expected, low: estimate.low, high: estimate.high };
    const { id, fn, options, startedAt } = call;
    return shape(fn, done, { place, why, options, call: id, attempts, predicted, total: performance.now() - startedAt });
  }

  /** Remembers what the call has shown. */
  private settled(call: Call, plan: Plan, attempts: readonly Attempt[], winner: Place | undefined): void {
    const { natives } = this.options;
    const isUndecoded = attempts.some(({ outcome }) => outcome === "not_decoded");
    if (winner === "native") natives.decoded(plan.mediaType);
    else if (winner !== undefined && isUndecoded) natives.failed(plan.mediaType);
    for (const { place, outcome, times } of attempts) {
      const estimate = estimateOf(plan, place);
      if (!estimate || outcome === "lost_race" || outcome === "not_stored") continue;
      const { expected: predicted, low, high } = estimate;
      const { job } = plan;
      this.log.add({ function: call.fn.name, kind: job.kind, place, outcome, predicted, low, high, actual: times.total, at: Date.now() });
    }
  }
}

function isAt({ decision }: Plan, place: Place): boolean {
  return decision.place === place;
}

function estimateOf({ decision }: Plan, place: Place): Plan["decision"]["estimates"][number] | undefined {
  return decision.estimates.find((each) => each.place === place && each.available && Number.isFinite(each.expected));
}

function mustDecode({ states }: Plan): void {
  const { native } = states;
  if (!native) throw hostError("unavailable", 'the browser\'s own decoder gives pictures alone: ask for one with { as: "picture" }');
  if (!native.available) throw hostError("unavailable", `the browser's own decoder ${native.why ?? "is not available"}`);
}

import { Book } from "./coefficient";
import { Breaker } from "./breaker";
import { Budget } from "./budget";
import { Compute } from "./compute";
import { choose, extraOf } from "./decide";
import { addUp, byCost, isBusy, mean, NOTHING, PERCENTILE_95, type Rated, shared, sumOf, unavailable, uncertain } from "./estimate";
import { Ledger } from "./ledger";
import { Link, type Transfer } from "./link";
import { Load } from "./load";
import { Output } from "./output";
import { Patience } from "./patience";
import { coldStart, connectionOf, slowness, Weights } from "./prior";
import { Room } from "./room";
import { DEFAULTS } from "./settings";
import {
  type Decision,
  type Estimate,
  type Exchange,
  type Job,
  type Observation,
  type Outcome,
  type Parts,
  PLACES,
  type PlaceName,
  type PlannerLike,
  type PlannerRecord,
  type PlannerSettings,
  type PlaceState,
  type PlaceStates,
  type Priors,
  type ServerLoad,
  type Surroundings,
  type Ticket,
} from "./types";
import { duration } from "./wording";

export interface PlannerOptions {
  readonly surroundings: Surroundings;
  readonly module: string;
  readonly service: string;
  readonly settings?: Partial<PlannerSettings> | undefined;
  /** As `parseRecord` gave it. */
  readonly record?: PlannerRecord | undefined;
}

/** Whether a call that ended so at one place may be tried at another. */
export function mayFallBack(outcome: Outcome): boolean {
  return outcome === "refused" || outcome === "memory" || outcome === "failed";
}

const KEPT_KINDS = 512;
const PROBE_NOISE = 0.04;
const START_NOISE = 0.1;
const USUALLY_LATE = 1.5;
const MOST_LATE = 4;
const MOST_HEDGES = 2;
/** A second start pays only where the other place is not expected to take many times what the first has taken already. */
const HEDGE_WORTH = 2;
const RESTARTS = 2;
const MS_PER_BYTE_IN_MEMORY = 1e-6;

/** What a call under way was, and what was expected. */
interface Pending {
  readonly job: Job;
  readonly parts: Parts;
  readonly bytesOut: number;
  /** The link's part of it without other calls. */
  readonly link: Transfer;
}

/** Decides where calls run and learns from how they went. See docs/placement.md. */
export class Planner implements PlannerLike {
  private readonly settings: PlannerSettings;
  private readonly book: Book;
  private readonly compute: Compute;
  private readonly output: Output;
  private readonly load: Load;
  private readonly room: Room;
  private readonly links: Readonly<Record<PlaceName, Link>>;
  private readonly ledgers: Readonly<Record<PlaceName, Ledger>>;
  private readonly breakers: Readonly<Record<PlaceName, Breaker>>;
  private readonly pending = new Map<Ticket, Pending>();
  private readonly last = new Map<string, PlaceName>();
  private readonly hedges: Budget;
  private readonly patience = new Patience();
  private exploration: Budget | undefined;
  private weights: Weights;
  private hints: Priors = {};
  private tickets = 0;

  constructor(private readonly options: PlannerOptions) {
    const { surroundings, settings, record } = options;
    this.settings = { ...DEFAULTS, ...settings };
    this.book = new Book(surroundings.now);
    this.compute = new Compute(this.book);
    this.output = new Output(this.book);
    this.load = new Load(surroundings.now);
    this.room = new Room(surroundings.now);
    const each = <T>(make: (place: PlaceName) => T): Record<PlaceName, T> => ({ native: make("native"), local: make("local"), server: make("server") });
    this.links = each((place) => new Link(this.book, place));
    this.ledgers = each(() => new Ledger(surroundings.now));
    this.breakers = each(() => new Breaker(this.settings.breaker, surroundings));
    this.hedges = new Budget(this.settings.hedging, MOST_HEDGES, 1);
    this.weights = new Weights({}, this.settings);
    this.assume({});
    if (record !== undefined) this.book.restore(Object.entries(record.coefficients));
  }

  decide(job: Job, states: PlaceStates, { dry = false }: { readonly dry?: boolean } = {}): Decision {
    const estimates = PLACES.flatMap((place) => {
      const state = states[place];
      return state === undefined ? [] : [this.estimate(place, job, state)];
    });
    const budget = (this.exploration ??= new Budget(this.settings.exploration, 0, this.firstBudget(estimates)));
    const isCovered = job.pure && this.hedges.has(1);
    const choice = choose(job, estimates, {
      last: this.last.get(kindOf(job)),
      hysteresis: this.settings.hysteresis,
      mayExplore: (extra) => budget.has(extra),
      isCovered,
      because: this.weights.because,
    });
    const { chosen, rule, why } = choice;
    const others = byCost(estimates.filter(({ available, place }) => available && place !== chosen.place));
    if (!dry) {
      if (rule === "explore" && others[0] !== undefined) budget.spend(Math.max(0, extraOf(chosen, others[0], isCovered)));
      const cold = estimates.find(({ place, available, parts }) => place === "local" && available && parts.start > 0);
      if (cold !== undefined && cold !== chosen) this.patience.missed(chosen, cold);
      budget.earn(chosen.expected, Math.max(100, chosen.expected));
    }
    return {
      place: chosen.place,
      rule,
      why,
      estimates: estimates.map(visible),
      order: others.map(({ place }) => place),
      hedge: this.hedge(job, chosen, rule === "explore", others),
      ask: this.ask(job, chosen, states.server),
    };
  }

  begin(place: PlaceName, job: Job, state?: PlaceState): Ticket {
    const ticket = (this.tickets += 1);
    const now = this.options.surroundings.now();
    const parts = this.parts(place, job, state).parts;
    const bytesOut = this.output.predict(job);
    this.pending.set(ticket, { job, parts, bytesOut, link: this.links[place].predict(job.bytesIn, bytesOut) });
    const arrives = place === "server" ? now + parts.roundTrip / 2 + parts.up : now;
    this.ledgers[place].add({
      ticket, place, priority: job.priority, began: now, arrives, busy: parts.start + parts.compute, parts, started: undefined, crowded: 0,
    });
    this.breakers[place].begin();
    if (parts.start > 0) this.patience.started();
    if (job.pure) this.hedges.earn(1);
    this.remember(kindOf(job), place);
    return ticket;
  }

  started(ticket: Ticket): void {
    for (const ledger of Object.values(this.ledgers)) ledger.started(ticket);
  }

  observe(ticket: Ticket, observation: Observation): void {
    const entry = PLACES.map((each) => this.ledgers[each].take(ticket)).find((found) => found !== undefined);
    const pending = this.pending.get(ticket);
    this.pending.delete(ticket);
    if (entry === undefined || pending === undefined) return;
    const { place } = entry;
    const expected = this.revised(place, pending, entry.crowded);
    this.judge(place, pending.job, observation);
    if (observation.outcome === "ok") this.learn(place, pending, expected, observation);
    else if (observation.outcome === "lost_race" || observation.outcome === "cancelled") this.atLeast(place, pending.job, expected, observation.total);
  }

  spendHedge(): boolean {
    return this.hedges.spend(1);
  }

  asked(job: Job, hit: boolean): void {
    this.book.average(`hits:${job.function}`, hit ? 1 : 0, 0.05);
  }

  serverLoad(load: ServerLoad): void {
    const { speed } = load;
    if (load.waiting <= load.threads) this.breakers.server.relent();
    this.load.report(load, this.ledgers.server.queue(0, load.threads, "auto"));
    if (speed !== undefined && speed !== null) this.probe("server", speed, 1);
  }

  exchange({ bytesUp, bytesDown, firstByte, download }: Exchange): void {
    const link = this.links.server;
    link.learn(link.predict(bytesUp, bytesDown), { transfer: firstByte + download, download });
  }

  probe(place: PlaceName, ms: number, work: number): void {
    if (!(ms > 0) || !(work > 0)) return;
    const key = `machine:${place}`;
    this.book.learn([{ key, sensitivity: 1 }], Math.log(ms / work) - this.book.get(key).mean, PROBE_NOISE, `probe:${place}`);
  }

  priors(priors: Priors): void {
    const before = connectionOf(this.hints);
    const after = connectionOf(priors);
    const isOther = priors.connection !== this.hints.connection || priors.loopback !== this.hints.loopback || apart(before.rtt, after.rtt) || apart(before.down, after.down);
    this.hints = priors;
    this.weights = new Weights(priors, this.settings);
    this.assume(priors);
    if (isOther) this.reconnected(after);
    if (priors.online === false) this.breakers.server.disconnect();
    else if (priors.online === true) this.breakers.server.reconnect();
  }

  record(): PlannerRecord {
    const { module, service } = this.options;
    return { version: 1, module, service, coefficients: Object.fromEntries(this.book.entries()) };
  }

  private assume(priors: Priors): void {
    const { rtt, up, down } = connectionOf(priors);
    this.book.assume("machine:local", Math.log(slowness(priors)));
    this.book.assume("machine:server", 0, 0.25);
    this.book.assume("rtt:server", Math.log(rtt));
    this.book.assume("up:server", Math.log(up));
    this.book.assume("down:server", Math.log(down));
    for (const place of ["local", "native"] as const) {
      this.book.assume(`rtt:${place}`, 0, 0.5);
      this.book.assume(`up:${place}`, Math.log(MS_PER_BYTE_IN_MEMORY), 0.5);
      this.book.assume(`down:${place}`, Math.log(MS_PER_BYTE_IN_MEMORY), 0.5);
    }
  }

  private reconnected(connection: { rtt: number; up: number; down: number }): void {
    this.links.server.doubt();
    this.links.server.hint("rtt", connection.rtt);
    this.links.server.hint("up", connection.up);
    this.links.server.hint("down", connection.down);
  }

  private estimate(place: PlaceName, job: Job, state: PlaceState): Rated {
    const samples = this.compute.samples(place, job);
    const breaker = this.breakers[place];
    if (!state.available) return unavailable(place, state.why ?? "is not available", false, samples);
    const lack = this.room.lack(place, job, state);
    if (lack !== undefined) return unavailable(place, lack, true, samples);
    if (breaker.state === "open") return unavailable(place, restOf(breaker), false, samples);
    const { parts, compute, startVariance } = this.parts(place, job, state);
    const link = this.links[place];
    const { total, sigma, unsure } = addUp(uncertain(parts, { ...link.variances(), noise: link.noise() }, compute, startVariance));
    const bytes = (job.resultKnown === true ? 0 : job.bytesIn) + this.output.predict(job);
    const penalty = this.weights.penalty(place, bytes, parts.compute + parts.start);
    const spread = Math.exp(PERCENTILE_95 * sigma);
    const discount = this.patience.discount(parts.start);
    return {
      place, available: true, why: undefined, expected: total, low: total / spread, high: total * spread, parts, penalty,
      cost: total - discount + penalty, discount, samples, sigma, unsure, isTooSmall: false, isTrial: breaker.state === "half-open",
    };
  }

  private parts(place: PlaceName, job: Job, state: PlaceState | undefined): { parts: Parts; compute: { variance: number; noise: number }; startVariance: number } {
    const isKnown = place === "server" && job.resultKnown === true;
    const link = this.links[place];
    const ledger = this.ledgers[place];
    const compute = this.compute.predict(place, job);
    const computing = isKnown ? 0 : mean(compute.value, compute.noise);
    const linked = link.predict(isKnown ? 0 : job.bytesIn, this.output.predict(job));
    const late = this.lateness(place);
    if (place !== "server") {
      const workers = place === "native" ? Number.MAX_SAFE_INTEGER : (state?.workers ?? 1);
      const { start, variance } = this.start(place, state);
      return { parts: { ...linked, queue: late * ledger.queue(0, workers, job.priority), start, compute: late * computing }, compute, startVariance: variance };
    }
    const workers = this.load.threads ?? state?.workers ?? 1;
    const plain = { roundTrip: late * linked.roundTrip, up: late * linked.up, down: late * linked.down };
    const up = plain.up + ledger.uploads(plain.up);
    const arrival = plain.roundTrip / 2 + up;
    const queue = isKnown ? 0 : ledger.queue(arrival, workers, "auto") + this.load.wait();
    const down = plain.down + ledger.downloads(plain.down, arrival + queue + computing, workers, "auto");
    return { parts: { ...plain, queue, start: 0, up, compute: computing, down }, compute, startVariance: 0 };
  }

  /**
   * How many times slower a place must have become, if a call under way there is overdue: news that comes before its answer. Being late
   * within the usual does not count.
   */
  private lateness(place: PlaceName): number {
    let most = 1;
    const now = this.options.surroundings.now();
    for (const { ticket, began, started, crowded } of this.ledgers[place].all()) {
      const pending = this.pending.get(ticket);
      if (pending === undefined) continue;
      const { queue, ...rest } = this.revised(place, pending, crowded);
      const expected = started === undefined ? queue + sumOf({ ...rest, queue: 0 }) : rest.start + rest.compute;
      if (expected > 0) most = Math.max(most, (now - (started ?? began)) / expected / USUALLY_LATE);
    }
    return Math.min(MOST_LATE, most);
  }

  private start(place: PlaceName, state: PlaceState | undefined): { start: number; variance: number } {
    if (state?.cold !== true) return { start: 0, variance: 0 };
    const key = `start:${place}`;
    if (!this.book.has(key)) this.book.assume(key, Math.log(coldStart(this.hints)) + this.book.get("machine:local").mean);
    const { mean: logarithm, variance } = this.book.get(key);
    const download = state.coldBytes === undefined || state.coldBytes <= 0 ? 0 : sumOf({ ...NOTHING, ...this.links.server.predict(0, state.coldBytes) });
    return { start: Math.exp(logarithm) + download, variance };
  }

  private judge(place: PlaceName, job: Job, { outcome, retryAfter }: Observation): void {
    const breaker = this.breakers[place];
    if (outcome === "ok" || outcome === "bad_input") breaker.success();
    else if (outcome === "failed") breaker.failure();
    else if (outcome === "refused") breaker.refuse(retryAfter ?? this.settings.breaker.rest);
    else breaker.undecided();
    if (outcome === "memory") this.room.exceeded(place, job);
  }

  private learn(place: PlaceName, pending: Pending, expected: Parts, observation: Observation): void {
    const { job } = pending;
    const { total, queue, compute, start = 0, bytesDown } = observation;
    if (bytesDown !== undefined) this.output.learn(job, bytesDown);
    if (start > 0 && expected.start > 0) {
      const key = `start:${place}`;
      this.book.learn([{ key, sensitivity: 1 }], Math.log(start / expected.start), START_NOISE, key);
    }
    if (queue !== undefined && place === "server") this.load.waited(queue - expected.queue);
    if (job.resultKnown === true && place === "server") {
      this.links.server.learn({ ...expected, up: 0 }, { transfer: total });
      return;
    }
    if (compute === undefined) {
      this.together(place, job, expected, total);
      return;
    }
    this.compute.learn(place, job, compute);
    const transfer = observation.transfer ?? (queue === undefined ? undefined : total - queue - start - compute);
    this.links[place].learn({ ...expected, down: this.downOf(place, expected.down, pending.bytesOut, bytesDown) }, { ...observation, transfer });
  }

  /**
   * What would be expected of the call by what is known now. Others that ended meanwhile have told the same news already: held against
   * the expectation of its beginning, one change of the network would count once for each call under way.
   */
  private revised(place: PlaceName, { job, parts, bytesOut, link }: Pending, crowded: number): Parts {
    const now = this.links[place].predict(job.bytesIn, bytesOut);
    const ratio = (then: number, today: number): number => (then > 0 ? today / then : 1);
    const compute = parts.compute === 0 ? 0 : this.computing(place, job);
    return {
      ...parts, compute,
      roundTrip: now.roundTrip,
      up: (parts.up + crowded) * ratio(link.up, now.up),
      down: parts.down * ratio(link.down, now.down),
    };
  }

  /** A download's expected time, now that its size is known. */
  private downOf(place: PlaceName, expected: number, predicted: number, actual: number | undefined): number {
    if (actual === undefined) return expected;
    const [now, then] = [this.links[place].predict(0, actual).down, this.links[place].predict(0, predicted).down];
    // Waiting for others keeps its share; it was shared between two as large at most.
    return then > 0 ? Math.max(now, expected * Math.min(1, now / then)) : now;
  }

  private computing(place: PlaceName, job: Job): number {
    const { value, noise } = this.compute.predict(place, job);
    return mean(value, noise);
  }

  /** A call that was stopped has told only that it takes longer than that. */
  private atLeast(place: PlaceName, job: Job, expected: Parts, total: number): void {
    if (total > sumOf(expected)) this.together(place, job, expected, total);
  }

  private together(place: PlaceName, job: Job, expected: Parts, total: number): void {
    const sum = sumOf(expected);
    if (sum <= 0 || !(total > 0)) return;
    const compute = this.compute.predict(place, job);
    const one = (key: string, value: number): { value: number; terms: { key: string; sensitivity: number }[] } => ({ value, terms: [{ key, sensitivity: 1 }] });
    const terms = shared(sum, [
      { value: expected.compute, terms: compute.terms },
      one(`rtt:${place}`, expected.roundTrip),
      one(`up:${place}`, expected.up),
      one(`down:${place}`, expected.down),
    ]);
    const noise = Math.max(compute.noise, this.links[place].noise());
    this.book.learn(terms.filter(({ sensitivity }) => sensitivity > 0.01), Math.log(total / sum), noise, `total:${place}`);
  }

  private hedge(job: Job, chosen: Rated, isExploring: boolean, others: readonly Rated[]): Decision["hedge"] {
    const [other] = others;
    if (!job.pure || other === undefined || other.isTrial || !this.hedges.has(1)) return undefined;
    if (other.place === "server" && this.weights.isMetered) return undefined;
    // Where others wait, a second start would only make the queue longer; and a cold place is no quick help.
    if (isBusy(other)) return undefined;
    // Either way a worker here may be stopped in the end and has to be started again.
    if (chosen.high < RESTARTS * this.restart()) return undefined;
    // One that explores is given as long as the other would have taken: together they take twice that at most.
    const after = isExploring ? Math.min(chosen.high, other.expected) : chosen.high;
    return other.expected <= HEDGE_WORTH * after ? { place: other.place, after } : undefined;
  }

  /** Milliseconds that a worker takes which replaces a stopped one. */
  private restart(): number {
    return this.start("local", { available: true, workers: 1, cold: true, memoryLimit: undefined, bodyLimit: undefined }).start;
  }

  /** Asking costs a round trip and pays with the chance that the result is there. */
  private ask(job: Job, chosen: Rated, server: PlaceState | undefined): boolean {
    if (server === undefined || !job.pure || job.resultKnown !== undefined) return false;
    const known = this.estimate("server", { ...job, resultKnown: true }, server);
    const chance = this.book.get(`hits:${job.function}`).mean;
    return known.available && chance * (chosen.cost - known.cost) > known.parts.roundTrip;
  }

  /** Exploring begins with one call's worth, or nothing would be tried before many calls have earned it. */
  private firstBudget(estimates: readonly Rated[]): number {
    const costs = estimates.filter(({ available }) => available).map(({ expected }) => expected);
    return costs.length === 0 ? 0 : Math.min(...costs);
  }

  private remember(kind: string, place: PlaceName): void {
    this.last.delete(kind);
    this.last.set(kind, place);
    if (this.last.size <= KEPT_KINDS) return;
    for (const oldest of this.last.keys()) {
      this.last.delete(oldest);
      return;
    }
  }
}

function kindOf(job: Job): string {
  return `${job.function}:${job.kind}`;
}

function apart(a: number, b: number): boolean {
  return Math.abs(Math.log(a / b)) > Math.LN2;
}

function restOf(breaker: Breaker): string {
  if (breaker.isOffline) return "cannot be reached: the browser is offline";
  const ms = breaker.opensIn;
  return ms === undefined ? "failed and is being tried again" : `failed or was busy and is left alone for ${duration(ms)}`;
}

function visible({ place, available, why, expected, low, high, parts, penalty, cost, samples }: Rated): Estimate {
  return { place, available, why, expected, low, high, parts, penalty, cost, samples };
}

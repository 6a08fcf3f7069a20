/**
 * What goes into the planner and what comes out. Times are milliseconds, sizes bytes. The planner is pure: no DOM, no fetch, no
 * clock and no random source of its own (see `Surroundings`).
 */

export type PlaceName = "native" | "local" | "server";
export const PLACES: readonly PlaceName[] = ["native", "local", "server"];

export type Priority = "high" | "auto" | "low";

/** A call, as far as it is known before it runs. */
export interface Job {
  readonly function: string;
  /** Calls of one kind share coefficients; the interface's `cost.kind`, joined by "/". */
  readonly kind: string;
  /** Milliseconds of computing on the reference machine; undefined where the interface does not tell. */
  readonly work: number | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number | undefined;
  /** Linear memory at its peak. */
  readonly memory: number | undefined;
  /** Whether it may be run twice (the interface's `idempotent`): only such calls are hedged. */
  readonly pure: boolean;
  readonly priority: Priority;
  /** Milliseconds from now until which the caller wants the answer. */
  readonly deadline: number | undefined;
  /** Whether the server was asked for the result by its key, and had it: then nothing is uploaded or computed. */
  readonly resultKnown?: boolean | undefined;
}

/** A place as it is at the moment of the decision. What the planner itself has sent there it counts itself (`begin`, `observe`). */
export interface PlaceState {
  readonly available: boolean;
  /** Why it is not available, one clause without a full stop: "this browser does not decode image/jxl". */
  readonly why?: string | undefined;
  /** Calls that run at a time. For the server its threads as last published, else 1. */
  readonly workers: number;
  /** Whether this call would have to start a worker or compile the module first. */
  readonly cold: boolean;
  /** What must be downloaded before a cold place can start; 0 where the module is here already. */
  readonly coldBytes?: number | undefined;
  readonly memoryLimit: number | undefined;
  /** The largest sum of `bytesIn` that the place accepts. */
  readonly bodyLimit: number | undefined;
}
export type PlaceStates = Readonly<Partial<Record<PlaceName, PlaceState>>>;

/** The parts that add up to `expected`. */
export interface Parts {
  readonly queue: number;
  readonly start: number;
  readonly roundTrip: number;
  readonly up: number;
  readonly compute: number;
  readonly down: number;
}

export interface Estimate {
  readonly place: PlaceName;
  readonly available: boolean;
  /** Why it is not available. */
  readonly why: string | undefined;
  readonly expected: number;
  /** 5th and 95th percentile. */
  readonly low: number;
  readonly high: number;
  readonly parts: Parts;
  /** Milliseconds added for what the call costs the user beside time (metered bytes, battery). */
  readonly penalty: number;
  /** What is compared: expected + penalty, less the part of a cold start that earlier calls have paid for by waiting elsewhere. */
  readonly cost: number;
  /** Calls of this kind that this place has answered (decayed, so not a whole number). */
  readonly samples: number;
}

export type Rule =
  | "forced"          // the caller named the place (set by the client, never by `decide`)
  | "only"            // no other place is available
  | "memory"          // another place lacks the memory or refuses the size
  | "known"           // the server has the result already
  | "deadline"        // the likeliest to make the deadline
  | "fastest"
  | "cheapest"        // not the fastest, but metered bytes or the battery decide
  | "warm"            // not the fastest now, but it starts the module, which pays off with the calls after
  | "kept"            // another is a little faster, not enough to change over
  | "explore"         // to find out whether an unused place has become the better one
  | "trial"           // the breaker is half open: one call tries the place again
  | "none";           // no place is available: tried nevertheless, so that the caller gets the place's own error

export interface Decision {
  readonly place: PlaceName;
  readonly rule: Rule;
  /** One sentence for people. */
  readonly why: string;
  readonly estimates: readonly Estimate[];
  /** Where to go if `place` fails, best first; see `mayFallBack`. */
  readonly order: readonly PlaceName[];
  /** Start it there too, after so many milliseconds without an answer, if `planner.spendHedge()` allows it then. */
  readonly hedge: { readonly place: PlaceName; readonly after: number } | undefined;
  /** Whether it pays to ask the server for the result by its key first. */
  readonly ask: boolean;
}

/**
 * `ok`; `refused`: 503, 429 (over capacity); `memory`: it did not fit there, or the body was too large (413); `failed`: crash,
 * unreachable, time-out, 5xx, a bad answer; `bad_input`: an error of the interface, the same everywhere; `cancelled` by the caller;
 * `lost_race`: the other one of a hedged pair was first.
 */
export type Outcome = "ok" | "refused" | "memory" | "failed" | "bad_input" | "cancelled" | "lost_race";

/** What came of a call at one place. Times that are not known are left out, not guessed; `total` always is. */
export interface Observation {
  readonly outcome: Outcome;
  readonly total: number;
  readonly queue?: number | undefined;
  /** Compiling the module, starting a worker. */
  readonly start?: number | undefined;
  readonly compute?: number | undefined;
  /** Everything else: total − queue − start − compute where it is left out and those are known. */
  readonly transfer?: number | undefined;
  /** The part of `transfer` after the answer's headers came. Tells upload from download where it is known. */
  readonly download?: number | undefined;
  readonly bytesUp?: number | undefined;
  readonly bytesDown?: number | undefined;
  /** Milliseconds, from `Retry-After`. */
  readonly retryAfter?: number | undefined;
}

/** `Eitherside-Load` or `/v1/capacity`; `wait` in milliseconds here. */
export interface ServerLoad {
  readonly running: number;
  readonly waiting: number;
  readonly threads: number;
  readonly wait: number;
  /** Milliseconds per unit of work; null or absent where unknown. */
  readonly speed?: number | null | undefined;
}

/** Any other exchange with the server whose time is known: the module's download, `/v1/capacity`. */
export interface Exchange {
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Until the answer's headers; and from there to the end of its body. */
  readonly firstByte: number;
  readonly download: number;
}

/** What the surroundings tell of themselves before anything was measured; every member may be missing. */
export interface Priors {
  readonly hardwareConcurrency?: number | undefined;
  /** GiB, as `navigator.deviceMemory`. */
  readonly deviceMemory?: number | undefined;
  readonly mobile?: boolean | undefined;
  /** Mbit/s, as `navigator.connection.downlink`. */
  readonly downlink?: number | undefined;
  /** Milliseconds, as `navigator.connection.rtt`. */
  readonly rtt?: number | undefined;
  /** As `navigator.connection.type`. */
  readonly connection?: string | undefined;
  readonly saveData?: boolean | undefined;
  readonly battery?: { readonly charging: boolean; /** 0 … 1 */ readonly level: number } | undefined;
  readonly pressure?: "nominal" | "fair" | "serious" | "critical" | undefined;
  readonly online?: boolean | undefined;
  /** Whether the server is on this machine: no network between. */
  readonly loopback?: boolean | undefined;
  /** Bytes of the module, which say how long a cold start takes. */
  readonly moduleBytes?: number | undefined;
}

/** What callers may set; `DEFAULTS` in settings.ts. */
export interface PlannerSettings {
  /** The share of the expected time of all calls that exploring may cost; 0 turns it off. */
  readonly exploration: number;
  /** How much better another place must be to change over, as a share of the cost. */
  readonly hysteresis: number;
  /** The share of pure calls that may be hedged; 0 turns it off. */
  readonly hedging: number;
  /** Failures in a row that open a place's breaker, and milliseconds it is first kept open; doubled each time up to the most. */
  readonly breaker: { readonly failures: number; readonly rest: number; readonly longest: number };
  /** What a megabyte sent or received is worth, in milliseconds. */
  readonly byteWeight: { readonly saveData: number; readonly cellular: number; readonly battery: number };
  /** What a millisecond of computing here is worth, in milliseconds beside itself. */
  readonly computeWeight: { readonly battery: number; readonly serious: number; readonly critical: number };
}

/** The planner's clock and random source. */
export interface Surroundings {
  /** Milliseconds since the epoch, with fractions where they are known; may jump, may go back. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A call under way, from `begin` to `observe`. */
export type Ticket = number;

/** How the planner is used; `Planner` in planner.ts implements it. */
export interface PlannerLike {
  /** What each place would cost, and which one it is to be. Changes nothing but the budget of exploring, and not even that with `dry`. */
  decide(job: Job, states: PlaceStates, options?: { readonly dry?: boolean }): Decision;
  /** The call is handed to the place (also where the caller forced it, also the second of a hedged pair). Must be observed later. */
  begin(place: PlaceName, job: Job, state?: PlaceState): Ticket;
  /** It has left the queue of the place and runs. Optional: makes predictions of queues better. */
  started(ticket: Ticket): void;
  observe(ticket: Ticket, observation: Observation): void;
  /** Asked when a hedge's time has come; spends from the budget where it is true. */
  spendHedge(): boolean;
  /** What came of asking the server for a result by its key. */
  asked(job: Job, hit: boolean): void;
  serverLoad(load: ServerLoad): void;
  exchange(exchange: Exchange): void;
  /** The time of the interface's probe (or `speed` of the server, with work 1). */
  probe(place: PlaceName, ms: number, work: number): void;
  /** May be called again whenever something changes (battery, connection, online). */
  priors(priors: Priors): void;
  /** What has been learned, as JSON can hold it. */
  record(): PlannerRecord;
}

/** A learned logarithm: mean, variance, decayed number of observations, when it last changed (ms since the epoch). */
export type CoefficientRecord = readonly [mean: number, variance: number, samples: number, at: number];

/** What is kept between visits. One read from storage is `unknown` until `parseRecord` has checked it. */
export interface PlannerRecord {
  readonly version: 1;
  /** Lower-case hex SHA-256 of the module, and the service's URL: a record of other ones is ignored. */
  readonly module: string;
  readonly service: string;
  readonly coefficients: Readonly<Record<string, CoefficientRecord>>;
}

import { Planner } from "../client/planner";
import type { Exchange, Job, Observation, Outcome, PlaceName, PlaceState, PlaceStates, PlannerRecord, PlannerSettings, Priors, ServerLoad } from "../client/planner/types";
import { Random } from "./random";

/** One thing done to a planner at a time, and what must come of it; `why` texts are for people and not compared. */
export type Step = { readonly at: number } & (
  | { readonly do: "priors"; readonly priors: Priors }
  | { readonly do: "probe"; readonly place: PlaceName; readonly ms: number; readonly work: number }
  | { readonly do: "exchange"; readonly exchange: Exchange }
  | { readonly do: "load"; readonly load: ServerLoad }
  | { readonly do: "asked"; readonly job: Job; readonly hit: boolean }
  | { readonly do: "decide"; readonly job: Job; readonly states: PlaceStates; readonly dry: boolean; readonly expect: Expected }
  | { readonly do: "begin"; readonly place: PlaceName; readonly job: Job; readonly state: PlaceState; readonly expect: number }
  | { readonly do: "started"; readonly ticket: number }
  | { readonly do: "observe"; readonly ticket: number; readonly observation: Observation }
  | { readonly do: "hedge"; readonly expect: boolean }
  | { readonly do: "record"; readonly expect: PlannerRecord["coefficients"] }
);

export interface Expected {
  readonly place: PlaceName;
  readonly rule: string;
  readonly order: readonly PlaceName[];
  readonly hedge: { readonly place: PlaceName; readonly after: number } | null;
  readonly ask: boolean;
  readonly estimates: readonly Record<string, unknown>[];
}

export interface Sequence {
  readonly name: string;
  readonly settings: Partial<PlannerSettings>;
  readonly steps: readonly Step[];
}

/** What every number of the injected random source is. */
export const RANDOM = 0.5;
const BEGINNING = 1_700_000_000_000;

/** Applies one step; what it gives is what `expect` of the step must be. */
export function apply(planner: Planner, step: Omit<Step, "expect">): unknown {
  const each = step as Step;
  switch (each.do) {
    case "priors":
      planner.priors(each.priors);
      return undefined;
    case "probe":
      planner.probe(each.place, each.ms, each.work);
      return undefined;
    case "exchange":
      planner.exchange(each.exchange);
      return undefined;
    case "load":
      planner.serverLoad(each.load);
      return undefined;
    case "asked":
      planner.asked(each.job, each.hit);
      return undefined;
    case "started":
      planner.started(each.ticket);
      return undefined;
    case "observe":
      planner.observe(each.ticket, each.observation);
      return undefined;
    case "begin":
      return planner.begin(each.place, each.job, each.state);
    case "hedge":
      return planner.spendHedge();
    case "record":
      return planner.record().coefficients;
    case "decide": {
      const { place, rule, order, hedge, ask, estimates } = planner.decide(each.job, each.states, { dry: each.dry });
      const visible = estimates.map((estimate): Record<string, unknown> => ({ ...estimate, why: undefined }));
      return { place, rule, order, hedge: hedge ?? null, ask, estimates: visible };
    }
  }
}

/** What is particular to a sequence. */
interface Theme {
  readonly name: string;
  readonly seed: number;
  readonly settings?: Partial<PlannerSettings>;
  readonly priors?: Priors;
  readonly job?: (random: Random, index: number) => Partial<Job>;
  readonly states?: (random: Random, index: number) => { readonly local?: Partial<PlaceState>; readonly server?: Partial<PlaceState>; readonly native?: Partial<PlaceState> };
  readonly outcome?: (random: Random, index: number, place: PlaceName) => Outcome;
  readonly between?: (writer: Writer, random: Random, index: number) => void;
  readonly observation?: (observation: Observation) => Observation;
  /** How many calls are under way at a time. */
  readonly depth?: number;
  readonly pause?: number;
}

const CALLS = 24;

const THEMES: readonly Theme[] = [
  { name: "a first visit", seed: 1, priors: { hardwareConcurrency: 8, deviceMemory: 8, rtt: 50, downlink: 5, online: true } },
  { name: "nothing known beforehand, totals alone", seed: 2, observation: ({ outcome, total }) => ({ outcome, total }) },
  { name: "bursts", seed: 3, depth: 8, job: (random) => ({ priority: random.pick(["high", "auto", "low"]) }) },
  { name: "unknown work and output", seed: 4, job: () => ({ work: undefined, bytesOut: undefined, memory: undefined }) },
  {
    name: "native too", seed: 5,
    states: (_, index) => ({ native: index % 5 === 4 ? { available: false, why: "does not decode it" } : {} }),
  },
  {
    name: "memory and body limits", seed: 6, job: (random) => ({ memory: 2e9 * random.uniform() }),
    states: () => ({ local: { memoryLimit: 1.2e9 }, server: { memoryLimit: 1.6e9, bodyLimit: 2e6 } }),
    outcome: (random, _, place) => (place === "local" && random.uniform() < 0.2 ? "memory" : "ok"),
  },
  {
    name: "a server that fails, refuses and recovers", seed: 7, pause: 700,
    outcome: (_, index, place) => (place !== "server" || index > 16 ? "ok" : index < 8 ? "failed" : "refused"),
    states: (_, index) => ({ local: { available: index % 3 !== 0 } }),
  },
  {
    name: "offline and back, another connection", seed: 8,
    between: (writer, _, index) => {
      if (index === 6) writer.do({ do: "priors", priors: { online: false } });
      if (index === 10) writer.do({ do: "priors", priors: { online: true, connection: "cellular", rtt: 200, downlink: 1 } });
      if (index === 16) writer.do({ do: "priors", priors: { connection: "wifi" } });
    },
  },
  {
    name: "metered, low battery, pressure", seed: 9,
    between: (writer, _, index) => {
      if (index === 4) writer.do({ do: "priors", priors: { saveData: true } });
      if (index === 10) writer.do({ do: "priors", priors: { battery: { charging: false, level: 0.1 } } });
      if (index === 16) writer.do({ do: "priors", priors: { connection: "cellular", pressure: "critical" } });
    },
  },
  { name: "deadlines and hedges", seed: 10, job: (random) => ({ deadline: random.uniform() < 0.5 ? 1000 * random.uniform() : undefined }), between: (writer) => writer.do({ do: "hedge" }) },
  {
    name: "published load, results by key", seed: 11,
    job: (random) => ({ resultKnown: [undefined, true, false][Math.floor(random.uniform() * 3)] }),
    between: (writer, random, index) => {
      writer.do({ do: "load", load: { running: 4, waiting: index, threads: 4, wait: 400 * random.uniform(), speed: index === 3 ? 0.7 : null } });
      writer.do({ do: "asked", job: writer.job({}), hit: random.uniform() < 0.7 });
    },
  },
  { name: "a cold place", seed: 12, states: (_, index) => ({ local: { cold: index < 12, coldBytes: index < 4 ? 4e6 : 0 } }), job: (random) => ({ work: 20 * random.uniform(), bytesIn: 5000 }) },
  { name: "long pauses: exploring", seed: 13, pause: 400_000 },
  { name: "settings", seed: 14, settings: { exploration: 0, hysteresis: 0.5, hedging: 0 } },
];

class Writer {
  readonly steps: Step[] = [];
  time = BEGINNING;
  private readonly planner: Planner;

  constructor(
    settings: Partial<PlannerSettings>,
    private readonly random: Random,
  ) {
    this.planner = new Planner({ surroundings: { now: () => this.time, random: () => RANDOM }, module: "m", service: "s", settings });
  }

  /** Does a step and writes it down with what came of it. */
  do(step: Record<string, unknown> & { readonly do: Step["do"] }): unknown {
    const whole = { at: this.time, ...step } as Omit<Step, "expect">;
    const found = apply(this.planner, whole);
    // By way of JSON, so that what is written down later is what it was now.
    this.steps.push(JSON.parse(JSON.stringify(found === undefined ? whole : { ...whole, expect: found })) as Step);
    return found;
  }

  job(fields: Partial<Job>): Job {
    const { random } = this;
    return {
      function: random.pick(["blend", "count"]), kind: random.pick(["a", "b"]), work: random.exponential(120), bytesIn: Math.round(random.exponential(3e5)),
      bytesOut: Math.round(random.exponential(5e5)), memory: Math.round(random.exponential(2e8)), pure: random.uniform() < 0.8, priority: "auto", deadline: undefined, ...fields,
    };
  }
}

function sequence(theme: Theme): Sequence {
  const random = new Random(theme.seed);
  const settings = theme.settings ?? {};
  const writer = new Writer(settings, random);
  if (theme.priors !== undefined) {
    writer.do({ do: "priors", priors: theme.priors });
    writer.do({ do: "probe", place: "local", ms: 50, work: 20 });
    writer.do({ do: "exchange", exchange: { bytesUp: 300, bytesDown: 60_000, firstByte: 45, download: 30 } });
  }
  const open: (() => void)[] = [];
  for (let index = 0; index < CALLS; index += 1) {
    theme.between?.(writer, random, index);
    const base = { available: true, workers: 2, cold: false, memoryLimit: 4e9, bodyLimit: 1e9 };
    const special = theme.states?.(random, index) ?? {};
    const states: PlaceStates = {
      ...(special.native === undefined ? {} : { native: { ...base, ...special.native } }),
      local: { ...base, ...special.local },
      server: { ...base, workers: 4, ...special.server },
    };
    const job = writer.job(theme.job?.(random, index) ?? {});
    writer.do({ do: "decide", job, states, dry: true });
    const { place } = writer.do({ do: "decide", job, states, dry: false }) as Expected;
    const ticket = writer.do({ do: "begin", place, job, state: states[place] }) as number;
    open.push(() => finish(writer, theme, random, { index, place, job, ticket }));
    writer.time += random.exponential(10);
    while (open.length >= (theme.depth ?? 1)) open.shift()?.();
    writer.time += random.exponential(theme.pause ?? 50);
  }
  for (const end of open) end();
  writer.do({ do: "record" });
  return { name: theme.name, settings, steps: writer.steps };
}

interface Under {
  readonly index: number;
  readonly place: PlaceName;
  readonly job: Job;
  readonly ticket: number;
}

/** A made-up answer; what matters is only that both planners are told the same. */
function finish(writer: Writer, theme: Theme, random: Random, { index, place, job, ticket }: Under): void {
  if (random.uniform() < 0.3) writer.do({ do: "started", ticket });
  const usual: Outcome = random.pick(["ok", "ok", "ok", "ok", "ok", "ok", "ok", "lost_race", "cancelled", "bad_input"]);
  const outcome = theme.outcome?.(random, index, place) ?? usual;
  const compute = (job.work ?? job.bytesIn * 3e-4) * { native: 0.8, local: 2.5, server: 0.9 }[place] * random.factor(0.2);
  const bytesDown = Math.round((job.bytesOut ?? job.bytesIn) * 1.3 * random.factor(0.2));
  const download = place === "server" ? bytesDown * 3e-4 * random.factor(0.3) : undefined;
  const transfer = place === "server" ? 40 * random.factor(0.3) + job.bytesIn * 8e-4 * random.factor(0.3) + (download ?? 0) : 1;
  const queue = random.uniform() < 0.2 ? random.exponential(100) : 0;
  const start = place === "local" && index === 0 ? 300 : 0;
  const total = compute + transfer + queue + start;
  writer.time += total * random.uniform();
  const told = { outcome, total, queue, start, compute, transfer, download, bytesUp: job.bytesIn, bytesDown, retryAfter: outcome === "refused" ? 900 : undefined };
  const known: Observation = outcome === "ok" ? told : { outcome, total, retryAfter: told.retryAfter };
  writer.do({ do: "observe", ticket, observation: theme.observation?.(known) ?? known });
}

/** The sequences; the same whenever they are made. */
export function sequences(): Sequence[] {
  return THEMES.map(sequence);
}

/** The text of tests/placement/vectors.json. */
export function vectors(): string {
  const steps = (list: readonly Step[]): string => list.map((step) => `      ${JSON.stringify(step)}`).join(",\n");
  const each = sequences().map(
    ({ name, settings, steps: list }) => `    {"name": ${JSON.stringify(name)}, "settings": ${JSON.stringify(settings)}, "steps": [\n${steps(list)}\n    ]}`,
  );
  const note = "Made by static/scripts/vectors.mjs with the planner of static/client/planner. Numbers agree to 1e-9.";
  return `{\n  "note": ${JSON.stringify(note)},\n  "module": "m",\n  "service": "s",\n  "random": ${RANDOM},\n  "sequences": [\n${each.join(",\n")}\n  ]\n}\n`;
}

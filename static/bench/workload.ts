import { costOf } from "../client/cost";
import { type Interface, isRecord } from "../client/interface";
import type { Job, Priority } from "../client/planner/types";
import type { Random } from "./random";

/** A measured call, as tests/placement/measure.py writes it. */
export interface Row {
  readonly case: string;
  readonly function: string;
  readonly size: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly measured: Readonly<Record<string, unknown>> | null;
  readonly bytes_out: number;
  readonly ms: readonly number[];
}

/** A call of a trace: what the planner is told, and the truth. */
export interface Call {
  readonly id: number;
  /** Milliseconds after the call before it came. */
  readonly gap: number;
  readonly case: string;
  readonly job: Job;
  readonly bytesOut: number;
  /** Milliseconds on the reference machine, without noise: the best of the measured runs. */
  readonly truth: number;
  readonly luck: Luck;
}

/** What chance makes of a call, drawn beforehand so that every policy meets the same. */
export interface Luck {
  readonly local: number;
  readonly server: number;
  readonly up: number;
  readonly down: number;
  readonly rtt: number;
  /** In [0, 1): whether packets are lost, and how much that costs. */
  readonly loss: number;
  readonly stall: number;
}

/** A normal distribution's deviation over its median absolute deviation. */
const NORMAL = 1.4826;

/** The measured costs, at any size: between two measured sizes by interpolation of the logarithms, beyond them in proportion. */
export class Workload {
  private readonly cases = new Map<string, readonly Row[]>();
  /** Deviation of the logarithm of a run from its call's median, over all measured calls; from the median deviation, so that outliers do not make it. */
  readonly spread: number;

  constructor(
    rows: readonly Row[],
    private readonly description: Interface,
  ) {
    for (const name of new Set(rows.map((row) => row.case))) {
      this.cases.set(name, rows.filter((row) => row.case === name).sort((a, b) => bytesOf(a) - bytesOf(b)));
    }
    this.spread = NORMAL * median(rows.flatMap(({ ms }) => ms.map((run) => Math.abs(Math.log(run / median(ms))))));
  }

  get names(): string[] {
    return [...this.cases.keys()];
  }

  /** A call of a case with an input of so many bytes. */
  call(id: number, name: string, size: number, gap: number, noise: { compute: number; link: number; jitter: number }, random: Random): Call {
    const { row, factor } = this.near(name, size);
    const bytesIn = Math.round(bytesOf(row) * factor);
    const job = this.job(row, factor, bytesIn);
    const luck = {
      local: random.factor(noise.compute),
      server: random.factor(noise.compute),
      up: random.factor(noise.link),
      down: random.factor(noise.link),
      rtt: random.factor(noise.jitter),
      loss: random.uniform(),
      stall: random.uniform(),
    };
    const truth = this.between(name, bytesIn, ({ ms }) => Math.min(...ms));
    return { id, gap, case: name, job, bytesOut: Math.round(this.between(name, bytesIn, (each) => each.bytes_out + 1) - 1), truth, luck };
  }

  private near(name: string, size: number): { row: Row; factor: number } {
    const rows = this.cases.get(name) ?? [];
    const [first] = rows;
    if (first === undefined) throw new RangeError(`nothing measured of ${name}`);
    const row = rows.reduce((best, each) => (Math.abs(Math.log(bytesOf(each) / size)) < Math.abs(Math.log(bytesOf(best) / size)) ? each : best), first);
    return { row, factor: size / bytesOf(row) };
  }

  private job(row: Row, factor: number, bytesIn: number): Job {
    const described = this.description.functions.find(({ name }) => name === row.function);
    if (described === undefined) throw new RangeError(`the module has no function ${row.function}`);
    const [input = ""] = Object.keys(row.inputs);
    const cost = costOf(described.cost, {
      options: scaled(row.options, factor),
      schema: described.options,
      inputs: { [input]: [bytesIn] },
      measured: row.measured === null ? undefined : scaled(row.measured, factor),
    });
    const priority: Priority = "auto";
    return {
      function: row.function, kind: cost.kind, work: cost.work, bytesIn, bytesOut: cost.bytesOut, memory: cost.memory,
      pure: described.idempotent, priority, deadline: undefined,
    };
  }

  private between(name: string, bytes: number, value: (row: Row) => number): number {
    const rows = this.cases.get(name) ?? [];
    const upper = rows.findIndex((row) => bytesOf(row) >= bytes);
    const [low, high] = [rows[upper - 1], rows[upper]];
    if (low === undefined || high === undefined) {
      // Below the smallest nothing gets cheaper, beyond the largest everything grows in proportion.
      const end = upper < 0 ? rows[rows.length - 1] : high;
      return end === undefined ? 0 : value(end) * (upper < 0 ? bytes / bytesOf(end) : 1);
    }
    const share = Math.log(bytes / bytesOf(low)) / Math.log(bytesOf(high) / bytesOf(low));
    return Math.exp((1 - share) * Math.log(value(low)) + share * Math.log(value(high)));
  }
}

function bytesOf(row: Row): number {
  return Object.values(row.inputs).flat().reduce((sum, size) => sum + size, 0);
}

/** The same picture with `factor` times the pixels. */
function scaled(facts: Readonly<Record<string, unknown>>, factor: number): Record<string, unknown> {
  const found: Record<string, unknown> = { ...facts };
  for (const [name, power] of [["width", 0.5], ["height", 0.5], ["pixels", 1]] as const) {
    const value = found[name];
    if (typeof value === "number") found[name] = Math.max(1, Math.round(value * factor ** power));
  }
  return found;
}

export function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Reads the measured rows; the file is ours, but a truncated one shall say so. */
export function parseRows(text: string): Row[] {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !Array.isArray(value.rows) || value.rows.length === 0) throw new TypeError("costs.json has no rows");
  return value.rows as Row[];
}

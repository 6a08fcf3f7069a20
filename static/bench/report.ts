import { CHANGES, DEVICES, NETWORKS, SIZES } from "./scenario";
import { type Cell, THRESHOLDS } from "./tournament";

/** How a policy did over some cells. Latencies count relative to the oracle's in the same cell, so that no cell drowns the others. */
export interface Score {
  readonly planner: number;
  readonly clairvoyant: number;
  readonly local: number;
  readonly server: number;
  /** Of the threshold that is best over all cells. */
  readonly threshold: number;
  /** Of the threshold that is best in each pair of device and network. */
  readonly tuned: number;
  /** Sum of the planner's latencies over the sum of the oracle's. */
  readonly total: number;
  /** The worst cell of the planner. */
  readonly worst: number;
}

export const MOST = 1.1;

const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / Math.max(1, list.length);

/** Index of the threshold that does best over the cells. */
export function bestThreshold(cells: readonly Cell[]): number {
  const scores = THRESHOLDS.map((_, index) => mean(cells.map((cell) => (cell.thresholds[index] ?? 0) / cell.oracle)));
  return scores.indexOf(Math.min(...scores));
}

export function scoreOf(cells: readonly Cell[], all: readonly Cell[] = cells): Score {
  const fixed = bestThreshold(all);
  const pair = ({ scenario }: Cell): string => `${scenario.device.name}/${scenario.network.name}`;
  const tuned = new Map([...new Set(all.map(pair))].map((name) => [name, bestThreshold(all.filter((cell) => pair(cell) === name))]));
  const relative = (of: (cell: Cell) => number): number => mean(cells.map((cell) => of(cell) / cell.oracle));
  return {
    planner: relative((cell) => cell.planner),
    clairvoyant: relative((cell) => cell.clairvoyant),
    local: relative((cell) => cell.local),
    server: relative((cell) => cell.server),
    threshold: relative((cell) => cell.thresholds[fixed] ?? 0),
    tuned: relative((cell) => cell.thresholds[tuned.get(pair(cell)) ?? 0] ?? 0),
    total: cells.reduce((sum, cell) => sum + cell.planner, 0) / cells.reduce((sum, cell) => sum + cell.oracle, 0),
    worst: Math.max(...cells.map((cell) => cell.planner / cell.oracle)),
  };
}

/** What the claim demands, with whether it holds. */
export function verdicts(score: Score): { readonly claim: string; readonly holds: boolean }[] {
  const times = (value: number): string => value.toFixed(3);
  return [
    { claim: `planner / oracle, mean over the cells: ${times(score.planner)}, at most ${MOST.toFixed(2)}`, holds: score.planner <= MOST },
    { claim: `planner / oracle, sums of all latencies: ${times(score.total)}, at most ${MOST.toFixed(2)}`, holds: score.total <= MOST },
    { claim: `better than always local (${times(score.local)})`, holds: score.planner < score.local },
    { claim: `better than always server (${times(score.server)})`, holds: score.planner < score.server },
    { claim: `better than the best fixed size threshold (${times(score.threshold)})`, holds: score.planner < score.threshold },
  ];
}

const COLUMNS = ["planner", "worst cell", "clairvoyant", "always local", "always server", "threshold", "threshold per device and network"];

/** The tables of docs/placement.md. */
export function tables(cells: readonly Cell[]): string {
  const groups: [string, [string, (cell: Cell) => boolean][]][] = [
    ["Device", DEVICES.map((device) => [device.name, ({ scenario }) => scenario.device === device])],
    ["Network", NETWORKS.map((network) => [network.name, ({ scenario }) => scenario.network === network])],
    ["Input", SIZES.map((size) => [sizeName(size), ({ scenario }) => scenario.size === size])],
    ["Change", CHANGES.map((change) => [change.name, ({ scenario }) => scenario.change === change])],
  ];
  const row = (name: string, some: readonly Cell[]): string => {
    const { planner, worst, clairvoyant, local, server, threshold, tuned } = scoreOf(some, cells);
    return `| ${[name, ...[planner, worst, clairvoyant, local, server, threshold, tuned].map((value) => value.toFixed(2))].join(" | ")} |`;
  };
  const lines = [`| | ${COLUMNS.join(" | ")} |`, `|---|${"---:|".repeat(COLUMNS.length)}`, row("**all**", cells)];
  for (const [title, rows] of groups) {
    lines.push(`| *${title}* |${" |".repeat(COLUMNS.length)}`);
    for (const [name, belongs] of rows) lines.push(row(name, cells.filter(belongs)));
  }
  return lines.join("\n");
}

export function sizeName(size: number | undefined): string {
  if (size === undefined) return "mixed";
  return size >= 1e6 ? `${size / 1e6} MB` : `${size / 1e3} kB`;
}

import { readFile, rename, writeFile } from "node:fs/promises";
import { readInterface } from "../client/interface";
import { bestThreshold, scoreOf, sizeName, tables, verdicts } from "./report";
import { CHANGES, DEVICES, NETWORKS, scenarios, SIZES } from "./scenario";
import { type Cell, play, THRESHOLDS } from "./tournament";
import { parseRows, Workload } from "./workload";

const BEGIN = "<!-- make bench-placement writes from here -->";
const END = "<!-- to here -->";
const SEEDS = [1];
const LENGTH = 120;

/** Loads the measured costs and the interface of the module that they are of. */
export async function loadWorkload(root: URL): Promise<Workload> {
  const module = await WebAssembly.compile(await readFile(new URL("build/codec.wasm", root)));
  return new Workload(parseRows(await readFile(new URL("tests/placement/costs.json", root), "utf8")), readInterface(module));
}

/** The generated part of the document. */
function generated(cells: readonly Cell[], workload: Workload): string {
  const score = scoreOf(cells);
  const { bytes, large } = THRESHOLDS[bestThreshold(cells)] ?? { bytes: 0, large: "server" };
  const rules = new Map<string, number>();
  let hedges = 0;
  for (const cell of cells) {
    hedges += cell.hedges;
    for (const [rule, count] of Object.entries(cell.rules)) rules.set(rule, (rules.get(rule) ?? 0) + count);
  }
  const calls = cells.length * SEEDS.length * LENGTH;
  const share = (count: number): string => `${((100 * count) / calls).toFixed(1)} %`;
  const sorted = [...rules].sort((a, b) => b[1] - a[1]).map(([rule, count]) => `${rule} ${share(count)}`);
  return [
    `${cells.length} scenarios (${DEVICES.length} devices × ${NETWORKS.length} networks × ${SIZES.length} sizes × ${CHANGES.length} kinds of change), ` +
      `${SEEDS.length} trace of ${LENGTH} calls each. Deviation of a measured run from its median: ${(100 * workload.spread).toFixed(0)} %.`,
    `Best fixed threshold: ${sizeName(bytes)} and more ${large === "server" ? "to the server, less here" : "here, less to the server"}.`,
    "",
    ...verdicts(score).map(({ claim, holds }) => `- ${holds ? "holds" : "**fails**"}: ${claim}`),
    "",
    "Mean latency as a multiple of the oracle's in the same scenario:",
    "",
    tables(cells),
    "",
    `Rules by which the planner decided: ${sorted.join(", ")}. Hedged: ${share(hedges)} of the calls.`,
  ].join("\n");
}

/** Plays all scenarios, writes or checks the document, and tells whether the claim holds. */
export async function main(root: URL, options: { readonly check: boolean; readonly log: (line: string) => void }): Promise<boolean> {
  const workload = await loadWorkload(root);
  const all = scenarios();
  const cells = all.map((scenario, index) => {
    if (index % 96 === 0) options.log(`${index} of ${all.length} scenarios`);
    return play(scenario, workload, SEEDS.map((seed) => seed * 1000 + index), LENGTH);
  });
  const text = generated(cells, workload);
  options.log(text);
  const holds = verdicts(scoreOf(cells)).every((verdict) => verdict.holds);
  return (await place(new URL("docs/placement.md", root), text, options)) && holds;
}

async function place(file: URL, text: string, { check, log }: { readonly check: boolean; readonly log: (line: string) => void }): Promise<boolean> {
  const before = await readFile(file, "utf8");
  const [head, rest] = before.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (head === undefined || tail === undefined) throw new Error(`${file.pathname} lacks the marks for the generated part`);
  const after = `${head}${BEGIN}\n${text}\n${END}${tail}`;
  if (after === before) return true;
  if (check) {
    log(`${file.pathname} is not what the simulation gives; make bench-placement writes it`);
    return false;
  }
  const temporary = new URL(`${file.href}.new`);
  await writeFile(temporary, after);
  await rename(temporary, file);
  return true;
}

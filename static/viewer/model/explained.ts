import type { Estimate, Explanation, Parts, Place } from "../../client/index";
import { bytes, many, milliseconds } from "./format";
import { PLACES, placeTitle } from "./places";

/** One line of the table of places: what it tells of each of them. */
export interface Row {
  key: string;
  label: string;
  /** What the label means, in a sentence. */
  title: string;
  cells: string[];
  isMain?: boolean;
}

/** The planner's table, in words. */
export interface Table {
  places: { place: Place; title: string; isChosen: boolean; isAvailable: boolean }[];
  rows: Row[];
}

const PARTS: readonly [keyof Parts, string, string][] = [
  ["queue", "Queue", "Waiting for calls that came before"],
  ["start", "Start", "Starting a worker, compiling the module"],
  ["roundTrip", "Round trip", "Getting there and back, without the data"],
  ["up", "Upload", "Bringing the input there"],
  ["compute", "Compute", "The work itself"],
  ["down", "Download", "Bringing the result back"],
];
const NOTHING = "–";

/** The places that an explanation tells of, in the page's order. */
export function estimatesOf({ estimates }: Pick<Explanation, "estimates">): Estimate[] {
  return PLACES.flatMap((place) => estimates.filter((each) => each.place === place));
}

export function tableOf(explanation: Pick<Explanation, "estimates" | "place">): Table {
  const estimates = estimatesOf(explanation);
  const row = (key: string, label: string, title: string, cell: (estimate: Estimate) => string, isMain = false): Row => ({
    key, label, title, isMain, cells: estimates.map((each) => (each.available ? cell(each) : NOTHING)),
  });
  const penalty = row("penalty", "Penalty", "What the user's data plan and battery count for, in time", ({ penalty: value }) => milliseconds(value));
  const cost = row("cost", "Compared", "What the places are compared by: predicted time and penalty", ({ cost: value }) => milliseconds(value));
  return {
    places: estimates.map(({ place, available }) => ({
      place, title: placeTitle(place), isChosen: place === explanation.place, isAvailable: available,
    })),
    rows: [
      row("expected", "Predicted", "From now until the result is here", ({ expected }) => milliseconds(expected), true),
      row("range", "Likely range", "Nine of ten calls are expected to take a time between these", ({ low, high }) => `${milliseconds(low)} – ${milliseconds(high)}`),
      ...PARTS.map(([name, label, title]) => row(name, label, title, ({ parts }) => (parts[name] > 0 ? milliseconds(parts[name]) : NOTHING))),
      ...(estimates.some(({ penalty: value }) => value > 0) ? [penalty, cost] : []),
      { ...row("samples", "Learned from", "Calls of this kind that the place has answered; older ones count less", () => ""), cells: estimates.map(({ samples }) => calls(samples)) },
    ],
  };
}

/** Samples decay, so they are no whole number. */
function calls(samples: number): string {
  const count = Math.round(samples);
  return count === 0 ? "nothing yet" : many(count, "call");
}

/** Which places are out of the question, and why. */
export function reasons(explanation: Pick<Explanation, "estimates">): string[] {
  return estimatesOf(explanation)
    .filter(({ available }) => !available)
    .map(({ place, why }) => `${placeTitle(place)}: ${why ?? "is not available"}.`);
}

/** What happens if the chosen place fails or takes long. */
export function contingency({ place: chosen, order, hedge, ask }: Pick<Explanation, "place" | "order" | "hedge" | "ask">): string {
  const sentences = [
    chosen === "native" ? "Its colours may differ a little from the module’s." : "",
    ask ? "The server is asked first whether it has the result." : "",
    order.length > 0 ? `If that fails: ${order.map((place) => placeTitle(place).toLowerCase()).join(", then ")}.` : "",
    hedge ? `Without an answer after ${milliseconds(hedge.after)}, it is also started at the other place: ${placeTitle(hedge.place).toLowerCase()}.` : "",
  ];
  return sentences.filter((each) => each !== "").join(" ");
}

/** What is known of the call before it is made. */
export function known({ job }: Pick<Explanation, "job">): string {
  const { kind, work, bytesIn, bytesOut, memory } = job;
  const facts = [
    kind === "" ? "" : `kind ${kind}`,
    work === undefined ? "work unknown" : `${milliseconds(work)} of work on the reference machine`,
    `${bytes(bytesIn)} in`,
    bytesOut === undefined ? "" : `about ${bytes(bytesOut)} out`,
    memory === undefined ? "" : `about ${bytes(memory)} of memory`,
  ];
  return facts.filter((each) => each !== "").join(", ");
}

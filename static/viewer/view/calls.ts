import type { CallRecord } from "../model/calls";
import { bytes, milliseconds } from "../model/format";
import { placeName } from "../model/places";
import { element, make } from "./dom";

const NOTHING = "–";

/** The table of the calls that the page made. */
export function renderCalls(records: readonly CallRecord[]): void {
  element("calls-section").hidden = records.length === 0;
  element("calls").replaceChildren(...records.map(row));
}

function row(record: CallRecord): HTMLTableRowElement {
  const { provenance, error } = record;
  const times = provenance?.times;
  const time = (value: number | undefined): HTMLTableCellElement => number(value, milliseconds);
  const module = provenance?.module ?? "";
  const hash = make("code", { title: module }, module === "" ? NOTHING : module.slice(0, 8));
  const state = make("td", { className: `state ${record.state}` }, error && record.state === "failed" ? error.code : record.state);
  state.title = error?.message ?? "";
  const predicted = time(provenance?.predicted?.total);
  const { low, high } = provenance?.predicted ?? {};
  if (low !== undefined && high !== undefined) predicted.title = `${milliseconds(low)} to ${milliseconds(high)}`;
  return make(
    "tr", {},
    make("th", { scope: "row" }, record.fn),
    make("td", { className: "label", title: record.label }, record.label.replace(/^\S+ /, "")),
    place(record),
    state,
    predicted, time(provenance && spent(provenance.attempts)),
    time(times?.queue), time(times?.compute), time(times?.transfer),
    number(provenance?.bytes.in, bytes), number(provenance?.bytes.out, bytes),
    make("td", {}, hash),
  );
}

/** Where it ran; why, and what else was tried, is there for whoever points at it. */
function place({ provenance, place: wanted }: CallRecord): HTMLTableCellElement {
  if (!provenance) return make("td", {}, placeName(wanted));
  const others = provenance.attempts.filter((each) => each.outcome !== "ok").map((each) => `${placeName(each.place)}: ${each.outcome}`);
  const title = [provenance.why, ...(others.length > 0 ? [`Other attempts: ${others.join(", ")}.`] : [])].join(" ");
  return make("td", { title }, placeName(provenance.place));
}

/** What the attempt took that gave the answer: that is what was predicted. */
function spent(attempts: readonly { outcome: string; times: { total: number } }[]): number | undefined {
  return attempts.find(({ outcome }) => outcome === "ok")?.times.total;
}

function number(value: number | undefined, text: (value: number) => string): HTMLTableCellElement {
  return make("td", { className: "number" }, value === undefined ? NOTHING : text(value));
}

import type { CallRecord } from "../model/calls";
import { bytes, milliseconds, placeName } from "../model/format";
import { element, make } from "./dom";

/** The table of the calls that the page made. */
export function renderCalls(records: readonly CallRecord[]): void {
  element("calls-section").hidden = records.length === 0;
  element("calls").replaceChildren(...records.map(row));
}

function row(record: CallRecord): HTMLTableRowElement {
  const { provenance } = record;
  const times = provenance?.times;
  const time = (value: number | undefined): HTMLTableCellElement =>
    make("td", { className: "number" }, value === undefined ? "–" : milliseconds(value));
  const size = (value: number | undefined): HTMLTableCellElement =>
    make("td", { className: "number" }, value === undefined ? "–" : bytes(value));
  const hash = make("code", { title: provenance?.module ?? "" }, provenance?.module.slice(0, 8) ?? "–");
  const state = make("td", { className: `state ${record.state}` }, record.error && record.state === "failed" ? record.error.code : record.state);
  state.title = record.error?.message ?? "";
  return make(
    "tr", {},
    make("th", { scope: "row" }, record.fn),
    make("td", { className: "label", title: record.label }, record.label.replace(/^\S+ /, "")),
    make("td", {}, placeName(record.place)),
    state,
    time(times?.queue), time(times?.compute), time(times?.transfer),
    size(provenance?.bytes.in), size(provenance?.bytes.out),
    make("td", {}, hash),
  );
}

import type { CallPoint } from "../../client/index";
import { many, percent, ratio } from "../model/format";
import { PLACES } from "../model/places";
import { marksOf, summaries } from "../model/plot";
import { draw, element, make } from "./dom";
import { placed } from "./mark";

const LEGEND = "Ratio: time taken ÷ time predicted, the median. In range: calls that took a time within the likely range.";

/** What the marks of the plot mean. */
export function renderLegend(): void {
  const line = draw("svg", { class: "symbol", viewBox: "-7 -7 14 14", "aria-hidden": "true" }, draw("line", { class: "diagonal", x1: -6, y1: 6, x2: 6, y2: -6 }));
  const entries = PLACES.map((place) => make("li", {}, placed(place)));
  element("plot-legend").replaceChildren(...entries, make("li", {}, line, "as predicted"));
}

/** What the plot shows, in words and numbers. */
export function renderSummary(points: readonly CallPoint[]): void {
  const marks = marksOf(points);
  const all = summaries(marks);
  element("plot-summary").hidden = all.length === 0;
  element("plot-rows").replaceChildren(
    ...all.map(({ place, calls, ratio: middle, within }) =>
      make(
        "tr", {},
        make("th", { scope: "row" }, placed(place)),
        ...[String(calls), ratio(middle), percent(within)].map((text) => make("td", { className: "number" }, text)),
      ),
    ),
  );
  const left = points.filter(({ outcome }) => outcome !== "ok").length;
  const missing = left === 0 ? "" : ` Not shown: ${many(left, "call")} without a result.`;
  element("plot-note").textContent = all.length === 0 ? `No call has been made yet.${missing}` : `${LEGEND}${missing}`;
}

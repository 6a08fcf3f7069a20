import type { Schema } from "../../client/index";
import type { Fact } from "../model/facts";
import { element, make } from "./dom";

/** The facts of the file that is looked at; each explains itself by the interface's own words. */
export function renderFacts(name: string, lines: readonly Fact[], result: Schema): void {
  element("file-name").textContent = name;
  element("facts").replaceChildren(
    ...lines.map(({ label, value, field }) => {
      const row = make("div", {}, make("dt", {}, label), make("dd", {}, value));
      row.title = result.properties?.[field]?.description ?? "";
      return row;
    }),
  );
}

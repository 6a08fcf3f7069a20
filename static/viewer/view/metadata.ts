import { capped, type Field, folded } from "../model/fields";
import type { Section } from "../model/metadata";
import { byId, element, make } from "./dom";

/** Shows all that a file says, each part in a fold of its own. Parts that were open stay so. */
export function renderMetadata(parts: readonly Section[]): void {
  const home = element("metadata-parts");
  const open = new Set([...home.querySelectorAll<HTMLDetailsElement>("details[data-part][open]")].map(({ dataset }) => dataset.part));
  home.replaceChildren(...parts.map((part) => fold(part, open.has(part.title))));
}

export function tellMetadata(text: string): void {
  element("metadata-note").textContent = text;
}

/** Shows JSON that the clipboard did not take, so that it can be copied by hand. */
export function offerText(text: string | undefined): void {
  const area = byId("metadata-json", HTMLTextAreaElement);
  area.hidden = text === undefined;
  area.value = text ?? "";
  if (text !== undefined) area.select();
}

function fold(part: Section, isOpen: boolean): HTMLDetailsElement {
  const { title, fields, table } = part;
  const count = fields?.length ?? (table ? table.rows.length + table.more : 0);
  const details = make("details", { className: "more", open: isOpen }, make("summary", {}, `${title} `, make("span", { className: "muted small" }, String(count))));
  details.dataset.part = title;
  if (fields) details.append(fields.length > 0 ? lines(fields) : make("p", { className: "muted small" }, "Nothing."));
  if (table) details.append(...tableOf(title, table));
  return details;
}

function lines(fields: readonly Field[]): HTMLDListElement {
  return make("dl", { className: "facts" }, ...fields.map(({ name, value }) => make("div", {}, make("dt", {}, make("bdi", {}, name)), valueOf(name, value))));
}

/** A value out of a file: text and nothing else, on its own whatever direction it is written in. */
function valueOf(name: string, value: string): HTMLElement {
  const { head, isLong } = folded(value);
  if (!isLong) return make("dd", {}, make("bdi", {}, value));
  const summary = make("summary", {}, make("bdi", {}, head));
  return make("dd", {}, make("details", { className: "long" }, summary, make("div", { className: "whole", role: "region", tabIndex: 0, dir: "auto", "aria-label": name }, capped(value))));
}

function tableOf(title: string, { head, rows, more }: NonNullable<Section["table"]>): HTMLElement[] {
  const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, make("bdi", {}, cell)))));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...head.map((each) => make("th", { scope: "col" }, each)))), make("tbody", {}, ...body));
  const region = make("div", { className: "scroll", role: "region", tabIndex: 0, "aria-label": title }, table);
  return more > 0 ? [region, make("p", { className: "muted small" }, `${more} more are in the JSON.`)] : [region];
}

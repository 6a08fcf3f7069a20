import type { CallRecord } from "../model/calls";
import { placeName } from "../model/format";
import { button, element } from "./dom";

/** Says something to those who listen: politely, or at once where it is an error. */
export function announce(text: string, isUrgent = false): void {
  const region = element(isUrgent ? "alert" : "announce");
  // A text that is said twice is a change only with the empty one between.
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

/** The bar that tells what is running. */
export function renderBusy(active: readonly CallRecord[]): void {
  const [first] = active;
  element("busy").hidden = first === undefined;
  if (!first) return;
  const where = first.place === "local" ? "in this browser" : `on the ${placeName(first.place)}`;
  const more = active.length > 1 ? ` and ${active.length - 1} more` : "";
  element("busy-text").textContent = `${first.label} ${where}${more}…`;
  button("busy-cancel").setAttribute("aria-label", active.length > 1 ? `Cancel ${active.length} calls` : `Cancel: ${first.label}`);
}

/** The banner over the page for what stands in the way of everything. */
export function banner(text: string | undefined): void {
  element("banner").hidden = text === undefined;
  element("banner-text").textContent = text ?? "";
}

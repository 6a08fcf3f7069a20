import type { PlaceChoice } from "../../client/index";
import type { CallRecord } from "../model/calls";
import { privacy, where } from "../model/places";
import { awayNotice } from "../model/reach";
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
  const more = active.length > 1 ? `and ${active.length - 1} more` : "";
  element("busy-text").textContent = `${[first.label, where(first.place), more].filter((each) => each !== "").join(" ")}…`;
  button("busy-cancel").setAttribute("aria-label", active.length > 1 ? `Cancel ${active.length} calls` : `Cancel: ${first.label}`);
}

/** The banner over the page for what stands in the way of everything. */
export function banner(text: string | undefined): void {
  element("banner").hidden = text === undefined;
  element("banner-text").textContent = text ?? "";
}

/** A quiet line while the server cannot be reached: what needs no server goes on. */
export function renderAway(isReachable: boolean, place: PlaceChoice): void {
  element("away").hidden = isReachable;
  element("away-text").textContent = isReachable ? "" : awayNotice(place);
}

/** The switch shows what is chosen; the browser's own decoder is among its choices only while it is the chosen one. */
export function renderSwitch(place: PlaceChoice): void {
  for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=place]")) radio.checked = radio.value === place;
  element("place-native").hidden = place !== "native";
  element("privacy").textContent = privacy(place);
}

import { many } from "../model/format";
import { announce } from "./status";
import { button, element } from "./dom";

/** Why shared files are not here, by the reason that the page's address gives. */
const REASONS: Readonly<Record<string, string>> = {
  service: "this page was not installed here yet. Now it is being set up: share them again",
  nothing: "there were no files among what was shared",
  gone: "they are not kept any more",
  much: "they are more than 1000 files, or larger than 1 GiB together",
};

/** A quiet line while a new version of the page waits, with what has to end before it can be loaded. */
export function renderRenewal(isWaiting: boolean, running: number | undefined, opened: number): void {
  const line = element("renewal");
  const wasHidden = line.hidden;
  line.hidden = !isWaiting;
  if (!isWaiting) return;
  const closes = opened > 0 ? ` Loading it closes ${many(opened, "file")}.` : "";
  const text = running === undefined ? `A new version is ready.${closes}` : `The new version is loaded when ${many(running, "call")} ${running === 1 ? "is" : "are"} done.`;
  element("renewal-text").textContent = text;
  button("renewal-reload").textContent = running === undefined ? "Reload" : "Reload now";
  if (wasHidden) announce("A new version is ready");
}

/** Says that the page can do without a network; aloud only where it has not been said before. */
export function renderReady(isNew: boolean): void {
  const text = "Ready offline: this page opens and works without a network.";
  element("offline-ready").textContent = text;
  element("offline-ready").hidden = false;
  if (isNew) announce(text);
}

/** What to say of shared files that have not come. */
export function unsharedText(reason: string): string {
  return `The shared files were not opened: ${REASONS[reason] ?? "they could not be kept on this device"}.`;
}

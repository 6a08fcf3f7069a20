import type { Command, SyncState } from "../../library/index";
import { bytes, many } from "../model/format";
import { button, element, make } from "./dom";

/** How many conversions are done, and how many of them in each place. */
export interface Done {
  readonly count: number;
  readonly places: ReadonlyMap<string, number>;
}

export interface SyncActions {
  retry: (key: string) => void;
  discard: (key: string) => void;
}

/** Commands beyond this many are counted only. */
const LISTED = 100;
const WHAT: Record<Command["kind"], string> = { library: "New library", upload: "Upload", change: "Change", job: "Conversion", cancel: "Cancellation", delete: "Removal" };

/** What of a library is only here, on its way, or refused; and how much room all of it takes. */
export function renderSync(state: SyncState, done: Done, module: string, actions: SyncActions): void {
  const { commands, remote, storage, evictable } = state;
  element("sync-summary").textContent = summary(state);
  const badge = element("library-badge");
  const refused = commands.filter((each) => each.state === "refused").length;
  badge.hidden = commands.length === 0;
  badge.textContent = String(commands.length);
  badge.title = `${many(commands.length, "change")} not sent`;
  const rows: [string, string][] = [
    ["Server", serverOf(state)],
    ["Waits to be sent", String(commands.filter((each) => each.state === "waiting").length)],
    ["In flight", String(commands.filter((each) => each.state === "sending").length)],
    ["Refused", String(refused)],
    ["Conversions done", `${done.count}${placesOf(done)}`],
    ["Storage", `${bytes(storage.usage)} of ${bytes(storage.quota)}, ${storage.persisted ? "kept until you remove it" : "the browser may clear it where it runs short"}`],
    ["Can be had again", bytes(evictable)],
    ["Module", module],
    ...(state.lastError === undefined ? [] : [["Last trouble", state.lastError] as [string, string]]),
  ];
  element("sync-facts").replaceChildren(...rows.map(([label, value]) => make("div", {}, make("dt", {}, label), make("dd", {}, value))));
  button("sync-publish").hidden = remote !== undefined || commands.some(({ kind }) => kind === "library");
  button("sync-free").hidden = evictable === 0;
  element("sync-none").hidden = commands.length > 0;
  element("sync-scroll").hidden = commands.length === 0;
  const focused = (document.activeElement as HTMLElement | null)?.dataset.command;
  const more = commands.length - LISTED;
  element("sync-rows").replaceChildren(
    ...commands.slice(0, LISTED).map((each) => row(each, actions)),
    ...(more > 0 ? [make("tr", {}, make("td", { colSpan: 5 }, `and ${more} more`))] : []),
  );
  if (focused !== undefined) element("sync-rows").querySelector<HTMLElement>(`[data-command="${CSS.escape(focused)}"]`)?.focus();
}

/** The state of a library in a line. */
export function summary({ commands, remote, online }: SyncState): string {
  const refused = commands.filter((each) => each.state === "refused").length;
  const waiting = commands.length - refused;
  const parts = [
    remote ? (online ? "" : "The server cannot be reached") : "Only in this browser",
    refused > 0 ? `${many(refused, "change")} refused` : "",
    waiting > 0 ? `${many(waiting, "change")} to be sent` : "",
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join("; ") : "All is on the server";
}

function serverOf({ remote, online, listening, commands }: SyncState): string {
  if (!remote) return commands.some(({ kind }) => kind === "library") ? "asked to keep this library, has not answered yet" : "not asked to keep this library";
  if (!online) return "cannot be reached; what is changed here waits";
  return listening ? "connected, tells of changes" : "reached";
}

function placesOf({ places }: Done): string {
  const told = [...places].map(([place, count]) => `${count} ${place}`).join(", ");
  return told === "" ? "" : ` (${told})`;
}

function row({ key, kind, about, state, attempts, sent, of, problem }: Command, { retry, discard }: SyncActions): HTMLTableRowElement {
  const progress = sent !== undefined && of !== undefined && of > 0 ? `, ${Math.floor((100 * sent) / of)} %` : "";
  const told = state === "refused" ? `refused: ${problem?.detail ?? problem?.title ?? "no reason given"}` : `${state}${progress}`;
  const name = `${WHAT[kind]}, ${about}`;
  const ways = make("div", { className: "row" });
  if (state === "refused") ways.append(way("Try again", name, key, retry), way("Give up", name, "", discard, key));
  return make(
    "tr", {}, make("td", {}, WHAT[kind]), make("td", {}, make("bdi", {}, about)), make("td", { className: state === "refused" ? "error" : "" }, told),
    make("td", { className: "number" }, String(attempts)), make("td", {}, ways),
  );
}

function way(text: string, name: string, marked: string, act: (key: string) => void, key = marked): HTMLButtonElement {
  const made = make("button", { type: "button", className: "button small-button", "aria-label": `${text}: ${name}` }, text);
  if (marked !== "") made.dataset.command = marked;
  made.addEventListener("click", () => act(key));
  return made;
}

import type { CodecError, Format, PlaceChoice } from "../../client/index";
import { formatOf } from "../model/accepted";
import type { Document } from "../model/documents";
import { button, element, make } from "./dom";

const NO_ROOM: Record<PlaceChoice, string> = {
  auto: "It needs more memory than a call may have here or on the server.",
  native: "It needs more memory than the browser’s own decoder has. Choose “Auto” above and try again.",
  local: "It needs more memory than a call may have here. The server may have more: choose “Auto” or “Server” above and try again.",
  server: "It needs more memory than a call may have on the server. Choose “Auto” or “Browser” above and try again.",
};

/** Advice for the errors that a user can do something about. */
export function advice(error: CodecError, place: PlaceChoice, formats: readonly Format[]): string {
  switch (error.code) {
    case "truncated":
      return "The end of the file is missing, and no picture can be made of the rest. Download or copy it again.";
    case "corrupt":
      return "The file is damaged, and nothing of its picture could be decoded. Try another copy of it.";
    case "unknown_format":
      return `Files that can be opened: ${formats.filter((each) => each.read).map((each) => each.title).join(", ")}.`;
    case "too_large":
    case "memory_limit":
    case "body_too_large":
      return NO_ROOM[place];
    case "cancelled":
      return "You stopped it.";
    case "not_found":
      return "The link that opened this page may be old or wrong.";
    case "refused":
      return "Download the file, and drop it here.";
    default:
      return hostAdvice(error.code, place);
  }
}

/** Advice for the errors that come of where a call runs. */
function hostAdvice(code: string, place: PlaceChoice): string {
  switch (code) {
    case "unreachable":
    case "over_capacity":
      return place === "server" ? "Try again in a moment, or choose “Auto” or “Browser” above." : "Try again in a moment.";
    case "time_limit":
      return place === "server" ? "The server gives a call only so much time. Choose “Auto” or “Browser” above." : "It took too long. Try again when less is running.";
    case "worker_crashed":
      return "The part of the page that computes stopped, perhaps for lack of memory. Try again, or choose “Server” above.";
    case "other_module":
    case "bad_module":
      return "The server has been changed since this page was loaded. Load the page again, or choose “Browser” above.";
    case "not_decoded":
      return place === "native" ? "The browser does not decode this file on its own. Choose “Auto” or “Browser” above." : "The browser cannot show a picture like this one.";
    case "unavailable":
      return "This cannot be done in the place that was chosen. Choose “Auto” above.";
    case "bad_answer":
      return "Something between this page and the server may have changed the answer. Try again, or choose “Browser” above.";
    case "internal":
      return "This is a fault of Eitherside. Trying again may help.";
    default:
      return "";
  }
}

const TRY: Record<PlaceChoice, string> = {
  auto: "Try anywhere",
  local: "Try in this browser",
  native: "Try the browser’s own decoder",
  server: "Try on the server",
};

/** The place where it may go better, if there is one. */
export function otherPlace(code: string, place: PlaceChoice, mayRead: boolean): PlaceChoice | undefined {
  const isServer = place === "server";
  switch (code) {
    case "unknown_format":
      return mayRead && (place === "local" || place === "native") ? "server" : undefined;
    case "too_large":
    case "memory_limit":
    case "body_too_large":
      return isServer ? "local" : place === "auto" ? undefined : "server";
    case "unreachable":
    case "over_capacity":
    case "time_limit":
    case "other_module":
    case "bad_answer":
      return isServer ? "local" : undefined;
    case "corrupt":
    case "truncated":
      // What comes before the damage is shown only where a file is read piece by piece, or by the browser itself.
      return isServer ? "local" : undefined;
    case "not_decoded":
    case "unavailable":
      return place === "auto" ? undefined : "auto";
    case "worker_crashed":
      return isServer ? undefined : "server";
    default:
      return undefined;
  }
}

/** What a document's failure is shown with. */
export interface Failing {
  document: Pick<Document, "file" | "error" | "facts" | "place">;
  /** Where the page's calls run. */
  place: PlaceChoice;
  /** The module's formats, and those that the service reads besides. */
  formats: readonly Format[];
  foreign: readonly Format[];
}

/** Shows in place of the picture why there is none; gives the place that a button then offers. */
export function renderFailure({ document, place: chosen, formats, foreign }: Failing): PlaceChoice | undefined {
  const { error, file, facts } = document;
  const place = document.place ?? chosen;
  element("failure").hidden = error === undefined;
  element("tools").hidden = error !== undefined;
  if (!error) return undefined;
  const mayRead = formatOf(file, foreign)?.read === true;
  const other = otherPlace(error.code, place, mayRead);
  const rest = error.code === "cancelled" ? " was not opened" : " cannot be shown";
  element("failure-title").replaceChildren(make("bdi", {}, file.name), rest);
  element("failure-text").textContent = error.title && error.title !== error.message ? `${error.title}: ${error.message}` : error.message;
  const known = facts && facts.width > 0 ? "What its header tells is among the facts." : "";
  element("failure-advice").textContent = [advice(error, place, [...formats, ...foreign]), known].filter((part) => part !== "").join(" ");
  element("failure-code").textContent = error.code;
  button("failure-retry").hidden = error.code === "refused";
  const elsewhere = button("failure-place");
  elsewhere.hidden = other === undefined;
  elsewhere.textContent = other ? TRY[other] : "";
  elsewhere.title = other === "server" && place !== "auto" ? "This file is then sent to this page’s server" : "";
  return other;
}

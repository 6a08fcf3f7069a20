import type { CodecError, Format, PlaceChoice } from "../../client/index";
import { element } from "./dom";

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
      return "The end of the file is missing. Download or copy it again.";
    case "corrupt":
      return "The file is damaged. Try another copy of it.";
    case "unknown_format":
      return `Files that can be opened: ${formats.filter((each) => each.read).map((each) => each.title).join(", ")}.`;
    case "too_large":
    case "memory_limit":
    case "body_too_large":
      return NO_ROOM[place];
    case "cancelled":
      return "You stopped it.";
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

/** Shows in place of the picture why there is none. */
export function renderFailure(name: string, error: CodecError | undefined, place: PlaceChoice, formats: readonly Format[]): void {
  element("failure").hidden = error === undefined;
  element("tools").hidden = error !== undefined;
  if (!error) return;
  element("failure-title").textContent = error.code === "cancelled" ? `${name} was not opened` : `${name} cannot be shown`;
  element("failure-text").textContent = error.title && error.title !== error.message ? `${error.title}: ${error.message}` : error.message;
  element("failure-advice").textContent = advice(error, place, formats);
  element("failure-code").textContent = error.code;
}

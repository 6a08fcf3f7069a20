import type { CodecError, Format } from "../../client/index";
import { element } from "./dom";

/** Advice for the errors that a user can do something about. */
function advice(error: CodecError, place: "local" | "server", formats: readonly Format[]): string {
  switch (error.code) {
    case "truncated":
      return "The end of the file is missing. Download or copy it again.";
    case "corrupt":
      return "The file is damaged. Try another copy of it.";
    case "unknown_format":
      return `Files that can be opened: ${formats.filter((each) => each.read).map((each) => each.title).join(", ")}.`;
    case "too_large":
    case "memory_limit":
      return place === "local" ? "The picture needs more memory than a call may have here. The server may have more: switch to it above and try again." : "The picture needs more memory than a call may have on the server. Try it in the browser.";
    case "unreachable":
    case "over_capacity":
      return place === "server" ? "Try again in a moment, or switch to the browser above." : "Try again in a moment.";
    case "time_limit":
      return place === "server" ? "The server gives a call only so much time. Try it in the browser." : "";
    case "cancelled":
      return "You stopped it.";
    default:
      return "";
  }
}

/** Shows in place of the picture why there is none. */
export function renderFailure(name: string, error: CodecError | undefined, place: "local" | "server", formats: readonly Format[]): void {
  element("failure").hidden = error === undefined;
  element("tools").hidden = error !== undefined;
  if (!error) return;
  element("failure-title").textContent = error.code === "cancelled" ? `${name} was not opened` : `${name} cannot be shown`;
  element("failure-text").textContent = error.title && error.title !== error.message ? `${error.title}: ${error.message}` : error.message;
  element("failure-advice").textContent = advice(error, place, formats);
  element("failure-code").textContent = error.code;
}

import type { Place, PlaceChoice } from "../../client/index";

/** The places in the order in which the page shows them. */
export const PLACES: readonly Place[] = ["native", "local", "server"];

const NAMES: Record<Place, string> = { native: "own decoder", local: "browser", server: "server" };
const TITLES: Record<Place, string> = { native: "Browser’s own decoder", local: "Browser", server: "Server" };
const WHERE: Record<Place, string> = { native: "by the browser’s own decoder", local: "in this browser", server: "on the server" };

/** A place in the middle of a line. */
export function placeName(place: PlaceChoice): string {
  return place === "auto" ? "auto" : NAMES[place];
}

/** A place as a heading. */
export function placeTitle(place: Place): string {
  return TITLES[place];
}

/** Where something runs, to be said after what it does; empty where that is still to be decided. */
export function where(place: PlaceChoice): string {
  return place === "auto" ? "" : WHERE[place];
}

export function isPlace(value: unknown): value is Place {
  return PLACES.some((place) => place === value);
}

export function isChoice(value: unknown): value is PlaceChoice {
  return value === "auto" || isPlace(value);
}

/**
 * The place of a call, given what the user chose for the page.
 *
 * The browser's own decoder gives pictures alone: who has chosen it wants nothing sent, so all else runs in the browser.
 */
export function placeFor(choice: PlaceChoice, isPicture: boolean): PlaceChoice {
  return choice === "native" && !isPicture ? "local" : choice;
}

/** What becomes of the user's files, in one sentence. */
export function privacy(choice: PlaceChoice): string {
  switch (choice) {
    case "auto":
      return "A picture may be sent to this page’s server where that is faster. Choose “Browser” above to keep everything here.";
    case "server":
      return "Files that you open are sent to this page’s server.";
    default:
      return "Files stay in this browser; nothing of them is sent anywhere.";
  }
}

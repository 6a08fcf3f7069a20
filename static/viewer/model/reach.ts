import type { CallPoint, PlaceChoice } from "../../client/index";
import { Observable } from "./observable";

/** Whether the server can be reached, as far as the page has noticed. */
export class Reach extends Observable<boolean> {
  /** A call has settled somewhere. */
  settled({ place, outcome }: Pick<CallPoint, "place" | "outcome">): void {
    if (place !== "server") return;
    // Other outcomes may be of this side's making.
    if (outcome === "unreachable") this.tell(false);
    else if (outcome === "ok") this.tell(true);
  }

  tell(isReachable: boolean): void {
    if (isReachable !== this.value) this.set(isReachable);
  }
}

/** What the page says while the server is away. */
export function awayNotice(place: PlaceChoice): string {
  const away = "The server cannot be reached.";
  return place === "server" ? `${away} Choose “Auto” or “Browser” above to go on without it.` : `${away} Work goes on in this browser.`;
}

import type { Place } from "../../client/index";
import { Observable } from "./observable";

/** What the user has chosen for the page. */
export class Settings {
  readonly place = new Observable<Place>("local");
  /** Whether keys without a modifier act outside of the picture, too. */
  readonly shortcuts = new Observable(true);
}

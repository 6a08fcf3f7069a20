import type { PlaceChoice } from "../../client/index";
import { Observable } from "./observable";
import { isChoice } from "./places";
import { remember, remembered } from "./remembered";

/** What the user has chosen for the page. */
export class Settings {
  /** Where calls run; kept between visits. */
  readonly place = new Observable<PlaceChoice>(initial());
  /** Whether keys without a modifier act outside of the picture, too. */
  readonly shortcuts = new Observable(true);

  choosePlace(place: PlaceChoice): void {
    if (place === this.place.value) return;
    remember("place", place);
    this.place.set(place);
  }
}

function initial(): PlaceChoice {
  const value = remembered("place");
  return isChoice(value) ? value : "auto";
}

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
  /** Which page is shown. */
  readonly page = new Observable<"viewer" | "library">("viewer");

  /** Whether the viewer's keys act outside of the picture now. */
  get hasKeys(): boolean {
    return this.shortcuts.value && this.page.value === "viewer";
  }

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

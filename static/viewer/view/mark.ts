import type { Place } from "../../client/index";
import { placeTitle } from "../model/places";
import { draw, make } from "./dom";

/** Half the size of a mark. */
export const REACH = 5;

/** The mark of a place, about the origin: each has a shape of its own beside its colour. */
export function mark(place: Place): SVGElement {
  const attributes = { class: `mark ${place}` };
  switch (place) {
    case "native":
      return draw("path", { ...attributes, d: `M0 ${-REACH - 1}L${REACH + 1} ${REACH - 1}H${-REACH - 1}Z` });
    case "local":
      return draw("circle", { ...attributes, r: REACH });
    case "server":
      return draw("rect", { ...attributes, x: 1 - REACH, y: 1 - REACH, width: 2 * REACH - 2, height: 2 * REACH - 2 });
  }
}

/** The mark on its own, beside a place's name. */
export function symbol(place: Place): SVGSVGElement {
  const half = REACH + 2;
  return draw("svg", { class: "symbol", viewBox: `${-half} ${-half} ${2 * half} ${2 * half}`, "aria-hidden": "true" }, mark(place));
}

/** A place's mark and name. */
export function placed(place: Place): HTMLSpanElement {
  return make("span", { className: "place" }, symbol(place), make("span", {}, placeTitle(place)));
}

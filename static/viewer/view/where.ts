import type { Explanation, Place, PlaceChoice } from "../../client/index";
import { contingency, known, reasons, type Table, tableOf } from "../model/explained";
import type { Known } from "../model/learned";
import { placeTitle } from "../model/places";
import { byId, element, make } from "./dom";
import { placed, symbol } from "./mark";

export interface WhereActions {
  /** The user wants the call made at a place, to see how long it takes there. */
  attempt: (place: Place) => void;
}

/** The panel that tells where the next call would run, and why. */
export class WhereView {
  private readonly choice = byId("where-place", HTMLSelectElement);

  constructor(private readonly actions: WhereActions) {}

  /** Whether the browser's own decoder can be chosen; one that is chosen stays. */
  offerNative(isPossible: boolean, place: PlaceChoice): void {
    const option = this.choice.querySelector<HTMLOptionElement>("option[value=native]");
    if (option) option.hidden = option.disabled = !isPossible && place !== "native";
    this.choice.value = place;
  }

  render(explanation: Explanation): void {
    const table = tableOf(explanation);
    this.show(true);
    element("where-why").replaceChildren(symbol(explanation.place), make("strong", {}, placeTitle(explanation.place)), make("span", {}, explanation.why));
    this.renderTable(table);
    element("where-reasons").replaceChildren(...reasons(explanation).map((text) => make("li", {}, text)));
    element("where-then").textContent = contingency(explanation);
    element("where-known").textContent = `Known of the call: ${known(explanation)}.`;
  }

  /** Says why there is nothing to tell. */
  renderNothing(text: string): void {
    this.show(false);
    element("where-none").textContent = text;
  }

  renderKnown(lines: readonly Known[]): void {
    element("where-facts").replaceChildren(...lines.map(({ label, value }) => make("div", {}, make("dt", {}, label), make("dd", {}, value))));
  }

  tell(text: string): void {
    element("where-told").textContent = text;
    element("where-told").hidden = text === "";
  }

  private show(isKnown: boolean): void {
    element("where-none").hidden = isKnown;
    element("where-call-facts").hidden = !isKnown;
  }

  private renderTable({ places, rows }: Table): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.attempt;
    const chosen = places.map(({ isChosen }) => isChosen);
    const heads = places.map(({ place, isChosen, isAvailable }) => {
      const head = make("th", { scope: "col" }, placed(place));
      if (isChosen) head.append(make("span", { className: "chosen-tag" }, "chosen"));
      return classed(head, isChosen, isAvailable);
    });
    const body = rows.map(({ label, title, cells, isMain }) =>
      make(
        "tr", { className: isMain === true ? "main" : "" },
        make("th", { scope: "row", title }, label),
        ...cells.map((cell, index) => classed(make("td", {}, cell), chosen[index] === true, places[index]?.isAvailable !== false)),
      ),
    );
    element("where-head").replaceChildren(make("tr", {}, make("td", {}), ...heads));
    element("where-rows").replaceChildren(...body, this.attempts(places));
    if (focused !== undefined) element("where-rows").querySelector<HTMLElement>(`[data-attempt="${focused}"]`)?.focus();
  }

  private attempts(places: Table["places"]): HTMLTableRowElement {
    const cells = places.map(({ place, title, isChosen, isAvailable }) => {
      const attempt = make("button", { type: "button", className: "button small-button", "aria-label": `Try it: ${title}` }, "Try");
      attempt.dataset.attempt = place;
      attempt.addEventListener("click", () => this.actions.attempt(place));
      return classed(isAvailable ? make("td", {}, attempt) : make("td", {}, "–"), isChosen, isAvailable);
    });
    return make("tr", {}, make("th", { scope: "row", title: "Makes the call there and keeps nothing but its time" }, "Time it"), ...cells);
  }
}

function classed<T extends HTMLElement>(cell: T, isChosen: boolean, isAvailable: boolean): T {
  cell.classList.toggle("chosen", isChosen);
  cell.classList.toggle("away", !isAvailable);
  return cell;
}

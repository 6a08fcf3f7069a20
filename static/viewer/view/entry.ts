import type { Collection, Conversion, PictureEntry } from "../../library/index";
import { bytes, many, milliseconds } from "../model/format";
import { isPlace, placeName } from "../model/places";
import { button, byId, element, make } from "./dom";

export interface EntryActions {
  open: () => void;
  original: () => void;
  remove: () => void;
  caption: (text: string) => void;
  rate: (stars: number) => void;
  collect: (collection: string, isIn: boolean) => void;
  convert: () => void;
  download: (conversion: Conversion) => void;
  cancel: (conversion: Conversion) => void;
}

const MOST_STARS = 5;

/** What is known of the selected pictures, and what can be done with them. */
export class EntryView {
  private readonly caption = byId("entry-caption", HTMLTextAreaElement);
  private readonly stars = element("entry-stars");
  private captioned: string | undefined;

  constructor(private readonly actions: EntryActions) {
    for (let stars = 0; stars <= MOST_STARS; stars += 1) {
      const radio = make("input", { type: "radio", name: "stars", value: String(stars), "aria-label": stars === 0 ? "no stars" : `${stars} of ${MOST_STARS} stars` });
      radio.addEventListener("change", () => actions.rate(stars));
      this.stars.append(make("label", {}, radio, make("span", {}, stars === 0 ? "–" : `${stars} ★`)));
    }
    this.caption.addEventListener("input", () => actions.caption(this.caption.value));
    const clicks: [string, () => void][] = [["entry-open", actions.open], ["entry-original", actions.original], ["entry-remove", actions.remove], ["make-button", actions.convert]];
    for (const [id, act] of clicks) button(id).addEventListener("click", act);
  }

  render(chosen: readonly PictureEntry[], collections: readonly Collection[]): void {
    const [first] = chosen;
    const isOne = chosen.length === 1;
    element("entry-title").textContent = first ? (isOne ? first.name : `${many(chosen.length, "picture")} are selected`) : "Nothing is selected";
    element("entry-hint").hidden = first !== undefined;
    element("entry-body").hidden = element("made-section").hidden = first === undefined;
    element("edit-section").hidden = !isOne;
    if (!first) return;
    element("entry-facts").textContent = isOne ? factsOf(first) : bytes(chosen.reduce((sum, each) => sum + each.bytes, 0));
    button("entry-original").hidden = button("entry-open").hidden = !isOne;
    element("entry-caption-field").hidden = !isOne;
    this.renderCaption(isOne ? first : undefined);
    const rating = chosen.every((each) => each.rating === first.rating) ? first.rating : undefined;
    for (const radio of this.stars.querySelectorAll("input")) radio.checked = radio.value === String(rating);
    this.renderCollections(chosen, collections);
  }

  focusCaption(): void {
    this.caption.focus();
  }

  renderMade(chosen: readonly PictureEntry[], conversions: readonly Conversion[]): void {
    button("make-button").textContent = chosen.length > 1 ? `Convert ${chosen.length} pictures` : "Convert";
    const names = new Map(chosen.map(({ id, name }) => [id, name]));
    element("made").replaceChildren(...conversions.map((each) => this.line(each, names.get(each.picture) ?? "", chosen.length > 1)));
  }

  /** Somebody else may have changed the text: what is being typed here stays, as it is sent with each change. */
  private renderCaption(picture: PictureEntry | undefined): void {
    const isOther = picture?.id !== this.captioned;
    this.captioned = picture?.id;
    const text = picture?.caption ?? "";
    if (this.caption.value === text) return;
    const { selectionStart, selectionEnd } = this.caption;
    const isTyping = !isOther && document.activeElement === this.caption;
    this.caption.value = text;
    if (isTyping) this.caption.setSelectionRange(selectionStart, selectionEnd);
  }

  private renderCollections(chosen: readonly PictureEntry[], collections: readonly Collection[]): void {
    const home = element("entry-collections");
    const focused = home.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "";
    home.hidden = collections.length === 0;
    const rows = collections.map(({ id, title, pictures }) => {
      const held = new Set(pictures);
      const count = chosen.filter((each) => held.has(each.id)).length;
      const box = make("input", { type: "checkbox", id: `collected-${id}`, checked: count === chosen.length, indeterminate: count > 0 && count < chosen.length });
      box.addEventListener("change", () => this.actions.collect(id, box.checked));
      return make("label", { className: "check" }, box, make("bdi", {}, title));
    });
    home.replaceChildren(make("legend", {}, "Collections"), ...rows);
    if (focused !== "") document.getElementById(focused)?.focus();
  }

  private line(conversion: Conversion, name: string, isNamed: boolean): HTMLLIElement {
    const { state, result } = conversion;
    const text = make("p", {}, ...(isNamed ? [make("bdi", {}, name), ": "] : []), toldOf(conversion));
    if (state === "failed") text.classList.add("error");
    const line = make("li", {}, text);
    if (result) {
      const save = make("button", { type: "button", className: "button small-button", "aria-label": `Download ${titleOf(conversion)}` }, "Download");
      save.addEventListener("click", () => this.actions.download(conversion));
      line.append(save);
    } else if (state === "asked" || state === "running") {
      const cancel = make("button", { type: "button", className: "button small-button", "aria-label": `Cancel ${titleOf(conversion)}` }, "Cancel");
      cancel.addEventListener("click", () => this.actions.cancel(conversion));
      line.append(cancel);
    }
    return line;
  }
}

function factsOf({ bytes: size, width, height, format, type }: PictureEntry): string {
  const dimensions = width !== undefined && height !== undefined ? `${width} × ${height}` : "";
  return [dimensions, format ?? type, bytes(size)].filter((part) => part !== "").join(", ");
}

function titleOf({ options, fn }: Conversion): string {
  return typeof options.to === "string" ? options.to : fn;
}

const STATES: Record<Conversion["state"], string> = { asked: "waits", running: "is running", done: "done", failed: "failed", cancelled: "cancelled" };

function toldOf(conversion: Conversion): string {
  const { state, result, place, milliseconds: time, problem, at } = conversion;
  const where = place !== undefined && isPlace(place) ? placeName(place) : at === "service" ? "server" : "";
  const parts = result
    ? [bytes(result.bytes), time === undefined ? "" : milliseconds(time), where]
    : [STATES[state], state === "failed" ? (problem?.detail ?? problem?.title ?? "") : where];
  return `${titleOf(conversion)}: ${parts.filter((part) => part !== "").join(", ")}`;
}

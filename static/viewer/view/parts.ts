import { type Aspect, aspectName, type ExtraChannel, type Parts } from "../model/aspect";
import { element, make } from "./dom";

type Change = (aspect: Aspect) => void;

/** The switches of a file's layers and extra channels; a file without any has none. */
export function renderParts({ channels, layers }: Parts, aspect: Aspect, change: Change): void {
  const home = element("parts");
  const focused = home.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "";
  element("parts-section").hidden = channels.length === 0 && layers.length === 0;
  const made: HTMLElement[] = [];
  if (channels.length > 0) made.push(channelList(channels, aspect, change));
  if (layers.length > 0) made.push(layerList({ channels, layers }, aspect, change));
  home.replaceChildren(...made);
  if (focused !== "") document.getElementById(focused)?.focus();
}

/** Says why something is not shown. */
export function tellParts(text: string): void {
  element("parts-note").textContent = text;
}

function channelList(channels: readonly ExtraChannel[], aspect: Aspect, change: Change): HTMLElement {
  const choice = (id: string, shows: Aspect["shows"], title: string, more: string): HTMLElement => {
    const radio = make("input", { type: "radio", name: "shows", id, checked: aspect.shows === shows });
    radio.addEventListener("change", () => change({ ...aspect, shows }));
    return line(radio, title, more);
  };
  const rows = [choice("shows-picture", "picture", "All", "")];
  if (channels.some(({ type }) => type === "alpha")) rows.push(choice("shows-opaque", "opaque", "Colours without alpha", ""));
  rows.push(
    ...channels.map(({ type, name, depth }, index) =>
      choice(`shows-${index}`, index, aspectName({ ...aspect, shows: index }, { channels, layers: [] }), [name === "" ? "" : named(type), depth].filter((each) => each !== "").join(", ")),
    ),
  );
  if (channels.some(({ type }) => type === "spot")) {
    const check = make("input", { type: "checkbox", id: "spots", checked: aspect.hasSpots });
    check.addEventListener("change", () => change({ ...aspect, hasSpots: check.checked }));
    rows.push(line(check, "Paint spot colours", ""));
  }
  return group("Channels", rows);
}

function layerList({ layers }: Parts, aspect: Aspect, change: Change): HTMLElement {
  const rows = layers.map(({ name, told }, index) => {
    const check = make("input", { type: "checkbox", id: `layer-${index}`, checked: !aspect.hidden.has(index), disabled: typeof aspect.shows === "number" });
    check.addEventListener("change", () => {
      const hidden = new Set(aspect.hidden);
      if (check.checked) hidden.delete(index);
      else hidden.add(index);
      change({ ...aspect, hidden });
    });
    return line(check, name, told);
  });
  return group("Layers", rows);
}

function group(title: string, rows: readonly HTMLElement[]): HTMLElement {
  return make("fieldset", { className: "parts-group" }, make("legend", {}, title), ...rows);
}

function line(control: HTMLInputElement, title: string, more: string): HTMLElement {
  const text = make("span", {}, make("bdi", {}, title));
  if (more !== "") text.append(make("span", { className: "muted small" }, ` ${more}`));
  return make("label", { className: "check" }, control, text);
}

function named(type: string): string {
  return type.replaceAll("_", " ");
}

import type { Provenance } from "../../client/index";
import { ran } from "../model/ran";
import { byId, element } from "./dom";
import { symbol } from "./mark";

/** The badge that tells where the picture was decoded. */
export function renderRan(provenance: Provenance | undefined): void {
  const badge = byId("ran", HTMLAnchorElement);
  badge.hidden = provenance === undefined;
  if (!provenance) return;
  const { text, title } = ran(provenance);
  badge.replaceChildren(symbol(provenance.place), text);
  badge.title = title;
}

/** The label that tells whether HDR is shown. */
export function renderRange(label: { text: string; title: string } | undefined): void {
  const badge = element("range");
  badge.hidden = label === undefined;
  byId("range-text", HTMLElement).textContent = label?.text ?? "";
  byId("range-more", HTMLElement).textContent = label?.title ?? "";
}

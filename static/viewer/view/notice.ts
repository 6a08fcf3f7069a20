import type { Document } from "../model/documents";
import { flawText } from "../model/flaw";
import { bytes, percent } from "../model/format";
import { button, byId, element } from "./dom";

/** What there is to know about the picture that is shown, such as that it is not all of it. */
export function noticeText({ flaw, notice }: Pick<Document, "flaw" | "notice">): string {
  return [flaw ? flawText(flaw) : "", notice ?? ""].filter((part) => part !== "").join(" ");
}

/** Shows under the picture what there is to know about it, and what can be done; and how far its file has come. */
export function renderNotice(document: Document): void {
  const text = noticeText(document);
  const isShown = document.picture !== undefined && document.state !== "opening" && text !== "";
  element("notice").hidden = !isShown;
  element("notice-text").textContent = text;
  element("notice-text").title = document.flaw?.message ?? "";
  element("notice-actions").hidden = document.flaw === undefined;
  button("notice-retry").textContent = document.flaw?.code === "cancelled" ? "Go on" : "Try again";
  renderArriving(document);
}

function renderArriving({ progress, state }: Document): void {
  const isArriving = progress !== undefined && state === "opening";
  element("arriving").hidden = !isArriving;
  if (!isArriving) return;
  const { loaded, total } = progress;
  const bar = byId("arriving-bar", HTMLProgressElement);
  if (total === undefined) bar.removeAttribute("value");
  else bar.value = loaded / Math.max(1, total);
  element("arriving-text").textContent = total === undefined ? bytes(loaded) : `${bytes(loaded)} of ${bytes(total)}, ${percent(loaded / Math.max(1, total))}`;
}

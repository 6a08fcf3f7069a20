import type { Document, Opened } from "../model/documents";
import { byId, element, make } from "./dom";

const STATES = { opening: "", ready: "", failed: ", cannot be shown" };

/** The list of opened files. */
export class FilesView {
  private readonly nav = element("files");
  private readonly list = byId("files", HTMLElement).querySelector("ul") ?? make("ul");

  constructor(private readonly actions: { show: (document: Document) => void; close: (document: Document) => void }) {}

  render({ list, current }: Opened): void {
    this.nav.hidden = list.length < 2;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    this.list.replaceChildren(...list.map((each) => this.item(each, each === current)));
    if (focused) this.list.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }

  private item(document: Document, isCurrent: boolean): HTMLLIElement {
    const { file, state, id } = document;
    const show = make("button", { type: "button", className: "file", title: file.name }, file.name);
    show.setAttribute("aria-label", `${file.name}${STATES[state]}`);
    if (isCurrent) show.setAttribute("aria-current", "true");
    show.classList.toggle("failed", state === "failed");
    show.dataset.key = `show-${id}`;
    show.addEventListener("click", () => this.actions.show(document));
    const close = make("button", { type: "button", className: "file-close", "aria-label": `Close ${file.name}` }, "×");
    close.dataset.key = `close-${id}`;
    close.addEventListener("click", () => this.actions.close(document));
    return make("li", {}, show, close);
  }
}

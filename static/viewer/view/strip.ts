import type { Document } from "../model/documents";
import { byNearness, revealing, type Row, seen, stepped } from "../model/row";
import { isBroken, type Thumbnail, type Thumbnails } from "../model/thumbnails";
import { element, make } from "./dom";

/** CSS pixels from one item's beginning to the next one's; as in files.css. */
const STRIDE = 116;
/** CSS pixels of a thumbnail's longer side. */
export const SIDE = 104;
/** Items that are there on each side of those that are seen. */
const MARGIN = 4;

export interface StripActions {
  show: (document: Document) => void;
  close: (document: Document) => void;
  /** These are seen, or soon may be; the first ones first. */
  want: (documents: readonly Document[]) => void;
}

interface Item {
  root: HTMLLIElement;
  button: HTMLButtonElement;
  frame: HTMLSpanElement;
  document: Document;
  /** What it shows, so that it is drawn anew only where that changes. */
  drawn: string;
}

/** The opened files as a row of thumbnails, of which only those are in the page that are seen. */
export class StripView {
  private readonly scroller = element("files-scroll");
  private readonly list = element("files-list");
  private readonly items = new Map<Document, Item>();
  private order: readonly Document[] = [];
  private current: Document | undefined;
  /** The one that the Tab key goes to. */
  private active: Document | undefined;
  /** How much of the row is seen, and how far it is scrolled: to ask the page for that has it laid out anew. */
  private length = 0;
  private offset = 0;
  private isDirty = false;

  constructor(
    private readonly thumbnails: Thumbnails,
    private readonly actions: StripActions,
  ) {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.scroller.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("focusin", (event) => this.focused(event.target));
    new ResizeObserver(([entry]) => this.resized(entry?.contentRect.width ?? 0)).observe(this.scroller);
    thumbnails.watch((id) => this.refresh(id));
  }

  /** Whether the focus is on one of the items. */
  get hasFocus(): boolean {
    return this.list.contains(document.activeElement);
  }

  render(order: readonly Document[], current: Document | undefined): void {
    const isOther = current !== this.current;
    const isMoved = order !== this.order;
    this.order = order;
    this.current = current;
    if (isOther || !this.active || !order.includes(this.active)) this.active = current && order.includes(current) ? current : order[0];
    if (isMoved) this.list.style.width = `${order.length * STRIDE}px`;
    if (current && (isOther || isMoved)) this.reveal(current);
    this.invalidate();
  }

  /** Puts the focus on the item that the Tab key goes to. */
  focus(): void {
    if (!this.active) return;
    this.reveal(this.active);
    this.draw();
    this.items.get(this.active)?.button.focus({ preventScroll: true });
  }

  private get row(): Row {
    return { count: this.order.length, stride: STRIDE, length: this.length, offset: this.offset };
  }

  private scrolled(): void {
    this.offset = this.scroller.scrollLeft;
    this.invalidate();
  }

  private resized(length: number): void {
    this.length = length;
    if (this.current) this.reveal(this.current);
    this.invalidate();
  }

  private invalidate(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    requestAnimationFrame(() => this.draw());
  }

  private reveal(document: Document): void {
    const index = this.order.indexOf(document);
    if (index < 0 || this.length === 0) return;
    const offset = revealing(index, this.row);
    if (offset === this.offset) return;
    this.scroller.scrollLeft = offset;
    this.offset = this.scroller.scrollLeft;
  }

  private draw(): void {
    this.isDirty = false;
    const { row } = this;
    // A row that is hidden needs no thumbnails.
    const range = row.length > 0 ? seen(row, MARGIN) : { first: 0, end: 0 };
    const indices = Array.from({ length: range.end - range.first }, (_, at) => range.first + at);
    // The one that has the focus must stay, wherever it is scrolled to.
    const at = this.active ? this.order.indexOf(this.active) : -1;
    if (at >= 0 && (at < range.first || at >= range.end)) indices.push(at);
    indices.sort((a, b) => a - b);
    const kept = new Set(indices.map((index) => this.order[index]));
    for (const [document, { root }] of this.items) {
      if (kept.has(document)) continue;
      root.remove();
      this.items.delete(document);
    }
    indices.forEach((index, place) => this.put(index, place));
    this.actions.want(byNearness(range, row).flatMap((index) => this.order[index] ?? []));
  }

  private put(index: number, place: number): void {
    const document = this.order[index];
    if (!document) return;
    let item = this.items.get(document);
    if (!item) {
      item = this.made(document);
      this.items.set(document, item);
    }
    const { root } = item;
    // An element that is moved in the page loses the focus, so only what is not in its place is.
    if (this.list.children[place] !== root) this.list.insertBefore(root, this.list.children[place] ?? null);
    root.style.insetInlineStart = `${index * STRIDE}px`;
    root.setAttribute("aria-posinset", String(index + 1));
    root.setAttribute("aria-setsize", String(this.order.length));
    this.update(item);
  }

  private made(document: Document): Item {
    const { name } = document.file;
    const frame = make("span", { className: "file-frame" });
    const label = make("span", { className: "file-label", dir: "auto" }, name);
    const button = make("button", { type: "button", className: "file", title: name }, frame, label);
    button.setAttribute("aria-keyshortcuts", "Delete");
    button.addEventListener("click", () => this.actions.show(document));
    const close = make("button", { type: "button", className: "file-close", tabIndex: -1, "aria-label": `Close ${name}` }, "×");
    close.addEventListener("click", () => this.actions.close(document));
    return { root: make("li", {}, button, close), button, frame, document, drawn: "" };
  }

  private update(item: Item): void {
    const { button, frame, root, document } = item;
    const thumbnail = this.thumbnails.get(document.id);
    const state = stateOf(document, thumbnail, this.thumbnails.failure(document.id));
    button.tabIndex = document === this.active ? 0 : -1;
    if (document === this.current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    const drawn = `${state} ${thumbnail?.url ?? ""}`;
    if (item.drawn === drawn) return;
    item.drawn = drawn;
    root.className = state;
    button.setAttribute("aria-label", `${document.file.name}${STATES[state]}`);
    const picture = thumbnail ? [make("img", { src: thumbnail.url, alt: "", decoding: "async", draggable: false })] : [];
    frame.replaceChildren(...picture, ...(MARKS[state] === "" ? [] : [make("span", { className: "file-mark" }, MARKS[state])]));
  }

  private refresh(id: number): void {
    for (const [{ id: each }, item] of this.items) if (each === id) this.update(item);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.active) return;
    if (event.key === "Delete") {
      event.preventDefault();
      this.actions.close(this.active);
      return;
    }
    const target = stepped(event.key, this.order.indexOf(this.active), this.row);
    const document = target === undefined ? undefined : this.order[target];
    if (!document) return;
    event.preventDefault();
    this.active = document;
    this.focus();
  }

  private focused(target: EventTarget | null): void {
    for (const [document, { root }] of this.items) {
      if (!(target instanceof Node) || !root.contains(target) || document === this.active) continue;
      this.active = document;
      this.invalidate();
    }
  }

  /** A wheel that turns one way only moves the row, as long as there is more of it that way. */
  private wheel(event: WheelEvent): void {
    if (event.deltaX !== 0 || event.deltaY === 0 || event.ctrlKey || event.shiftKey) return;
    const before = this.scroller.scrollLeft;
    this.scroller.scrollLeft += event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 24 : event.deltaY;
    if (this.scroller.scrollLeft !== before) event.preventDefault();
  }
}

type State = "waiting" | "opening" | "ready" | "partial" | "failed";

/** What is said after a file's name. */
const STATES: Record<State, string> = { waiting: "", opening: ", opening", ready: "", partial: ", incomplete", failed: ", cannot be shown" };
const MARKS: Record<State, string> = { waiting: "", opening: "", ready: "", partial: "!", failed: "✕" };

/** The state of a document; of one that was not opened yet, its thumbnail tells. */
function stateOf({ state, flaw }: Document, thumbnail: Thumbnail | undefined, failure: string | undefined): State {
  if (state === "ready" && flaw) return "partial";
  if (state !== "waiting") return state;
  if (isBroken(failure)) return "failed";
  return thumbnail?.isPartial === true ? "partial" : "waiting";
}

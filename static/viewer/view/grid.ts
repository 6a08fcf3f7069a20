import type { PictureEntry } from "../../library/index";
import { columns, type Grid, lines, seenTiles, steppedTile } from "../model/grid";
import { byNearness, revealing } from "../model/row";
import type { Shown } from "../model/shelf";
import { element, make } from "./dom";

/** CSS pixels that a tile has at least with its gap, the gap, and those from line to line; as in library.css. */
const LEAST = 148;
const GAP = 8;
const DOWN = 184;
/** CSS pixels of a picture's longer side in its tile, about. */
export const SIDE = 152;
/** Lines of tiles that are there above and below those that are seen. */
const MARGIN = 2;

export interface GridActions {
  /** A picture was chosen by pointer or key; `how` says what becomes of the others. */
  select: (id: string, how: "alone" | "toggle" | "reach") => void;
  selectAll: () => void;
  open: (id: string) => void;
  remove: () => void;
  rate: (stars: number) => void;
  /** These are seen, or soon may be; the first ones first. */
  want: (pictures: readonly PictureEntry[]) => void;
}

/** What a tile shows of a picture beside its name. */
export interface Look {
  /** Address of the thumbnail. */
  url: string | undefined;
  /** Why there is none. */
  failure: string | undefined;
  /** Whether its pixels are edited. */
  isEdited: boolean;
}

interface Tile {
  root: HTMLLIElement;
  frame: HTMLSpanElement;
  label: HTMLSpanElement;
  drawn: string;
}

/** The pictures of a library as tiles, of which only those are in the page that are seen. */
export class GridView {
  private readonly scroller = element("shelf-scroll");
  private readonly list = element("shelf-list");
  private readonly tiles = new Map<string, Tile>();
  private shown: Shown = { pictures: [], selected: new Set(), active: undefined };
  private places = new Map<string, number>();
  private width = 0;
  private height = 0;
  private offset = 0;
  private isDirty = false;

  constructor(
    private readonly lookOf: (picture: PictureEntry) => Look,
    private readonly actions: GridActions,
  ) {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("dblclick", (event) => this.open(this.idOf(event.target)));
    new ResizeObserver(([entry]) => this.resized(entry?.contentRect)).observe(this.scroller);
  }

  render(shown: Shown): void {
    const isOther = shown.pictures !== this.shown.pictures;
    const isMoved = shown.active !== this.shown.active;
    this.shown = shown;
    if (isOther) {
      this.places = new Map(shown.pictures.map(({ id }, index) => [id, index]));
      this.measure();
    }
    if (isMoved) this.reveal();
    this.invalidate();
  }

  /** A thumbnail has come. */
  refresh(): void {
    this.invalidate();
  }

  focus(): void {
    this.reveal();
    this.draw();
    const active = this.tabbed;
    (active === undefined ? this.scroller : (this.tiles.get(active)?.root ?? this.scroller)).focus({ preventScroll: true });
  }

  private get grid(): Grid {
    const across = this.width / Math.max(1, Math.floor(this.width / LEAST));
    return { count: this.shown.pictures.length, across: Math.max(1, across), down: DOWN, width: this.width, height: this.height, offset: this.offset };
  }

  /** The one that the Tab key goes to. */
  private get tabbed(): string | undefined {
    return this.shown.active ?? this.shown.pictures[0]?.id;
  }

  private scrolled(): void {
    this.offset = this.scroller.scrollTop;
    this.invalidate();
  }

  private resized({ width = 0, height = 0 }: Partial<DOMRectReadOnly> = {}): void {
    this.width = width;
    this.height = height;
    this.measure();
    this.invalidate();
  }

  private measure(): void {
    this.list.style.height = `${lines(this.grid).count * DOWN}px`;
  }

  private invalidate(): void {
    if (this.isDirty) return;
    this.isDirty = true;
    requestAnimationFrame(() => this.draw());
  }

  private reveal(): void {
    const index = this.places.get(this.shown.active ?? "");
    if (index === undefined || this.height === 0) return;
    const offset = revealing(Math.floor(index / columns(this.grid)), lines(this.grid));
    if (offset === this.offset) return;
    this.scroller.scrollTop = offset;
    this.offset = this.scroller.scrollTop;
  }

  private draw(): void {
    this.isDirty = false;
    const { grid } = this;
    const range = grid.height > 0 ? seenTiles(grid, MARGIN) : { first: 0, end: 0 };
    const indices = Array.from({ length: range.end - range.first }, (_, at) => range.first + at);
    // The one that has the focus must stay, wherever it is scrolled to.
    const at = this.places.get(this.tabbed ?? "");
    if (at !== undefined && (at < range.first || at >= range.end)) indices.push(at);
    indices.sort((a, b) => a - b);
    const kept = new Set(indices.map((index) => this.shown.pictures[index]?.id));
    for (const [id, { root }] of this.tiles) {
      if (kept.has(id)) continue;
      root.remove();
      this.tiles.delete(id);
    }
    indices.forEach((index, place) => this.put(index, place));
    this.actions.want(this.nearest(range.first, range.end));
  }

  private nearest(first: number, end: number): PictureEntry[] {
    const across = columns(this.grid);
    const found = byNearness({ first: Math.floor(first / across), end: Math.ceil(end / across) }, lines(this.grid));
    return found.flatMap((line) => this.shown.pictures.slice(line * across, (line + 1) * across));
  }

  private put(index: number, place: number): void {
    const picture = this.shown.pictures[index];
    if (!picture) return;
    let tile = this.tiles.get(picture.id);
    if (!tile) this.tiles.set(picture.id, (tile = made(picture.id)));
    const { root } = tile;
    // An element that is moved in the page loses the focus, so only what is not in its place is.
    if (this.list.children[place] !== root) this.list.insertBefore(root, this.list.children[place] ?? null);
    const { grid } = this;
    const inLine = columns(grid);
    root.style.width = `${grid.across - GAP}px`;
    root.style.insetInlineStart = `${(index % inLine) * grid.across}px`;
    root.style.top = `${Math.floor(index / inLine) * DOWN}px`;
    root.setAttribute("aria-posinset", String(index + 1));
    root.setAttribute("aria-setsize", String(this.shown.pictures.length));
    root.setAttribute("aria-selected", String(this.shown.selected.has(picture.id)));
    root.tabIndex = picture.id === this.tabbed ? 0 : -1;
    this.update(tile, picture);
  }

  private update(tile: Tile, picture: PictureEntry): void {
    const { url, failure, isEdited } = this.lookOf(picture);
    const { name, rating, caption } = picture;
    const drawn = JSON.stringify([url, failure, name, rating, caption, isEdited]);
    if (tile.drawn === drawn) return;
    tile.drawn = drawn;
    const marks = [rating > 0 ? "★".repeat(rating) : "", isEdited ? "edited" : ""].filter((mark) => mark !== "");
    tile.label.replaceChildren(make("bdi", {}, caption === "" ? name : caption));
    tile.frame.replaceChildren(
      ...(url === undefined ? [] : [make("img", { src: url, alt: "", decoding: "async", draggable: false })]),
      ...(failure === undefined ? [] : [make("span", { className: "tile-failure small" }, "no preview")]),
      ...marks.map((mark) => make("span", { className: mark === "edited" ? "tile-mark" : "tile-stars" }, mark)),
    );
    const told = [caption === "" ? name : `${caption}, ${name}`, rating > 0 ? `${rating} of 5 stars` : "", isEdited ? "edited" : "", failure === undefined ? "" : "cannot be shown"];
    tile.root.setAttribute("aria-label", told.filter((each) => each !== "").join(", "));
    tile.root.title = name;
  }

  private idOf(target: EventTarget | null): string | undefined {
    return target instanceof Element ? target.closest("li")?.dataset.id : undefined;
  }

  private open(id: string | undefined): void {
    if (id !== undefined) this.actions.open(id);
  }

  private clicked(event: MouseEvent): void {
    const id = this.idOf(event.target);
    if (id === undefined) return;
    this.actions.select(id, event.shiftKey ? "reach" : event.ctrlKey || event.metaKey ? "toggle" : "alone");
    this.focus();
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || !this.act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private act({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
    const id = this.tabbed;
    if (id === undefined) return false;
    if (ctrlKey || metaKey) {
      if (key.toLowerCase() === "a") this.actions.selectAll();
      return key.toLowerCase() === "a";
    }
    const target = steppedTile(key, this.places.get(id) ?? 0, this.grid);
    const next = target === undefined ? undefined : this.shown.pictures[target]?.id;
    if (next !== undefined) {
      this.actions.select(next, shiftKey ? "reach" : "alone");
      this.focus();
    } else if (key === "Enter") this.actions.open(id);
    else if (key === " ") this.actions.select(id, "toggle");
    else if (key === "Delete") this.actions.remove();
    else if (/^[0-5]$/.test(key)) this.actions.rate(Number(key));
    else return false;
    return true;
  }
}

function made(id: string): Tile {
  const frame = make("span", { className: "tile-frame" });
  const label = make("span", { className: "tile-label" });
  const root = make("li", { className: "tile", role: "option" }, frame, label);
  root.dataset.id = id;
  return { root, frame, label, drawn: "" };
}

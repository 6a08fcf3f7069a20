import type { Collection, LibraryState, PictureEntry } from "../../library/index";
import { Observable } from "./observable";

export type Order = "added" | "name" | "rating";

/** What of a library is looked at. */
export interface Looked {
  /** A collection's id; empty for all pictures. */
  readonly collection: string;
  readonly filter: string;
  /** Only pictures with at least so many stars. */
  readonly stars: number;
  readonly order: Order;
}

/** The pictures that are shown, and which of them are selected. */
export interface Shown {
  readonly pictures: readonly PictureEntry[];
  readonly selected: ReadonlySet<string>;
  /** The picture that keys go on from. */
  readonly active: string | undefined;
}

const ALL: Looked = { collection: "", filter: "", stars: 0, order: "added" };
const byName = new Intl.Collator(undefined, { numeric: true });

/** A library as it is looked at: filtered, in order, some of it selected. */
export class Shelf extends Observable<Shown> {
  private state: LibraryState | undefined;
  private wanted = ALL;

  constructor() {
    super({ pictures: [], selected: new Set(), active: undefined });
  }

  get looked(): Looked {
    return this.wanted;
  }

  /** The picture that is looked at more closely: the only one that is selected. */
  get single(): PictureEntry | undefined {
    const { selected } = this.value;
    const [id] = selected;
    return selected.size === 1 && id !== undefined ? this.state?.pictures.get(id) : undefined;
  }

  /** The selected pictures, in the order in which they are shown. */
  get chosen(): PictureEntry[] {
    return this.value.pictures.filter(({ id }) => this.value.selected.has(id));
  }

  /** The library has changed. */
  follow(state: LibraryState): void {
    this.state = state;
    if (this.wanted.collection !== "" && !state.collections.some(({ id }) => id === this.wanted.collection)) this.wanted = { ...this.wanted, collection: "" };
    this.arrange();
  }

  look(wanted: Partial<Looked>): void {
    this.wanted = { ...this.wanted, ...wanted };
    this.arrange();
  }

  /** Selects one picture alone. */
  select(id: string | undefined): void {
    this.set({ ...this.value, selected: new Set(id === undefined ? [] : [id]), active: id });
  }

  /** Adds a picture to the selected ones, or takes it out. */
  toggle(id: string): void {
    const selected = new Set(this.value.selected);
    if (!selected.delete(id)) selected.add(id);
    this.set({ ...this.value, selected, active: id });
  }

  /** Selects all from the active one to another one. */
  reach(id: string): void {
    const ids = this.value.pictures.map((each) => each.id);
    const [from, to] = [ids.indexOf(this.value.active ?? id), ids.indexOf(id)].sort((a, b) => a - b);
    this.set({ ...this.value, selected: new Set(ids.slice(Math.max(0, from ?? 0), (to ?? 0) + 1)), active: id });
  }

  selectAll(): void {
    this.set({ ...this.value, selected: new Set(this.value.pictures.map(({ id }) => id)) });
  }

  private arrange(): void {
    if (!this.state) return;
    const pictures = arranged(this.state, this.wanted);
    const there = new Set(pictures.map(({ id }) => id));
    const { selected, active } = this.value;
    this.set({
      pictures,
      selected: new Set([...selected].filter((id) => there.has(id))),
      active: active !== undefined && there.has(active) ? active : undefined,
    });
  }
}

/** The pictures that are wanted, in the wanted order. */
export function arranged({ pictures, collections }: LibraryState, { collection, filter, stars, order }: Looked): PictureEntry[] {
  const inside = collection === "" ? undefined : collections.find(({ id }) => id === collection);
  const all = inside ? entriesOf(inside, pictures) : [...pictures.values()];
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = all.filter(({ name, caption, rating }) => {
    if (rating < stars) return false;
    const text = words.length > 0 ? `${name} ${caption}`.toLowerCase() : "";
    return words.every((word) => text.includes(word));
  });
  if (order === "name") return found.sort((a, b) => byName.compare(a.name, b.name));
  if (order === "rating") return found.sort((a, b) => b.rating - a.rating || earlier(a, b));
  // A collection has an order of its own.
  return inside ? found : found.sort(earlier);
}

/** What was added at once is in the order of its names. */
function earlier(a: PictureEntry, b: PictureEntry): number {
  return a.added - b.added || byName.compare(a.name, b.name);
}

function entriesOf({ pictures: ids }: Collection, pictures: LibraryState["pictures"]): PictureEntry[] {
  return ids.flatMap((id) => pictures.get(id) ?? []);
}

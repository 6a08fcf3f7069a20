import type { Document, Documents } from "./documents";
import { Observable } from "./observable";

export type Sort = "added" | "name";

/** Which documents the strip shows, and in which order. */
export interface Arrangement {
  sort: Sort;
  /** What names are to contain; case and accents do not matter. */
  filter: string;
}

/** As people order names: 2 before 10, whatever the case. */
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** A text as it is searched: without case and accents. */
export function folded(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

export function arranged(list: readonly Document[], { sort, filter }: Arrangement): readonly Document[] {
  const wanted = folded(filter.trim());
  const found = wanted === "" ? list : list.filter(({ file }) => folded(file.name).includes(wanted));
  return sort === "added" ? found : [...found].sort((a, b) => collator.compare(a.file.name, b.file.name));
}

/** The documents as the strip shows them. */
export class Strip extends Observable<readonly Document[]> {
  private arrangement: Arrangement = { sort: "added", filter: "" };
  private list: readonly Document[] = [];

  constructor(documents: Documents) {
    super([]);
    documents.watch(({ list }) => {
      if (list === this.list) return;
      this.list = list;
      this.arrange({});
    });
  }

  get filter(): string {
    return this.arrangement.filter;
  }

  arrange(change: Partial<Arrangement>): void {
    this.arrangement = { ...this.arrangement, ...change };
    this.set(arranged(this.list, this.arrangement));
  }

  /** The document before or after one, around the ends; the first one where that one is not among them. */
  neighbour(document: Document, by: 1 | -1): Document | undefined {
    const { value } = this;
    const index = value.indexOf(document);
    return index < 0 ? value[0] : value[(index + by + value.length) % value.length];
  }

  /** What to look at when a document is closed: the one after it, or at the end the one before. */
  successor(document: Document): Document | undefined {
    const { value } = this;
    const index = value.indexOf(document);
    return index < 0 ? undefined : (value[index + 1] ?? value[index - 1]);
  }
}

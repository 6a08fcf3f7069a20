import type * as Y from "yjs";
import { below, type LibraryDocument, parts } from "./document";
import * as reading from "./reading";
import type { Collection, Conversion, LibraryState, Limits, PictureEntry } from "./types";
import { Value } from "./watched";

const EMPTY: LibraryState = { pictures: new Map(), collections: [], conversions: new Map(), canUndo: false, canRedo: false };

/** What a transaction touched. */
interface Touched {
  readonly pictures: Set<string>;
  readonly collections: Set<string>;
  readonly conversions: Set<string>;
}

/** What the document says, checked, as values that never change: of each transaction, what it touched is read again and nothing else. */
export class Model {
  private readonly recipes = new Map<string, Map<string, unknown>>();
  private readonly members = new Map<string, Map<string, number>>();
  private readonly byPicture = new Map<string, Set<string>>();
  private readonly jobs = new Map<string, string>();
  private pictures = new Map<string, PictureEntry>();
  private collections = new Map<string, Collection & { readonly made: number }>();
  private conversions = new Map<string, Conversion>();
  private readonly stop: () => void;

  constructor(
    private readonly document: LibraryDocument,
    private readonly limits: Limits,
    readonly state = new Value<LibraryState>(EMPTY),
  ) {
    const follow = (transaction: Y.Transaction): void => this.follow(transaction);
    const steps = (): void => this.tell(false);
    const { doc, undo } = document;
    this.readAll();
    doc.on("afterTransaction", follow);
    undo.on("stack-item-added", steps);
    undo.on("stack-item-popped", steps);
    undo.on("stack-cleared", steps);
    this.stop = () => {
      doc.off("afterTransaction", follow);
      for (const event of ["stack-item-added", "stack-item-popped", "stack-cleared"] as const) undo.off(event, steps);
    };
  }

  /** Ends it; the state stays as it is. */
  close(): void {
    this.stop();
  }

  /** SHA-256 of every file that the document refers to. */
  references(): Set<string> {
    const found = new Set<string>();
    for (const [id, value] of this.document.pictures.entries()) found.add(reading.original(id, value)?.sha256 ?? "");
    for (const [id, value] of this.document.conversions.entries()) {
      found.add(reading.asked(id, value)?.sha256 ?? "");
      found.add(reading.outcome(this.document.stages.get(below(id, "done"))).result?.sha256 ?? "");
    }
    found.delete("");
    return found;
  }

  /** Which of its restorations the service has had last, as far as the clients found out. */
  get restored(): string {
    const found: unknown = this.document.marks.get("restored");
    return typeof found === "string" && reading.RANDOM_ID.test(found) ? found : "";
  }

  /** The conversion that a job of the service is. */
  conversionOf(job: string): string | undefined {
    return this.jobs.get(job);
  }

  /** The request for a conversion, and its job at the service, where it has one. */
  request(id: string): { readonly asked: reading.Asked; readonly job: string | undefined } | undefined {
    const found = reading.asked(id, this.document.conversions.get(id));
    return found && { asked: found, job: reading.jobId(this.document.stages.get(below(id, "job"))) };
  }

  private readAll(): void {
    const { recipes, members, pictures, collections, conversions } = this.document;
    this.document.newCaptions();
    for (const key of recipes.keys()) this.readOption(key);
    for (const key of members.keys()) this.readMember(key);
    for (const id of pictures.keys()) this.readPicture(id);
    this.sort();
    for (const id of collections.keys()) this.readCollection(id);
    for (const id of conversions.keys()) this.readConversion(id);
    this.tell();
  }

  private follow({ changed }: Y.Transaction): void {
    const touched: Touched = { pictures: new Set(this.document.newCaptions()), collections: new Set(), conversions: new Set() };
    for (const [type, keys] of changed) this.touch(type, keys, touched);
    if (touched.pictures.size + touched.collections.size + touched.conversions.size === 0) return;
    this.readTouched(touched);
    this.tell();
  }

  private touch(type: unknown, keys: ReadonlySet<string | null>, touched: Touched): void {
    const { document } = this;
    const each = (read: (key: string) => void): void => {
      for (const key of keys) if (key !== null) read(key);
    };
    if (type === document.pictures || type === document.seen || type === document.ratings) each((key) => touched.pictures.add(key));
    else if (type === document.recipes) each((key) => touched.pictures.add(this.readOption(key)));
    else if (type === document.collections) each((key) => touched.collections.add(key));
    else if (type === document.members) each((key) => touched.collections.add(this.readMember(key)));
    else if (type === document.conversions) each((key) => touched.conversions.add(key));
    else if (type === document.stages) each((key) => touched.conversions.add(parts(key)?.[0] ?? ""));
    else {
      const picture = document.captionOf(type);
      if (picture !== undefined) touched.pictures.add(picture);
    }
  }

  private readTouched(touched: Touched): void {
    this.pictures = new Map(this.pictures);
    let last = [...this.pictures.values()].at(-1);
    let isSorted = true;
    for (const id of touched.pictures) {
      const was = this.pictures.has(id);
      const found = this.readPicture(id);
      if (was === (found !== undefined)) continue;
      // What is in no library is in no collection, and is not converted.
      for (const [collection, members] of this.members) if (members.has(id)) touched.collections.add(collection);
      for (const conversion of this.byPicture.get(id) ?? []) touched.conversions.add(conversion);
      if (found && last && order(last, found) > 0) isSorted = false;
      last = found ?? last;
    }
    if (!isSorted) this.sort();
    if (touched.collections.size > 0) this.collections = new Map(this.collections);
    for (const id of touched.collections) this.readCollection(id);
    if (touched.conversions.size > 0) this.conversions = new Map(this.conversions);
    for (const id of touched.conversions) this.readConversion(id);
  }

  private readPicture(id: string): PictureEntry | undefined {
    const { document, limits } = this;
    const found = reading.original(id, document.pictures.get(id));
    if (!found || (!this.pictures.has(id) && this.pictures.size >= limits.entries)) {
      this.pictures.delete(id);
      return undefined;
    }
    const entry = {
      id,
      ...found,
      ...reading.seen(document.seen.get(id)),
      caption: reading.cut(document.caption(id), limits.caption),
      rating: reading.rating(document.ratings.get(id)),
      recipe: Object.freeze(Object.fromEntries([...(this.recipes.get(id) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)))),
    };
    this.pictures.set(id, entry);
    return entry;
  }

  private readOption(key: string): string {
    const [picture = "", name = ""] = parts(key) ?? [];
    const value = reading.NAME.test(name) && reading.PICTURE_ID.test(picture) ? reading.optionValue(this.document.recipes.get(key)) : undefined;
    if (value === undefined) this.recipes.get(picture)?.delete(name);
    else entryOf(this.recipes, picture, () => new Map<string, unknown>()).set(name, value);
    return picture;
  }

  private readMember(key: string): string {
    const [collection = "", picture = ""] = parts(key) ?? [];
    const value = this.document.members.get(key);
    const isMember = reading.RANDOM_ID.test(collection) && reading.PICTURE_ID.test(picture) && typeof value === "number" && Number.isFinite(value);
    if (isMember) entryOf(this.members, collection, () => new Map<string, number>()).set(picture, value);
    else this.members.get(collection)?.delete(picture);
    return collection;
  }

  private readCollection(id: string): void {
    const found = reading.titled(id, this.document.collections.get(id), this.limits);
    if (!found || (!this.collections.has(id) && this.collections.size >= this.limits.entries)) {
      this.collections.delete(id);
      return;
    }
    const members = [...(this.members.get(id) ?? [])].filter(([picture]) => this.pictures.has(picture));
    members.sort(([a, first], [b, second]) => first - second || (a < b ? -1 : 1));
    this.collections.set(id, { id, ...found, pictures: members.map(([picture]) => picture) });
  }

  private readConversion(id: string): void {
    const found = reading.asked(id, this.document.conversions.get(id));
    if (found) entryOf(this.byPicture, found.picture, () => new Set<string>()).add(id);
    const job = reading.jobId(this.document.stages.get(below(id, "job")));
    if (job !== undefined) this.jobs.set(job, id);
    if (!found || !this.pictures.has(found.picture) || (!this.conversions.has(id) && this.conversions.size >= this.limits.entries)) {
      this.conversions.delete(id);
      return;
    }
    const { picture, fn, options, at, by } = found;
    this.conversions.set(id, { id, picture, fn, options, at, by, ...this.stage(id) });
  }

  /** How far a conversion is. Clients may disagree for as long as they do not hear of each other; what has a result, is done. */
  private stage(id: string): Pick<Conversion, "state" | "result" | "place" | "milliseconds" | "problem"> {
    const { stages } = this.document;
    const done: unknown = stages.get(below(id, "done"));
    if (done !== undefined) return { state: "done", ...reading.outcome(done) };
    const failed: unknown = stages.get(below(id, "failed"));
    if (failed !== undefined) return { state: "failed", problem: reading.problem(failed) };
    if (stages.has(below(id, "cancelled"))) return { state: "cancelled" };
    return { state: stages.has(below(id, "running")) ? "running" : "asked" };
  }

  private sort(): void {
    this.pictures = new Map([...this.pictures.values()].sort(order).map((entry) => [entry.id, entry]));
  }

  private tell(isAll = true): void {
    const { undo } = this.document;
    const can = { canUndo: undo.canUndo(), canRedo: undo.canRedo() };
    if (!isAll) {
      const { value } = this.state;
      if (value.canUndo !== can.canUndo || value.canRedo !== can.canRedo) this.state.set({ ...value, ...can });
      return;
    }
    const collections = [...this.collections.values()].sort((a, b) => a.made - b.made || (a.id < b.id ? -1 : 1));
    this.state.set({ pictures: this.pictures, collections: collections.map(({ id, title, pictures }) => ({ id, title, pictures })), conversions: this.conversions, ...can });
  }
}

function order(a: PictureEntry, b: PictureEntry): number {
  return a.added - b.added || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let found = map.get(key);
  if (found === undefined) map.set(key, (found = make()));
  return found;
}

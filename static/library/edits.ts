/** Changes of a library's document. */
import { splices } from "./diff";
import { below, type LibraryDocument, parts } from "./document";
import { LibraryError } from "./errors";
import { newId } from "./link";
import * as reading from "./reading";
import type { ConversionProblem, Limits, Where } from "./types";

export function addPicture(document: LibraryDocument, picture: reading.Original, collection?: string): string {
  const id = reading.pictureId(picture.sha256);
  document.pictures.set(id, { ...picture });
  if (collection !== undefined) put(document, [id], collection);
  return id;
}

export function describe(document: LibraryDocument, id: string, facts: Readonly<Record<string, unknown>>): void {
  check(document, id);
  const known = reading.seen(document.seen.get(id));
  const told = { ...known, ...reading.seen(facts) };
  if (!isSame(known, told)) document.seen.set(id, told);
}

/** Changes of both sides of a text merge, so no more of it is replaced than differs. */
export function caption(document: LibraryDocument, id: string, text: string, limits: Limits): void {
  check(document, id);
  const wanted = reading.cut(text, limits.caption);
  const found = document.captionText(id);
  const old = found.toJSON();
  // Whoever put something into it that is no text has moved all places.
  if (old.length !== found.length) {
    found.delete(0, found.length);
    found.insert(0, wanted);
    return;
  }
  for (const { at, removed, inserted } of splices(old, wanted)) {
    if (removed > 0) found.delete(at, removed);
    if (inserted !== "") found.insert(at, inserted);
  }
}

export function rate(document: LibraryDocument, id: string, stars: number): void {
  check(document, id);
  if (!Number.isInteger(stars) || stars < 0 || stars > 5) throw new LibraryError("bad_value", "A rating is a whole number from 0 to 5.");
  if (reading.rating(document.ratings.get(id)) !== stars) document.ratings.set(id, stars);
}

export function recipe(document: LibraryDocument, id: string, change: Readonly<Record<string, unknown>>): void {
  check(document, id);
  const entries = Object.entries(change);
  for (const [name, value] of entries) {
    if (!reading.NAME.test(name)) throw new LibraryError("bad_value", `${JSON.stringify(name.slice(0, 80))} is no name of an option.`);
    if (value !== undefined && reading.optionValue(value) === undefined) throw new LibraryError("bad_value", `The value of ${name} is no JSON, or too much of it.`);
  }
  for (const [name, value] of entries) {
    const key = below(id, name);
    if (value === undefined) document.recipes.delete(key);
    else if (!isSame(document.recipes.get(key), value)) document.recipes.set(key, structuredClone(value));
  }
}

/** Removes pictures, and all that is about them. */
export function remove(document: LibraryDocument, ids: ReadonlySet<string>): void {
  for (const id of ids) {
    document.pictures.delete(id);
    document.seen.delete(id);
    document.ratings.delete(id);
    if (document.caption(id) !== "") document.captionText(id).delete(0, document.captionText(id).length);
  }
  for (const key of document.recipes.keys()) if (ids.has(parts(key)?.[0] ?? "")) document.recipes.delete(key);
  for (const key of document.members.keys()) if (ids.has(parts(key)?.[1] ?? "")) document.members.delete(key);
  const conversions = new Set<string>();
  for (const [id, value] of document.conversions.entries()) if (ids.has(reading.asked(id, value)?.picture ?? "")) conversions.add(id);
  for (const id of conversions) document.conversions.delete(id);
  if (conversions.size > 0) for (const key of document.stages.keys()) if (conversions.has(parts(key)?.[0] ?? "")) document.stages.delete(key);
}

export function makeCollection(document: LibraryDocument, title: string, limits: Limits): string {
  const id = newId();
  document.collections.set(id, { title: reading.line(title, limits.title), made: Date.now() });
  return id;
}

export function renameCollection(document: LibraryDocument, id: string, title: string, limits: Limits): void {
  const found = collection(document, id, limits);
  document.collections.set(id, { title: reading.line(title, limits.title), made: found.made });
}

export function removeCollection(document: LibraryDocument, id: string, limits: Limits): void {
  collection(document, id, limits);
  document.collections.delete(id);
  for (const key of document.members.keys()) if (parts(key)?.[0] === id) document.members.delete(key);
}

/** Puts pictures at the end of a collection; those that are there stay where they are. */
export function put(document: LibraryDocument, ids: readonly string[], into: string): void {
  if (!document.collections.has(into)) throw new LibraryError("not_found", "There is no such collection.");
  for (const id of ids) check(document, id);
  const now = Date.now();
  for (const [number, id] of ids.entries()) {
    const key = below(into, id);
    // Fractions of a millisecond keep the order of those that come together.
    if (!document.members.has(key)) document.members.set(key, now + number / 4096);
  }
}

export function take(document: LibraryDocument, ids: readonly string[], outOf: string): void {
  if (!document.collections.has(outOf)) throw new LibraryError("not_found", "There is no such collection.");
  for (const id of ids) document.members.delete(below(outOf, id));
}

export function ask(document: LibraryDocument, picture: string, fn: string, options: Readonly<Record<string, unknown>>, at: Where, by: string): { id: string; sha256: string } {
  const { sha256 } = check(document, picture);
  if (!reading.NAME.test(fn)) throw new LibraryError("bad_value", `${JSON.stringify(fn.slice(0, 80))} is no name of a function.`);
  if (Object.keys(reading.options(options)).length !== Object.keys(options).length) throw new LibraryError("bad_value", "The options are no JSON, or too much of it.");
  const id = newId();
  document.conversions.set(id, { picture, sha256, fn, options: structuredClone(options), at, by });
  return { id, sha256 };
}

/** How a conversion ends, or that it has a job, or runs. The first that is said of each is what counts. */
export function stage(document: LibraryDocument, conversion: string, name: "job" | "running" | "done" | "failed" | "cancelled", value: unknown): void {
  const key = below(conversion, name);
  if (document.conversions.has(conversion) && !document.stages.has(key)) document.stages.set(key, value);
}

/** Whether a conversion has come to an end, as far as is known here. */
export function isOver(document: LibraryDocument, conversion: string): boolean {
  return (["done", "failed", "cancelled"] as const).some((name) => document.stages.has(below(conversion, name)));
}

/** A failure, short enough to be kept. */
export function failure({ code, title, detail }: ConversionProblem): ConversionProblem {
  return reading.problem({ code, title, ...(detail !== undefined && { detail }) });
}

function check(document: LibraryDocument, id: string): reading.Original {
  const found = reading.original(id, document.pictures.get(id));
  if (!found) throw new LibraryError("not_found", "There is no such picture.");
  return found;
}

function collection(document: LibraryDocument, id: string, limits: Limits): reading.Titled {
  const found = reading.titled(id, document.collections.get(id), limits);
  if (!found) throw new LibraryError("not_found", "There is no such collection.");
  return found;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

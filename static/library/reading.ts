/**
 * Reads what is in the document. Whoever has the key can write anything there, so nothing is taken for what it should be: what is malformed
 * is left out or made harmless, and nothing here throws.
 */
import type { Conversion, ConversionProblem, Limits, PictureEntry, Where } from "./types";

type Fields = Readonly<Record<string, unknown>>;

export const PICTURE_ID = /^[0-9a-f]{32}$/;
export const SHA256 = /^[0-9a-f]{64}$/;
export const RANDOM_ID = /^[A-Za-z0-9_-]{22}$/;
/** Names of functions and options, as interfaces of modules may have them. */
export const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const TYPE = /^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,60}$/;
const CODE = /^[a-z][a-z0-9_]{0,63}$/;
// eslint-disable-next-line no-control-regex -- those are what is meant: controls, and marks that turn the direction of text
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const MOST_TIME = 8.64e15;
const MOST_SIDE = 1 << 30;
const MOST_VALUE = 4096;
const MOST_DEPTH = 8;
const MOST_OPTIONS = 200;
const MOST_NAME = 255;

export const UNKNOWN_TYPE = "application/octet-stream";

/** The id of a picture: the same bytes are the same picture, whoever adds them, and whether or not they know of each other. */
export function pictureId(sha256: string): string {
  return sha256.slice(0, 32);
}

/** A media type that is safe to give a file: one that a browser would run as a page is none. */
export function mediaType(value: unknown): string {
  const text = typeof value === "string" ? (value.split(";")[0] ?? "").trim().toLowerCase() : "";
  return TYPE.test(text) && !/html|xml|script|pdf/.test(text) ? text : UNKNOWN_TYPE;
}

/** Text on one line, without controls. */
export function line(value: unknown, most: number): string {
  return typeof value === "string" ? cut(value.replace(CONTROLS, " "), most).trim() : "";
}

/** At most so many UTF-16 units, and no half of a character. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}

export function rating(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 5 ? value : 0;
}

export interface Original {
  readonly sha256: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly added: number;
}

/** An entry of `pictures`. */
export function original(id: string, value: unknown): Original | undefined {
  if (!isFields(value) || !PICTURE_ID.test(id)) return undefined;
  const { sha256, bytes } = value;
  if (typeof sha256 !== "string" || !SHA256.test(sha256) || pictureId(sha256) !== id || !isCount(bytes, Number.MAX_SAFE_INTEGER)) return undefined;
  const added = typeof value.added === "number" && value.added >= 0 && value.added <= MOST_TIME ? value.added : 0;
  return { sha256, name: line(value.name, MOST_NAME) || "?", type: mediaType(value.type), bytes, added };
}

/** An entry of `seen`. */
export function seen(value: unknown): Pick<PictureEntry, "width" | "height" | "format"> {
  if (!isFields(value)) return {};
  const { width, height } = value;
  const format = line(value.format, 64);
  return { ...(isCount(width, MOST_SIDE) && { width }), ...(isCount(height, MOST_SIDE) && { height }), ...(format && { format }) };
}

export interface Titled {
  readonly title: string;
  readonly made: number;
}

/** An entry of `collections`. */
export function titled(id: string, value: unknown, limits: Limits): Titled | undefined {
  if (!isFields(value) || !RANDOM_ID.test(id)) return undefined;
  return { title: line(value.title, limits.title) || "?", made: typeof value.made === "number" && Number.isFinite(value.made) ? value.made : 0 };
}

/** A value of an option: JSON, neither deep nor long; else nothing. */
export function optionValue(value: unknown): unknown {
  if (!isJson(value, MOST_DEPTH)) return undefined;
  return JSON.stringify(value).length <= MOST_VALUE ? value : undefined;
}

/** Options of a function by name. */
export function options(value: unknown): Record<string, unknown> {
  if (!isFields(value)) return {};
  const found = Object.entries(value)
    .slice(0, MOST_OPTIONS)
    .filter(([name, each]) => NAME.test(name) && optionValue(each) !== undefined);
  return Object.fromEntries(found);
}

export type Asked = Pick<Conversion, "id" | "picture" | "fn" | "options" | "at" | "by"> & { readonly sha256: string };

/** An entry of `conversions`. */
export function asked(id: string, value: unknown): Asked | undefined {
  if (!isFields(value) || !RANDOM_ID.test(id)) return undefined;
  const { picture, sha256, fn, at, by } = value;
  if (typeof picture !== "string" || !PICTURE_ID.test(picture) || typeof sha256 !== "string" || !SHA256.test(sha256)) return undefined;
  if (typeof fn !== "string" || !NAME.test(fn) || !isWhere(at) || typeof by !== "string" || !RANDOM_ID.test(by)) return undefined;
  return { id, picture, sha256, fn, options: options(value.options), at, by };
}

type Result = NonNullable<Conversion["result"]>;

/** The entry `done` of a conversion. */
export function outcome(value: unknown): Pick<Conversion, "result" | "place" | "milliseconds"> {
  if (!isFields(value)) return {};
  const { milliseconds } = value;
  const found = result(value.result);
  const place = line(value.place, 64);
  return {
    ...(found && { result: found }),
    ...(place && { place }),
    ...(typeof milliseconds === "number" && milliseconds >= 0 && milliseconds <= MOST_TIME && { milliseconds }),
  };
}

function result(value: unknown): Result | undefined {
  if (!isFields(value) || typeof value.sha256 !== "string" || !SHA256.test(value.sha256)) return undefined;
  return isCount(value.bytes, Number.MAX_SAFE_INTEGER) ? { sha256: value.sha256, type: mediaType(value.type), bytes: value.bytes } : undefined;
}

/** The entry `failed` of a conversion. */
export function problem(value: unknown): ConversionProblem {
  const fields = isFields(value) ? value : {};
  const detail = line(fields.detail, 2000);
  const code = typeof fields.code === "string" && CODE.test(fields.code) ? fields.code : "unknown";
  return { code, title: line(fields.title, 200) || "It failed", ...(detail && { detail }) };
}

/** The id of a job, which comes into addresses. */
export function jobId(value: unknown): string | undefined {
  return typeof value === "string" && RANDOM_ID.test(value) ? value : undefined;
}

export function isFields(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isWhere(value: unknown): value is Where {
  return value === "here" || value === "service";
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((each) => isJson(each, depth - 1));
  return isFields(value) && Object.values(value).every((each) => isJson(each, depth - 1));
}

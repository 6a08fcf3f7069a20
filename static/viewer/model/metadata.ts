import type { InspectResult } from "../../client/index";
import { isRecord } from "../../client/interface";
import { durationOf } from "./facts";
import type { Field } from "./fields";
import { bytes } from "./format";

/** A part of what a file says: lines, or a table. */
export interface Section {
  title: string;
  fields?: readonly Field[];
  table?: { head: readonly string[]; rows: readonly (readonly string[])[]; more: number };
  /** Something to know of all of it. */
  note?: string;
}

/** Metadata taken apart. */
export interface Contents {
  exif: readonly Field[] | undefined;
  xmp: readonly Field[] | undefined;
  icc: readonly Field[] | undefined;
  /** Why some of it could not be read. */
  note: string;
}

/** Most rows of a table; copied as JSON it is whole. */
const ROWS = 200;

/** All that a file says, part by part. */
export function sections(found: InspectResult, contents: Contents | undefined): Section[] {
  const all: (Section | undefined)[] = [
    { title: "Colour encoding", fields: colourFields(found) },
    list("Exif", contents?.exif),
    list("XMP", contents?.xmp),
    list("ICC profile", contents?.icc),
    { title: "JPEG", fields: jpegFields(found) },
    framesSection(found),
    codestreamSection(found),
    boxesSection(found),
  ];
  return all.filter((each) => each !== undefined);
}

function list(title: string, fields: readonly Field[] | undefined): Section | undefined {
  return fields ? { title, fields } : undefined;
}

function colourFields(found: InspectResult): Field[] {
  const known = { ...found.colour, bits_per_sample: found.bits_per_sample, exponent_bits: found.exponent_bits, channels: found.colour_channels, xyb: found.xyb, intensity_target: found.intensity_target };
  return flat("", { ...known, tone_mapping: found.tone_mapping });
}

function jpegFields(found: InspectResult): Field[] {
  const restored = found.format === "jpeg" ? "this is a JPEG file" : found.jpeg_reconstruction === true ? "yes, bit for bit" : "no";
  return [{ name: "JPEG can be restored", value: restored }, ...flat("", found.jpeg ?? {})];
}

function framesSection({ frames }: InspectResult): Section {
  const rows = frames.map((each, index) => [String(index + 1), `${durationOf(each)} s`, text(each.name)]);
  return { title: "Frames", table: table(["No.", "Duration", "Name"], rows) };
}

function codestreamSection({ codestream_frames: headers }: InspectResult): Section | undefined {
  if (!headers) return undefined;
  const rows = headers.map((each, index) => [
    String(index + 1),
    text(each.type),
    each.displayed === true ? "yes" : "no",
    text(each.encoding),
    `${text(each.width)} × ${text(each.height)}`,
    `${text(each.x)}, ${text(each.y)}`,
    isRecord(each.blending) ? text(each.blending.mode) : "",
    typeof each.bytes === "number" ? bytes(each.bytes) : "",
    Array.isArray(each.flags) ? each.flags.map(text).join(", ") : "",
    text(each.name),
  ]);
  const head = ["No.", "Type", "Shown", "Encoding", "Size", "Place", "Blending", "Bytes", "Flags", "Name"];
  return { title: "Codestream frames", table: table(head, rows) };
}

function boxesSection({ boxes, more_boxes: more }: InspectResult): Section {
  const rows = boxes.map((each) => [
    text(each.type),
    text(each.offset),
    text(each.bytes),
    each.complete === false ? "cut off" : each.compressed === true ? "compressed" : "",
    [text(each.contents), each.count === undefined ? "" : `${text(each.count)} ×`].filter((part) => part !== "").join(" "),
  ]);
  return { title: "Boxes", table: table(["Type", "Offset", "Bytes", "State", "Holds"], rows, more ?? 0) };
}

function table(head: readonly string[], rows: readonly (readonly string[])[], more = 0): NonNullable<Section["table"]> {
  return { head, rows: rows.slice(0, ROWS), more: more + Math.max(0, rows.length - ROWS) };
}

/** A record as lines; members of members have their path before them. */
function flat(path: string, record: Record<string, unknown>): Field[] {
  return Object.entries(record).flatMap(([key, value]): Field[] => {
    const name = `${path}${key.replaceAll("_", " ")}`;
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return [{ name, value: value.map((each) => (isRecord(each) ? JSON.stringify(each) : String(each))).join(", ") }];
    return isRecord(value) ? flat(`${name}, `, value) : [{ name, value: text(value) }];
  });
}

function text(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

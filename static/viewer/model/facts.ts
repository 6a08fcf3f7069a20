import type { InspectResult } from "../../client/index";
import { isRecord } from "../../client/interface";
import { bytes } from "./format";

/** One line of the facts: `field` names the result field whose description explains it. */
export interface Fact {
  label: string;
  value: string;
  field: string;
}

const ORIENTATIONS = [
  "", "upright", "mirrored", "turned by 180°", "mirrored and turned by 180°",
  "mirrored and turned by 90°", "turned by 90°", "mirrored and turned by 270°", "turned by 270°",
];

/** What a file is, as lines to read. */
export function facts(file: { name: string; size: number }, found: InspectResult, formatTitle: string): Fact[] {
  const lines: (Fact | undefined)[] = [
    fact("Format", `${formatTitle}${found.container === true ? ", in a container" : ""}`, "format"),
    fact("Size", `${count(found.width)} × ${count(found.height)} pixels`, "width"),
    fact("File", `${bytes(file.size)}, ${bitsPerPixel(file.size, found)} bits per pixel`, "bytes"),
    fact("Compression", compression(found), "xyb"),
    fact("Depth", depth(found), "bits_per_sample"),
    fact("Colour", colour(found), "colour"),
    iccSize(found.colour) > 0 ? fact("ICC profile", bytes(iccSize(found.colour)), "colour") : undefined,
    fact("Frames", frames(found), "frames"),
    fact("Extra channels", list(found.extra_channels.map(channel)), "extra_channels"),
    found.orientation === 1
      ? undefined
      : fact("Orientation", `${found.orientation}: ${ORIENTATIONS[found.orientation] ?? "unknown"}`, "orientation"),
    found.intensity_target ? fact("Brightest", `${count(found.intensity_target)} cd/m²`, "intensity_target") : undefined,
    isRecord(found.preview)
      ? fact("Preview", `${text(found.preview.width)} × ${text(found.preview.height)} pixels`, "preview")
      : undefined,
    found.boxes.length > 0 ? fact("Boxes", list(found.boxes.map(box)), "boxes") : undefined,
  ];
  return lines.filter((line) => line !== undefined);
}

function fact(label: string, value: string, field: string): Fact {
  return { label, value, field };
}

export function bitsPerPixel(size: number, found: Pick<InspectResult, "width" | "height" | "frames">): string {
  return ((size * 8) / (found.width * found.height * Math.max(1, found.frames.length))).toPrecision(3);
}

export function compression(found: Pick<InspectResult, "format" | "xyb" | "jpeg_reconstruction">): string {
  if (found.format === "jpeg") return "lossy (JPEG)";
  if (found.format !== "jxl") return "lossless";
  if (found.jpeg_reconstruction === true) return "recompressed JPEG; the original file can be restored exactly";
  return found.xyb === true ? "lossy (XYB)" : "lossless, or lossy in the original colour space";
}

function depth(found: InspectResult): string {
  const kind = found.exponent_bits > 0 ? ` floating point (${found.exponent_bits} exponent bits)` : "";
  return `${found.bits_per_sample} bits per sample${kind}`;
}

function colour(found: InspectResult): string {
  const { primaries, transfer_function: transfer, white_point: white } = found.colour;
  if (primaries === "srgb" && transfer === "srgb" && white === "d65") return "sRGB";
  const names = Object.entries(found.colour).map(([name, value]) => {
    if (name === "icc_bytes" || name === "rendering_intent") return "";
    return name === "space" ? proper(text(value)) : `${name.replaceAll("_", " ")} ${proper(text(value))}`;
  });
  const channels = found.colour_channels === 1 ? "1 channel" : `${found.colour_channels} channels`;
  return list([channels, ...names.filter((name) => name !== "")]);
}

/** A colorimetric name as it is usually written. */
function proper(name: string): string {
  const known: Record<string, string> = {
    srgb: "sRGB", rgb: "RGB", grey: "grey", gray: "grey", bt709: "BT.709", bt2100: "BT.2100", p3: "P3", d65: "D65", dci: "DCI",
    e: "E", pq: "PQ", hlg: "HLG", icc: "by its ICC profile", xyb: "XYB",
  };
  return known[name.toLowerCase()] ?? name.replaceAll("_", " ");
}

function iccSize(description: Record<string, unknown>): number {
  const entry = Object.entries(description).find(([name, value]) => name.startsWith("icc") && typeof value === "number");
  return Number(entry?.[1] ?? 0);
}

function frames(found: InspectResult): string {
  if (!isRecord(found.animation)) return found.frames.length > 1 ? count(found.frames.length) : "1, still";
  const seconds = found.frames.reduce((sum, frame) => sum + durationOf(frame), 0);
  const loops = loopsOf(found.animation);
  return `${count(found.frames.length)}, ${seconds.toFixed(2)} s, ${loops === 0 ? "for ever" : `${loops} ×`}`;
}

function channel(value: Record<string, unknown>): string {
  const flags = value.premultiplied === true ? " premultiplied" : "";
  const bits = value.bits_per_sample ?? value.bits;
  return `${text(value.type)}${value.name ? ` “${text(value.name)}”` : ""}${bits === undefined ? "" : `, ${text(bits)} bits`}${flags}`;
}

function box(value: Record<string, unknown>): string {
  const size = typeof value.bytes === "number" ? value.bytes : value.size;
  return `${text(value.type).trim()}${typeof size === "number" ? ` ${bytes(size)}` : ""}`;
}

/** Duration of a frame in seconds. */
export function durationOf(frame: Record<string, unknown>): number {
  return typeof frame.duration === "number" ? frame.duration : 0;
}

/** How often an animation plays; 0 is for ever. */
export function loopsOf(animation: unknown): number {
  return isRecord(animation) && typeof animation.loops === "number" ? animation.loops : 0;
}

function list(values: readonly string[]): string {
  return values.length > 0 ? values.join("; ") : "none";
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 }).replaceAll(",", "\u202f");
}

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

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** What the parts are called that a file of a format is made of. */
const PARTS: Record<string, string> = { png: "Chunks", apng: "Chunks", jpeg: "Segments", gif: "Blocks", pnm: "Parts", pfm: "Parts" };

/** What a file is, as lines to read. */
export function facts(file: { name: string; size: number }, found: InspectResult, formatTitle: string): Fact[] {
  const lines: (Fact | undefined)[] = [
    fact("Format", `${formatTitle}${found.container === true ? ", in a container" : ""}`, "format"),
    fact("Size", `${count(found.width)} × ${count(found.height)} pixels`, "width"),
    // What is still arriving has no size yet.
    file.size > 0 ? fact("File", `${bytes(file.size)}, ${bitsPerPixel(file.size, found)} bits per pixel`, "bytes") : undefined,
    fact("Compression", compression(found), "xyb"),
    fact("Depth", depth(found), "bits_per_sample"),
    fact("Colour", colourName(found), "colour"),
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
    metadata(found) === "" ? undefined : fact("Metadata", metadata(found), "metadata"),
    coding(found) === "" ? undefined : fact("Coding", coding(found), "codestream_frames"),
    found.boxes.length > 0 ? fact(PARTS[found.format] ?? "Boxes", parts(found.boxes), "boxes") : undefined,
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

/** The colour space of a file's samples, as it is usually called. */
export function colourName(found: Pick<InspectResult, "colour" | "colour_channels">): string {
  const { primaries, transfer_function: transfer, white_point: white } = found.colour;
  if (primaries === "srgb" && transfer === "srgb" && white === "d65") return "sRGB";
  const names = Object.entries(found.colour).map(([name, value]) => {
    if (name === "icc_bytes" || name === "rendering_intent" || typeof value !== "string") return "";
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

/** Parts by type, in the order in which each is met first. */
function parts(boxes: readonly Record<string, unknown>[]): string {
  const kinds = new Map<string, { count: number; size: number }>();
  for (const value of boxes) {
    const inside = text(value.contents);
    const name = `${text(value.type).trim()}${inside === "" ? "" : ` (${inside})`}`;
    const kind = kinds.get(name) ?? { count: 0, size: 0 };
    kind.count += typeof value.count === "number" ? value.count : 1;
    kind.size += typeof value.bytes === "number" ? value.bytes : 0;
    kinds.set(name, kind);
  }
  return list([...kinds].map(([name, kind]) => `${kind.count > 1 ? `${count(kind.count)} × ` : ""}${name} ${bytes(kind.size)}`));
}

function metadata(found: InspectResult): string {
  const { exif, xmp, jumbf, gain_map: map } = isRecord(found.metadata) ? found.metadata : {};
  const said: string[] = [];
  if (isRecord(exif)) said.push(`Exif${sized(exif.bytes)}`);
  if (isRecord(xmp)) said.push(`XMP${sized(xmp.bytes)}`);
  if (typeof jumbf === "number" && jumbf > 0) said.push(`JUMBF${jumbf > 1 ? `, ${count(jumbf)} boxes` : ""}`);
  if (isRecord(map)) said.push(`gain map, ${text(map.width)} × ${text(map.height)} pixels`);
  return said.join("; ");
}

function sized(size: unknown): string {
  return typeof size === "number" ? `, ${bytes(size)}` : "";
}

/** What the frame headers of a JPEG XL codestream, or a JPEG file's, have in common. */
function coding(found: InspectResult): string {
  if (isRecord(found.jpeg)) {
    return [found.jpeg.process, found.jpeg.chroma_subsampling].map(text).filter((part) => part !== "").join("; ");
  }
  const headers = (found.codestream_frames ?? []).filter(isRecord);
  const shown = headers.filter((header) => header.displayed === true);
  const names: Record<string, string> = { vardct: "VarDCT", modular: "modular" };
  const said = [...new Set(shown.map((header) => names[text(header.encoding)] ?? text(header.encoding)))];
  const passes = Math.max(1, ...shown.map((header) => (isRecord(header.passes) ? Number(header.passes.count) : 1)));
  if (passes > 1) said.push(`${passes} passes`);
  const flags = headers.flatMap((header) => (Array.isArray(header.flags) ? header.flags.map(text) : []));
  said.push(...[...new Set(flags)].filter((flag) => flag !== "skip_dc_smoothing").map((flag) => flag.replaceAll("_", " ")));
  const hidden = headers.length - shown.length;
  if (hidden > 0) said.push(`${count(hidden)} ${hidden === 1 ? "frame" : "frames"} not shown`);
  return said.join("; ");
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
  return NUMBER.format(value).replaceAll(",", "\u202f");
}

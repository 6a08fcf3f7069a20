import type { CodecError, CompareResult, Place } from "../../client/index";
import { bytes, milliseconds } from "./format";
import { where } from "./places";
import type { Region } from "./region";

export type Scores = Pick<CompareResult, "identical" | "butteraugli" | "butteraugli_3norm" | "ssimulacra2" | "psnr">;

/** What became of the visible region with the options of the form. */
export interface Preview {
  readonly state: "off" | "working" | "done" | "failed";
  /** Where the pictures below lie in the whole one. */
  readonly region: Region | undefined;
  readonly before: ImageBitmap | undefined;
  readonly after: ImageBitmap | undefined;
  readonly difference: ImageBitmap | undefined;
  readonly outcome: Outcome | undefined;
  readonly scores: Scores | undefined;
  readonly error: CodecError | undefined;
}

export interface Outcome {
  /** Title of the format. */
  readonly title: string;
  /** Bytes of the region, or of the whole file. */
  readonly bytes: number;
  /** Bytes of the whole file, guessed from those of the region; undefined where `bytes` is the whole. */
  readonly estimate: number | undefined;
  /** Bytes of the opened file. */
  readonly source: number;
  /** How JPEG data was carried over; undefined where the region's pixels were encoded. */
  readonly carried: string | undefined;
  readonly distance: number | undefined;
  readonly place: Place;
  readonly milliseconds: number;
}

export const NO_PREVIEW: Preview = {
  state: "off", region: undefined, before: undefined, after: undefined, difference: undefined, outcome: undefined, scores: undefined, error: undefined,
};

/** What is laid over the picture. */
export const VIEWS = ["original", "split", "difference"] as const;
export type View = (typeof VIEWS)[number];

/** A whole file's bytes, from those of a region, in proportion to the pixels. */
export function estimate(regionBytes: number, region: Region, pixels: number): number {
  return Math.round((regionBytes * pixels) / (region.width * region.height));
}

/** A size against the opened file's: "−42 %". */
export function change(size: number, source: number): string {
  if (source === 0) return "";
  const part = Math.round((size / source - 1) * 100);
  return part === 0 ? "±0 %" : `${part > 0 ? "+" : "−"}${Math.abs(part)} %`;
}

/** One line of what the preview tells; `field` names the result field of compare whose description explains it. */
export interface Line {
  label: string;
  value: string;
  field?: string;
}

export function lines({ outcome, scores, region }: Preview, title: (field: string) => string): Line[] {
  if (!outcome) return [];
  const { bytes: size, estimate: whole, source, carried, distance, place, milliseconds: time } = outcome;
  const ran = { label: "Ran", value: `${where(place)}, ${milliseconds(time)}` };
  if (whole === undefined) return [{ label: "Whole file", value: `${bytes(size)} (${change(size, source)})` }, { label: "Loss", value: lossOf(carried) }, ran];
  const part = region ? `, ${region.width} × ${region.height} pixels` : "";
  return [
    { label: "This part", value: `${bytes(size)}${part}` },
    { label: "Whole file", value: `about ${bytes(whole)} (${change(whole, source)}), an estimate` },
    ...(distance === undefined ? [] : [{ label: title("distance"), value: String(Number(distance.toFixed(3))) }]),
    ...(scores ? scoreLines(scores, title) : []),
    ran,
  ];
}

function scoreLines(scores: Scores, title: (field: string) => string): Line[] {
  if (scores.identical) return [{ label: title("identical"), value: "yes: no sample differs", field: "identical" }];
  const line = (field: keyof Scores, digits: number): Line[] => {
    const value = scores[field];
    return typeof value === "number" ? [{ label: title(field), value: value.toFixed(digits), field }] : [];
  };
  return [...line("ssimulacra2", 1), ...line("butteraugli", 2), ...line("psnr", 1)];
}

function lossOf(carried: string | undefined): string {
  return carried === "exact" ? "none: the JPEG file is kept, bit for bit" : "none: the JPEG’s coefficients are kept";
}

/** The preview in one sentence, for those who listen. */
export function spoken(preview: Preview, title: (field: string) => string): string {
  const said = lines(preview, title).filter(({ label }) => label !== "Ran").map(({ label, value }) => `${label} ${value}`);
  return said.length > 0 ? `Preview: ${said.join("; ")}` : "";
}

/** What is to be said of what lies over the picture. */
export function caption(preview: Preview, view: View, title: (field: string) => string): string {
  const { outcome, scores } = preview;
  if (!outcome || view === "original") return "";
  const told = scores && !scores.identical ? scoreLines(scores, title).map(({ label, value }) => `${label} ${value}`) : [];
  return [view === "difference" ? "Difference" : `${outcome.title}, ${bytes(outcome.bytes)}`, ...told.slice(0, view === "difference" ? 2 : 1)].join(", ");
}

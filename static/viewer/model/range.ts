import type { InspectResult, Provenance } from "../../client/index";
import { isRecord } from "../../client/interface";

/** Luminance of an ordinary picture's white in cd/m², above which a picture counts as HDR. */
const ORDINARY = 255;
/** Luminance of diffuse white in cd/m² (Report ITU-R BT.2408): what the screen's own white stands for. */
export const DIFFUSE_WHITE = 203;

/** The brightness that a file asks for, where that is more than an ordinary screen's. */
export interface HighRange {
  /** cd/m² of the brightest sample. */
  peak: number;
  /** Whether it is coded for HDR screens (PQ or HLG), and so is tone-mapped for others. */
  isMapped: boolean;
}

/** How the picture gets onto the screen, where its range is high. */
export type Shown =
  | { how: "hdr" }
  /** `why`: what HDR is missing. */
  | { how: "mapped"; why: string; to: number };

export function highRange(facts: Pick<InspectResult, "colour" | "intensity_target">): HighRange | undefined {
  const transfer = isRecord(facts.colour) ? facts.colour.transfer_function : undefined;
  const isMapped = transfer === "pq" || transfer === "hlg";
  const peak = facts.intensity_target ?? 0;
  return isMapped || peak > ORDINARY ? { peak, isMapped } : undefined;
}

/** What is said of the picture's range: a few words, and a sentence. */
export function rangeLabel({ peak, isMapped }: HighRange, shown: Shown, provenance: Provenance | undefined): { text: string; title: string } {
  if (shown.how === "hdr") {
    return {
      text: `HDR, up to ${round(peak)} cd/m²`,
      title: `Shown on an HDR screen: ${DIFFUSE_WHITE} cd/m² in the file is as bright as the page’s white, brighter samples are brighter. The browser maps what the screen cannot reach.`,
    };
  }
  const isNative = provenance?.place === "native";
  const how = isMapped || isNative ? "Tone-mapped" : "White set";
  const by = isNative
    ? "The browser’s own decoder mapped it."
    : isMapped
      ? `The module mapped it from ${round(peak)} to ${shown.to} cd/m² (Report ITU-R BT.2408).`
      : `${round(peak)} cd/m² are shown as the page’s white.`;
  return { text: isNative ? `${how} by the browser` : `${how}, ${round(peak)} → ${shown.to} cd/m²`, title: `${by} ${shown.why}` };
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

import type { DecodeArguments, DecodeResult, InspectResult } from "../../client/index";
import { isRecord } from "../../client/interface";

/** What of a picture is shown. */
export interface Aspect {
  /** All of it, its colours without alpha, or one extra channel alone, by its number. */
  shows: "picture" | "opaque" | number;
  /** Whether spot colours are painted. */
  hasSpots: boolean;
  /** Numbers of the layers that are left out. */
  hidden: ReadonlySet<number>;
}

export const ALL: Aspect = { shows: "picture", hasSpots: true, hidden: new Set() };

/** An extra channel as the file describes it. */
export interface ExtraChannel {
  type: string;
  name: string;
  depth: string;
}

/** A layer as the file stores it. */
export interface Layer {
  name: string;
  /** Size, place and how it is laid onto those before it. */
  told: string;
}

/** What can be switched on and off in a file. */
export interface Parts {
  channels: readonly ExtraChannel[];
  layers: readonly Layer[];
}

export function partsOf(found: Pick<InspectResult, "extra_channels" | "codestream_frames" | "frames">): Parts {
  return { channels: found.extra_channels.map(channelOf), layers: layersOf(found) };
}

export function isAll({ shows, hasSpots, hidden }: Aspect): boolean {
  return shows === "picture" && hasSpots && hidden.size === 0;
}

/** What is shown, in words. */
export function aspectName({ shows, hasSpots, hidden }: Aspect, { channels, layers }: Parts): string {
  const channel = typeof shows === "number" ? channels[shows] : undefined;
  if (channel) return `${channel.name === "" ? channel.type.replaceAll("_", " ") : `“${channel.name}”`} alone`;
  const without = [
    shows === "opaque" ? "alpha" : "",
    hasSpots ? "" : "spot colours",
    ...layers.filter((_, index) => hidden.has(index)).map(({ name }) => name),
  ].filter((each) => each !== "");
  return without.length === 0 ? "everything" : `without ${without.join(", ")}`;
}

/** Options of the call that decodes an aspect, beside those of the picture. */
export function aspectOptions({ shows, hasSpots, hidden }: Aspect, channels: readonly ExtraChannel[]): DecodeArguments {
  const spot = hasSpots ? "render" : "keep";
  if (typeof shows === "number") return { extra: [channels[shows]?.type ?? ""], spot };
  return hidden.size > 0 ? { coalesce: false, frames: "all", spot } : { spot };
}

/** Index among a result's extra buffers of a channel, for each frame. */
export function buffersOf(decoded: Pick<DecodeResult, "extra_channels">, channel: number): number[] {
  return decoded.extra_channels.flatMap((each, index) => (each.channel === channel ? [index] : []));
}

function channelOf(each: Record<string, unknown>): ExtraChannel {
  const bits = Number(each.bits_per_sample);
  const isFloat = Number(each.exponent_bits) > 0;
  const name = typeof each.name === "string" ? each.name : "";
  return { type: String(each.type), name, depth: bits > 0 ? `${bits} bits${isFloat ? ", floating point" : ""}` : "" };
}

/** Frames that are merged into one picture; those of an animation are its frames, not layers. */
function layersOf({ codestream_frames: headers, frames }: Pick<InspectResult, "codestream_frames" | "frames">): Layer[] {
  const stored = (headers ?? []).filter((each) => isRecord(each) && (each.type === "regular" || each.type === "skip_progressive"));
  if (frames.length > 1 || stored.length < 2) return [];
  return stored.map((each, index) => {
    const { name, width, height, x, y, blending } = each;
    const mode = isRecord(blending) && typeof blending.mode === "string" ? blending.mode : "";
    const title = typeof name === "string" && name !== "" ? name : `Layer ${index + 1}`;
    return { name: title, told: `${Number(width)} × ${Number(height)} at ${Number(x)}, ${Number(y)}${mode === "" ? "" : `; ${mode}`}` };
  });
}

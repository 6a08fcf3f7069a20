import type { DecodeResult, Samples } from "../../client/index";
import type { Point } from "./viewport";

/** Samples of one channel, as the file has them. */
export interface Channel {
  name: string;
  /** The largest integer that the file's depth can have; undefined for floats. */
  maximum: number | undefined;
}

/** A part of one frame in the file's own depth and colours. */
export interface Block {
  x: number;
  y: number;
  width: number;
  height: number;
  channels: Channel[];
  /** The colour channels, interleaved. */
  samples: Samples;
  /** How many channels are interleaved. */
  interleaved: number;
  /** The other channels, one after the other. */
  extra: Samples[];
  bytes: number;
}

export interface Value {
  name: string;
  value: number;
  maximum: number | undefined;
}

const COLOURS: Record<number, string[]> = { 1: ["grey"], 2: ["grey", "alpha"], 3: ["red", "green", "blue"], 4: ["red", "green", "blue", "alpha"] };

/** What a call for one frame gave, whose upper left pixel is at `x`, `y`. */
export function blockOf(decoded: Omit<DecodeResult, "provenance" | "icc">, { x, y }: Point, alphaBits: number | undefined): Block {
  const { width, height, channels: interleaved, type } = decoded;
  const [samples] = decoded.samples;
  if (!samples) throw new Error("the call gave no frame");
  const bits = decoded.bits_per_sample ?? 8;
  const names = COLOURS[interleaved] ?? [];
  const channels = names.map((name) => ({ name, maximum: maximumOf(type, name === "alpha" ? (alphaBits ?? bits) : bits) }));
  const others = decoded.extra_channels.map((each): Channel => {
    const title = typeof each.name === "string" && each.name !== "" ? `${String(each.type)} “${each.name}”` : String(each.type);
    return { name: title, maximum: maximumOf(String(each.sample_type), Number(each.bits_per_sample)) };
  });
  const bytes = [samples, ...decoded.extra].reduce((sum, each) => sum + each.byteLength, 0);
  return { x, y, width, height, channels: [...channels, ...others], samples, interleaved, extra: decoded.extra, bytes };
}

/** The file's values at a pixel of the picture, or undefined where the block does not reach. */
export function valuesAt(block: Block, { x, y }: Point): Value[] | undefined {
  const [column, row] = [Math.floor(x) - block.x, Math.floor(y) - block.y];
  if (column < 0 || row < 0 || column >= block.width || row >= block.height) return undefined;
  const pixel = row * block.width + column;
  return block.channels.map(({ name, maximum }, index) => {
    const isColour = index < block.interleaved;
    const samples = isColour ? block.samples : block.extra[index - block.interleaved];
    return { name, value: samples?.[isColour ? pixel * block.interleaved + index : pixel] ?? 0, maximum };
  });
}

function maximumOf(type: string, bits: number): number | undefined {
  return type === "u8" || type === "u16" ? 2 ** bits - 1 : undefined;
}

import type { DecodeResult, EncodeResult } from "../../client/index";
import type { Document } from "../model/documents";
import { cropped, type Region } from "../model/region";
import type { Caller } from "./caller";

/** Samples of a part of a picture, in the file's own depth and colours. */
export interface Taken {
  readonly frame: number;
  readonly region: Region;
  readonly decoded: DecodeResult;
  /** Significant bits of the samples, 0 for all. */
  readonly bits: number;
}

/** A part of a picture as a file, without loss. */
export interface Part {
  readonly taken: Taken;
  /** In the whole picture. */
  readonly region: Region;
  readonly file: Blob;
}

/** Decodes a part of one frame. */
export async function cutOut(caller: Caller, { file, facts }: Document, frame: number, region: Region, signal: AbortSignal): Promise<Taken> {
  const channels = facts?.extra_channels ?? [];
  const alpha = channels.find(({ type }) => type === "alpha");
  // Where alpha has a depth of its own, one number cannot tell both: then samples fill their type.
  const isPlain = alpha === undefined || (alpha.bits_per_sample ?? alpha.bits ?? facts?.bits_per_sample) === facts?.bits_per_sample;
  const isCmyk = channels.some(({ type }) => type === "black");
  const isFloat = (facts?.exponent_bits ?? 0) > 0;
  const decoded = await caller.call({
    fn: "decode",
    label: `Taking a part of ${file.name}`,
    signal,
    run: (settings) =>
      caller.codec.decode(
        file,
        {
          region: [region.x, region.y, region.width, region.height], start: frame, count: 1,
          range: isPlain && !isCmyk ? "file" : "full",
          // The black of CMYK would be missing.
          colour: isCmyk ? "srgb" : "original",
        },
        settings,
      ),
  });
  return { frame, region, decoded, bits: isFloat || !isPlain || isCmyk ? 0 : (decoded.bits_per_sample ?? 0) };
}

/** Makes a lossless file of a part of what was taken: the same call then converts it as converts the whole. */
export async function partOf(caller: Caller, taken: Taken, region: Region, signal: AbortSignal): Promise<Part> {
  const { decoded, bits, region: whole } = taken;
  const [samples] = decoded.samples;
  const { type, channels, width, height, icc, premultiplied, intensity_target } = decoded;
  if (!samples) throw new Error("the picture has no such frame");
  const part = { ...region, x: region.x - whole.x, y: region.y - whole.y };
  const pixels = cropped(samples, { width, height }, channels, part);
  const encoded = await caller.call({
    fn: "encode",
    label: "Keeping a part",
    signal,
    run: (settings): Promise<EncodeResult> =>
      caller.codec.encode(
        pixels,
        {
          width: region.width, height: region.height, channels, type, lossless: true, effort: 1,
          bits_per_sample: type === "u8" || type === "u16" ? bits : 0,
          premultiplied: premultiplied ?? false, intensity_target,
          // What is transferred is gone, and this is needed for the next part.
          ...(icc ? { icc: icc.slice() } : {}),
        },
        { ...settings, transfer: true },
      ),
  });
  return { taken, region, file: new Blob([encoded.image], { type: "image/jxl" }) };
}

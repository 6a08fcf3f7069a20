import type { DecodeArguments, InspectResult, PictureDescription } from "../../client/index";

/** How a file is decoded to be looked at. */
export interface Looking {
  options: DecodeArguments;
  /** Whether a bitmap is enough, which the browser may then make on its own. */
  isPicture: boolean;
  /** How many frames there are, where they are too many to be shown. */
  tooMany: number | undefined;
}

/** An animation whose frames would take more bytes than this is shown by its first frame. */
export const ANIMATION_BUDGET = 768 * 2 ** 20;
/** What browsers can hold in one bitmap; larger pictures are made of tiles. */
const LARGEST_SIDE = 16_384;
const LARGEST_BITMAP = 2 ** 30;

/** A still picture is a bitmap; animations, and what is too large for one bitmap, come as samples. */
export function looking(facts: Pick<InspectResult, "width" | "height" | "frames">, picture: PictureDescription | undefined): Looking {
  const { width, height, frames } = facts;
  const isStill = frames.length <= 1;
  const fits = Math.max(width, height) <= LARGEST_SIDE && width * height * 4 <= LARGEST_BITMAP;
  if (isStill && fits && picture) return { options: {}, isPicture: true, tooMany: undefined };
  const isTooMuch = !isStill && width * height * 4 * frames.length > ANIMATION_BUDGET;
  const options = { ...picture?.options, frames: isTooMuch ? "first" : "all" } as DecodeArguments;
  return { options, isPicture: false, tooMany: isTooMuch ? frames.length : undefined };
}

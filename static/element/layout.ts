/** How `<eitherside-image>` takes its place in a page: as an `<img>` of the same attributes would. */
import type { Size } from "../client/index";
import { dimensionOf } from "./attributes";

/** From this share of its own pixels on a picture is kept whole: less is not worth the blur of resampling. */
const WHOLE = 0.75;

export const SHEET = `
:host { display: inline-block; contain: layout paint; }
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
img, canvas { display: block; width: 100%; height: 100%; object-fit: inherit; object-position: inherit; }
`;

export interface Shape {
  /** The attributes. */
  width: string | null;
  height: string | null;
  /** Of the picture, as soon as its header is known. */
  natural: Size | undefined;
  /** Whether there is text to show instead of a picture. */
  isText: boolean;
}

/**
 * Rules of one element, weaker than any of the page's: presentational hints, as HTML calls those of `<img>`.
 *
 * The host is as wide as what is in it would be by itself. That is the canvas, which has the picture's own size for this
 * purpose, whatever pixels it holds; its length of 100 % does not count for the width, as none does that depends on the host.
 */
export function rules({ width, height, natural, isText }: Shape): string {
  const [across, down] = [dimensionOf(width), dimensionOf(height)];
  const css = (each: typeof across, otherwise: string): string => (each ? `${each.value}${each.unit}` : otherwise);
  const lengths = `width: ${css(across, isText ? "auto" : "max-content")}; height: ${css(down, "auto")};`;
  // A box that is contained has no line of text that others could stand on.
  if (isText) return `:host { ${lengths} contain: none; }`;
  const hinted = across?.unit === "px" && down?.unit === "px" && across.value > 0 && down.value > 0;
  const ratio = natural ?? (hinted ? { width: across.value, height: down.value } : undefined);
  const host = `:host { ${lengths} aspect-ratio: ${ratio ? `auto ${ratio.width} / ${ratio.height}` : "auto"}; }`;
  if (!natural) return host;
  const own = `contain-intrinsic-size: ${natural.width}px ${natural.height}px; aspect-ratio: ${natural.width} / ${natural.height};`;
  return `${host} canvas { contain: size; ${own} }`;
}

/**
 * The pixels that a picture is needed in: none where it is needed whole.
 *
 * @param box what it is painted into, in pixels of the device.
 * @param fit the CSS property `object-fit`.
 */
export function needed(box: Size, natural: Size, fit: string): Size | undefined {
  const [across, down] = [box.width / natural.width, box.height / natural.height];
  // A box that is not laid out says nothing.
  if (!(across > 0 && down > 0) || fit === "none") return undefined;
  const scale = fit === "contain" || fit === "scale-down" ? Math.min(across, down) : Math.max(across, down);
  if (scale >= WHOLE) return undefined;
  return { width: Math.ceil(natural.width * scale), height: Math.ceil(natural.height * scale) };
}

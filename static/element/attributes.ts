/** What the attributes of `<eitherside-image>` say; nothing here needs a page. */
import type { Place } from "../client/index";

/** Where a picture is decoded unless the attribute says otherwise: never where the file would have to be sent. */
export const ORDER: readonly Place[] = ["native", "local"];

const PLACES: readonly string[] = ["native", "local", "server"] satisfies Place[];

/** The attribute `order`: places, tried one after the other, and words that are none. */
export function placesOf(text: string | null): { places: readonly Place[]; unknown: string[] } {
  const words = [...new Set((text ?? "").toLowerCase().split(/\s+/).filter(Boolean))];
  const places = words.filter((word): word is Place => PLACES.includes(word));
  return { places: places.length > 0 ? places : ORDER, unknown: words.filter((word) => !PLACES.includes(word)) };
}

/** A length as the attributes `width` and `height` tell it, by HTML's rules for dimension values. */
export interface Dimension {
  value: number;
  unit: "px" | "%";
}

export function dimensionOf(text: string | null): Dimension | undefined {
  const found = /^\s*(\d+(?:\.\d*)?)(%?)/.exec(text ?? "");
  return found ? { value: Number(found[1]), unit: found[2] === "%" ? "%" : "px" } : undefined;
}

/** What an image without `alt` is called: its file's name, which is better than nothing and worse than a description. */
export function nameOf(url: string): string {
  const path = /^[^?#]*/.exec(url)?.[0] ?? "";
  // The whole of a file is in such an address.
  if (/^(data|blob):/i.test(path)) return "";
  const name = path.split("/").filter(Boolean).at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

import type { Provenance } from "../../client/index";
import { milliseconds } from "./format";
import { placeName, where } from "./places";

/** Where the picture was decoded and how long that took: on a badge, and in a sentence. */
export function ran({ place, times, why, known }: Provenance): { text: string; title: string } {
  const time = milliseconds(times.total);
  const stored = known === true ? " The server had it already." : "";
  return { text: `${placeName(place)} · ${time}`, title: `Decoded ${where(place)} in ${time}. ${why}${stored} More under “Where it runs”.` };
}

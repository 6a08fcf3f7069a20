import { isRecord } from "../../client/interface";
import type { Field } from "./fields";

/** Tags that say where other tags are, and nothing of the picture. */
const POINTERS = /^(Exif|GPS Info|Interoperability) IFD Pointer$/;
/** More tags than any camera writes. */
const MOST_TAGS = 1000;

/** Exif as lines: each tag as its reader describes it, and the place in degrees. */
export function exifFields(tags: Record<string, unknown>, gps: Record<string, unknown>): Field[] {
  const fields = Object.entries(tags)
    .filter(([name]) => !POINTERS.test(name))
    .slice(0, MOST_TAGS)
    .map(([name, tag]) => ({ name, value: described(tag) }));
  const { Latitude: latitude, Longitude: longitude, Altitude: altitude } = gps;
  if (typeof latitude === "number" && typeof longitude === "number") fields.push({ name: "Place", value: `${latitude.toFixed(6)}°, ${longitude.toFixed(6)}°` });
  if (typeof altitude === "number") fields.push({ name: "Altitude", value: `${altitude.toFixed(1)} m` });
  return fields;
}

function described(tag: unknown): string {
  if (!isRecord(tag)) return "";
  const { description, value } = tag;
  if (typeof description === "string" || typeof description === "number") return String(description);
  return Array.isArray(value) ? value.slice(0, MOST_TAGS).map(String).join(", ") : String(value);
}

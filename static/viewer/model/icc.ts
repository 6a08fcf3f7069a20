import type { Field } from "./fields";

/** Bytes of the fixed part of a profile, and of an entry of its table (ICC.1:2022, 7.2 and 7.3). */
const HEADER = 128;
const ENTRY = 12;
/** More tags than any profile has. */
const MOST_TAGS = 100;

const CLASSES: Record<string, string> = { scnr: "input device", mntr: "display", prtr: "output device", link: "device link", spac: "colour space", abst: "abstract", nmcl: "named colours" };
const INTENTS = ["perceptual", "relative colorimetric", "saturation", "absolute colorimetric"];
const TAGS: Record<string, string> = {
  desc: "Description", cprt: "Copyright", dmnd: "Made by", dmdd: "Model", wtpt: "White point", bkpt: "Black point", lumi: "Luminance", rXYZ: "Red", gXYZ: "Green", bXYZ: "Blue",
  rTRC: "Red curve", gTRC: "Green curve", bTRC: "Blue curve", kTRC: "Grey curve", chad: "Chromatic adaptation", A2B0: "To PCS, perceptual", A2B1: "To PCS, colorimetric", A2B2: "To PCS, saturation",
  B2A0: "From PCS, perceptual", B2A1: "From PCS, colorimetric", B2A2: "From PCS, saturation", gamt: "Gamut", cicp: "Code points (CICP)", tech: "Technology", vued: "Viewing conditions", targ: "Characterisation",
};

/** What an ICC profile says, as lines to read. Parts that do not lie within it are told as such. */
export function iccFields(profile: Uint8Array): Field[] {
  if (profile.length < HEADER) return [{ name: "Profile", value: `only ${profile.length} bytes, shorter than a header` }];
  const view = new DataView(profile.buffer, profile.byteOffset, profile.byteLength);
  return [...header(view), ...tags(view)];
}

function header(view: DataView): Field[] {
  const number = (at: number): number => view.getUint16(at);
  const date = [24, 26, 28].map(number).map((each) => String(each).padStart(2, "0")).join("-");
  const time = [30, 32, 34].map(number).map((each) => String(each).padStart(2, "0")).join(":");
  const kind = code(view, 12);
  const found: [string, string][] = [
    ["Version", `${view.getUint8(8)}.${view.getUint8(9) >> 4}.${view.getUint8(9) & 15}`],
    ["Class", CLASSES[kind] ?? kind],
    ["Colour space", code(view, 16)],
    ["Connection space", code(view, 20)],
    ["Made", date === "00-00-00" ? "" : `${date} ${time}`],
    ["Colour engine", code(view, 4)],
    ["Platform", code(view, 40)],
    ["Manufacturer", code(view, 48)],
    ["Model", code(view, 52)],
    ["Rendering intent", INTENTS[view.getUint32(64)] ?? String(view.getUint32(64))],
    ["Creator", code(view, 80)],
  ];
  return found.filter(([, value]) => value !== "").map(([name, value]) => ({ name, value }));
}

function tags(view: DataView): Field[] {
  const length = view.byteLength;
  if (length < HEADER + 4) return [];
  const count = Math.min(view.getUint32(HEADER), MOST_TAGS, Math.floor((length - HEADER - 4) / ENTRY));
  return Array.from({ length: count }, (_, index): Field => {
    const at = HEADER + 4 + index * ENTRY;
    const signature = code(view, at);
    const [offset, size] = [view.getUint32(at + 4), view.getUint32(at + 8)];
    const name = TAGS[signature] ?? signature;
    if (size < 8 || offset + size > length) return { name, value: `${size} bytes at ${offset}, not within the profile` };
    return { name, value: tag(new DataView(view.buffer, view.byteOffset + offset, size)) };
  });
}

/** A tag's value by its type (ICC.1:2022, chapter 10; `desc` as in ICC.1:2001). */
function tag(view: DataView): string {
  const type = code(view, 0);
  const more = view.byteLength - 8;
  switch (type) {
    case "text":
      return latin(view, 8, more);
    case "desc":
      return more < 4 ? "" : latin(view, 12, Math.min(view.getUint32(8), view.byteLength - 12));
    case "mluc":
      return translations(view);
    case "XYZ":
      return fixed(view, 8, Math.min(3, Math.floor(more / 4)));
    case "sf32":
      return fixed(view, 8, Math.min(9, Math.floor(more / 4)));
    case "curv":
      return curve(view);
    case "para":
      return more < 4 ? type : parametric(view);
    case "cicp":
      return Array.from({ length: Math.min(4, more) }, (_, index) => view.getUint8(8 + index)).join(", ");
    case "sig":
      return more < 4 ? type : code(view, 8);
    default:
      return `${type}, ${view.byteLength} bytes`;
  }
}

function curve(view: DataView): string {
  const count = view.byteLength < 12 ? 0 : view.getUint32(8);
  if (count === 0) return "linear";
  if (count === 1 && view.byteLength >= 14) return `gamma ${(view.getUint16(12) / 256).toFixed(3)}`;
  return `table of ${count} values`;
}

function parametric(view: DataView): string {
  const parameters = [1, 3, 4, 5, 7][view.getUint16(8)] ?? 0;
  return `function ${view.getUint16(8)}: ${fixed(view, 12, Math.min(parameters, Math.floor((view.byteLength - 12) / 4)))}`;
}

/** Texts in several languages; English first, where there is any. */
function translations(view: DataView): string {
  if (view.byteLength < 16) return "";
  const [count, size] = [view.getUint32(8), view.getUint32(12)];
  if (size < ENTRY) return "";
  const texts: { language: string; text: string }[] = [];
  for (let index = 0, at = 16; index < Math.min(count, MOST_TAGS) && at + ENTRY <= view.byteLength; index += 1, at += size) {
    const [length, offset] = [view.getUint32(at + 4), view.getUint32(at + 8)];
    if (offset + length > view.byteLength) continue;
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
    texts.push({ language: latin(view, at, 2), text: new TextDecoder("utf-16be").decode(bytes).replace(/\0+$/, "") });
  }
  const own = texts.find(({ language }) => language === "en") ?? texts[0];
  return own ? `${own.text}${texts.length > 1 ? ` (and in ${texts.length - 1} more languages)` : ""}` : "";
}

/** Numbers of 15 bits before and 16 behind the point. */
function fixed(view: DataView, at: number, count: number): string {
  return Array.from({ length: Math.max(0, count) }, (_, index) => String(Number((view.getInt32(at + index * 4) / 65536).toFixed(4)))).join(", ");
}

/** Four characters; anything that is none is left out. */
function code(view: DataView, at: number): string {
  return latin(view, at, 4).trim();
}

function latin(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, Math.max(0, Math.min(length, view.byteLength - at)));
  // eslint-disable-next-line no-control-regex -- what is no character is what is to be left out
  return String.fromCharCode(...bytes.subarray(0, 65_536)).replace(/\0.*$/s, "").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}

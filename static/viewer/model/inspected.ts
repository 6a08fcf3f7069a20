import type { Value } from "./block";
import { Observable } from "./observable";
import type { Point } from "./viewport";

/** The pixel that is inspected, and what is known of it. */
export interface Inspected {
  /** Whether pixels are inspected at all. */
  isOn: boolean;
  /** Column and row of the pixel, counted from 0; undefined where none is. */
  pixel: Point | undefined;
  /** Whether the cross-hair stands there, which stays where it is; else the pointer is there. */
  isFixed: boolean;
  /** The file's own values; undefined while they are read. */
  values: readonly Value[] | undefined;
  /** Why the file's own values are not known. */
  failure: string | undefined;
  /** As the page shows it: red, green, blue and alpha from 0 to 255, sRGB. */
  shown: readonly [number, number, number, number] | undefined;
}

export const NOTHING: Inspected = { isOn: false, pixel: undefined, isFixed: false, values: undefined, failure: undefined, shown: undefined };

export class Inspection extends Observable<Inspected> {
  constructor() {
    super(NOTHING);
  }

  change(changes: Partial<Inspected>): void {
    this.set({ ...this.value, ...changes });
  }
}

/** A value as it is read: integers of a range, floats with six digits. */
export function valueText({ value, maximum }: Value): string {
  return maximum === undefined ? floatText(value) : `${value} of ${maximum}`;
}

export function floatText(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** #rrggbb, and the alpha where it is not opaque. */
export function colourText([red, green, blue, alpha]: readonly [number, number, number, number]): string {
  const hex = [red, green, blue].map((each) => each.toString(16).padStart(2, "0")).join("");
  return `#${hex}${alpha === 255 ? "" : `, alpha ${alpha}`}`;
}

/** All of it in a sentence, for those who listen. */
export function spoken({ pixel, values, shown, failure }: Inspected): string {
  if (!pixel) return "";
  const told = values?.map((each) => `${each.name} ${valueText(each)}`).join(", ") ?? failure ?? "";
  return [`Column ${pixel.x}, row ${pixel.y}`, told, shown ? `shown as ${colourText(shown)}` : ""].filter((each) => each !== "").join("; ");
}

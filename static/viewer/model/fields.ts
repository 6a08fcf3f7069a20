/** One line of metadata: texts out of a file, whatever is in them. */
export interface Field {
  name: string;
  value: string;
}

/** A value of more characters than this is folded. */
export const LONG = 160;
/** No more characters of one value than this are put into the page; copied as JSON it is whole. */
export const MOST = 20_000;

/** The beginning of a text for a line, and whether that is not all. */
export function folded(value: string): { head: string; isLong: boolean } {
  const isLong = value.length > LONG;
  return { head: isLong ? `${value.slice(0, LONG).replaceAll(/\s+/g, " ").trimEnd()}…` : value, isLong };
}

/** As much of a text as the page shows of it. */
export function capped(value: string): string {
  return value.length > MOST ? `${value.slice(0, MOST)}… and ${value.length - MOST} more characters` : value;
}

/** A part of an answer as JSON text; bytes are told by their number. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (ArrayBuffer.isView(each) ? `${each.byteLength} bytes` : each), 2);
}

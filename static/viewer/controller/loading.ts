import type { PlaceChoice } from "../../client/index";
import type { Document } from "../model/documents";

/** The format whose files show something before they are whole. */
export const GROWING = "jxl";

/** One attempt to show a document. */
export interface Loading {
  document: Document;
  place: PlaceChoice;
  /** Aborted where it is to stop. */
  signal: AbortSignal;
  /** Aborted where nobody wants the document any more, not even what there is of it. */
  left: AbortSignal;
  /** Tells the views that the document has changed. */
  changed: () => void;
}

export function tooMany(frames: number | undefined): string {
  const count = frames === undefined || frames < 2 ? "its" : frames;
  return `Only the first of ${count} frames is shown: all of them would take too much memory.`;
}

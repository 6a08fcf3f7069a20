/** Takes Exif apart away from the page's main thread: what is in it is a stranger's. */
import ExifReader from "exifreader";
import { exifFields } from "./model/exif";
import type { Field } from "./model/fields";

export interface ExifRequest {
  id: number;
  /** From the TIFF header on. */
  exif: Uint8Array<ArrayBuffer>;
}

export type ExifReply = { id: number; fields: Field[] } | { id: number; error: string };

interface Scope {
  postMessage: (message: ExifReply) => void;
  onmessage: ((event: MessageEvent<ExifRequest>) => void) | null;
}

const scope = self as unknown as Scope;
scope.onmessage = ({ data: { id, exif } }) => {
  try {
    const { exif: tags = {}, gps = {} } = ExifReader.load(exif.slice().buffer, { expanded: true, includeUnknown: true });
    scope.postMessage({ id, fields: exifFields({ ...tags }, { ...gps }) });
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

/** Takes Exif and XMP apart away from the page's main thread: what is in them is a stranger's. */
import ExifReader from "exifreader";
import { exifFields } from "./model/exif";
import type { Field } from "./model/fields";
import { xmpFields } from "./model/xmp";

export type MetadataQuestion =
  /** From the TIFF header on. */
  | { exif: Uint8Array<ArrayBuffer> }
  /** The packet. */
  | { xmp: string };

export interface MetadataReply {
  id: number;
  fields: Field[];
  error?: string;
}

interface Scope {
  postMessage: (message: MetadataReply) => void;
  onmessage: ((event: MessageEvent<MetadataQuestion & { id: number }>) => void) | null;
}

const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => {
  const { id } = data;
  try {
    scope.postMessage({ id, fields: "xmp" in data ? xmpFields(data.xmp) : readExif(data.exif) });
  } catch (error) {
    scope.postMessage({ id, fields: [], error: error instanceof Error ? error.message : String(error) });
  }
};

function readExif(block: Uint8Array<ArrayBuffer>): Field[] {
  const { exif = {}, gps = {} } = ExifReader.load(block.slice().buffer, { expanded: true, includeUnknown: true });
  return exifFields({ ...exif }, { ...gps });
}

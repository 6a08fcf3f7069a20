import type { Format, PlaceChoice, TranscodeOptions, TranscodeResult } from "../../client/index";
import type { Document } from "../model/documents";
import { savedName } from "../model/format";
import type { CallPlan, Caller } from "./caller";

/** A finished download. */
export interface Saved {
  name: string;
  bytes: number;
  exact: boolean;
  milliseconds: number;
}

/** Saves documents in other formats. */
export class Saver {
  constructor(private readonly caller: Caller) {}

  /** Formats that can be written where calls may run: the module's, and where the server may be asked, the service's own. */
  formats(place: PlaceChoice): Format[] {
    const { interface: description, service } = this.caller.codec.connection;
    const own = description.formats.filter((format) => format.write);
    return place === "server" || place === "auto" ? [...own, ...service.formats.filter((format) => format.write)] : own;
  }

  /** @throws CodecError whatever the call fails with. */
  async save({ file }: Document, format: Format, options: Record<string, unknown>): Promise<Saved> {
    const result = await this.caller.call(this.plan(file, format, options, `Saving ${file.name} as ${format.title}`));
    const name = savedName(file.name, format.extensions[0] ?? format.name);
    download(new Blob([result.image], { type: format.media_type }), name);
    const { times, bytes } = result.provenance;
    return { name, bytes: bytes.out, exact: result.exact_jpeg, milliseconds: times.total };
  }

  plan(file: File, format: Format, options: Record<string, unknown>, label: string): CallPlan<TranscodeResult> {
    return {
      fn: "transcode",
      label,
      run: (settings) => this.caller.codec.transcode(file, optionsOf(format, options), settings),
    };
  }
}

/** The options of the call that saves. */
export function optionsOf(format: Format, options: Record<string, unknown>): TranscodeOptions {
  return { ...options, to: format.name } as TranscodeOptions;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the data over by then; an address that is never revoked keeps it for ever.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

import type { Format, TranscodeOptions, TranscodeResult } from "../../client/index";
import type { Document } from "../model/documents";
import { savedName } from "../model/format";
import type { Caller } from "./caller";

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

  /** Formats that can be written where calls run now: the module's, and on the server the service's own. */
  formats(place: "local" | "server"): Format[] {
    const { interface: description, service } = this.caller.codec.connection;
    const own = description.formats.filter((format) => format.write);
    return place === "server" ? [...own, ...service.formats.filter((format) => format.write)] : own;
  }

  /** @throws CodecError whatever the call fails with. */
  async save({ file }: Document, format: Format, options: Record<string, unknown>): Promise<Saved> {
    const result = await this.transcode(file, format, options);
    const name = savedName(file.name, format.extensions[0] ?? format.name);
    download(new Blob([result.image], { type: format.media_type }), name);
    const { times, bytes } = result.provenance;
    return { name, bytes: bytes.out, exact: result.exact_jpeg, milliseconds: times.queue + times.compute + times.transfer };
  }

  private transcode(file: File, format: Format, options: Record<string, unknown>): Promise<TranscodeResult> {
    return this.caller.call({
      fn: "transcode",
      label: `Saving ${file.name} as ${format.title}`,
      run: (settings) => this.caller.codec.transcode(file, { ...options, to: format.name } as TranscodeOptions, settings),
    });
  }
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the data over by then; an address that is never revoked keeps it for ever.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

import type { Format, PlaceChoice, TranscodeOptions, TranscodeResult } from "../../client/index";
import { savedName } from "../model/format";
import type { CallPlan, Caller } from "./caller";
import { download } from "./sink";

/** A picture in another format. */
export interface Converted {
  name: string;
  blob: Blob;
  result: TranscodeResult;
}

/** Converts files to other formats. */
export class Saver {
  constructor(private readonly caller: Caller) {}

  /** Formats that can be written where calls may run: the module's, and where the server may be asked, the service's own. */
  formats(place: PlaceChoice): Format[] {
    const { interface: description, service } = this.caller.codec.connection;
    const own = description.formats.filter((format) => format.write);
    return place === "server" || place === "auto" ? [...own, ...service.formats.filter((format) => format.write)] : own;
  }

  /** @throws CodecError whatever the call fails with. */
  async convert(file: File, format: Format, options: Record<string, unknown>, signal?: AbortSignal): Promise<Converted> {
    const plan = this.plan(file, format, options, `Saving ${file.name} as ${format.title}`);
    const result = await this.caller.call({ ...plan, signal });
    return { name: savedName(file.name, format.extensions[0] ?? format.name), blob: new Blob([result.image], { type: format.media_type }), result };
  }

  /** Converts a file and hands it to the browser as a download; see {@link convert}. */
  async save(file: File, format: Format, options: Record<string, unknown>): Promise<Converted> {
    const converted = await this.convert(file, format, options);
    download(converted.blob, converted.name);
    return converted;
  }

  plan(file: Blob, format: Format, options: Record<string, unknown>, label: string): CallPlan<TranscodeResult> {
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

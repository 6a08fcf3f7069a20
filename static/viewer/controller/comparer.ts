import type { CallSettings, Format, Place, Provenance, TranscodeOptions } from "../../client/index";
import type { Document } from "../model/documents";
import type { Caller } from "./caller";

/** What one place gave. */
export interface Side {
  place: Place;
  provenance: Provenance;
  /** Each output buffer in order: its output's name and its SHA-256. */
  buffers: { output: string; sha256: string }[];
}

export interface Comparison {
  sides: Side[];
  same: boolean;
}

/** A call that can be made in both places. */
export type Subject = "decode" | { format: Format; options: Record<string, unknown> };

/** Runs one call in this browser and on the server, and compares the bytes. */
export class Comparer {
  constructor(private readonly caller: Caller) {}

  /** @throws CodecError of the place that fails first. */
  async compare(document: Document, subject: Subject): Promise<Comparison> {
    const abort = new AbortController();
    try {
      const places: Place[] = ["local", "server"];
      const sides = await Promise.all(places.map((place) => this.side(document, subject, place, abort.signal)));
      const [first, ...others] = sides.map(({ buffers }) => JSON.stringify(buffers));
      return { sides, same: first !== "[]" && others.every((each) => each === first) };
    } catch (error) {
      abort.abort();
      throw error;
    }
  }

  private async side({ file }: Document, subject: Subject, place: Place, signal: AbortSignal): Promise<Side> {
    const { codec } = this.caller;
    const fn = subject === "decode" ? subject : "transcode";
    const run = (settings: CallSettings): Promise<{ provenance: Provenance }> =>
      subject === "decode"
        ? codec.decode(file, {}, { ...settings, digest: true })
        : codec.transcode(file, { ...subject.options, to: subject.format.name } as TranscodeOptions, { ...settings, digest: true });
    const { provenance } = await this.caller.call({ fn, label: `Comparing ${file.name}`, place, signal, run });
    const buffers = Object.entries(provenance.outputs).flatMap(([output, all]) =>
      all.map(({ sha256 = "" }) => ({ output, sha256 })),
    );
    return { place, provenance, buffers };
  }
}

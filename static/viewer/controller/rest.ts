import type { CodecError, InspectResult } from "../../client/index";
import { type Flaw, flawOf } from "../model/flaw";
import type { Picture } from "../model/picture";
import type { Bitmaps } from "./bitmaps";
import type { Caller } from "./caller";
import type { Loading } from "./loading";
import type { Looker } from "./looker";

/** Shows what there is of files that break off, where they are not read piece by piece. */
export class Rest {
  constructor(
    private readonly caller: Caller,
    private readonly looker: Looker,
    private readonly bitmaps: Bitmaps,
  ) {}

  /** What the service decodes of the beginning of a file. @throws CodecError `error`, where that is nothing. */
  async servers({ document, place, signal }: Loading, facts: InspectResult, error: CodecError): Promise<void> {
    const growing = this.looker.growing(this.looker.looking(facts));
    const how = { ...growing, options: { ...growing.options, prefix: true } };
    const plan = this.looker.plan(document.file, how, `Decoding what there is of ${document.file.name}`);
    let picture: Picture;
    let stage: Flaw["stage"];
    try {
      const decoded = await this.caller.call({ ...plan, signal, place });
      picture = await this.looker.show(decoded);
      stage = "stage" in decoded ? decoded.stage : undefined;
    } catch {
      throw error;
    }
    if (picture.frames.length === 0) throw error;
    document.picture = picture;
    document.flaw = flawOf(error, picture, stage, facts);
  }

  /** What the browser's own decoder makes of a file, unless nothing of it is to be decoded here. @throws CodecError as `servers`. */
  async browsers(loading: Loading, { format }: Pick<InspectResult, "format">, error: CodecError): Promise<void> {
    const found = this.caller.codec.connection.interface.formats.find(({ name }) => name === format);
    if (loading.place === "server" || !found) throw error;
    await this.partial(loading, found.media_type, error);
  }

  /** As `browsers`, for a file of a media type. */
  async partial({ document, signal }: Loading, type: string, error: CodecError): Promise<void> {
    const { file } = document;
    let picture: Picture;
    try {
      const label = `Decoding what there is of ${file.name}`;
      picture = await this.caller.task({ fn: "decode", label, place: "native", signal }, async () =>
        this.looker.still(await this.bitmaps.partial(file, type)),
      );
    } catch {
      throw error;
    }
    document.picture = picture;
    document.flaw = flawOf(error, picture, undefined, document.facts);
  }
}

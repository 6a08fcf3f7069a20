import type { DecodeArguments, DecodeResult, InspectResult, PictureDescription, PlaceChoice, Provenance } from "../../client/index";
import { isRecord } from "../../client/interface";
import { durationOf, loopsOf } from "../model/facts";
import { type Looking, looking } from "../model/looking";
import type { Frame, Picture } from "../model/picture";
import type { CallPlan, Caller } from "./caller";
import type { Painter } from "./painter";

interface Bitmap {
  picture: ImageBitmap;
  provenance: Provenance;
}
export type Decoded = DecodeResult | Bitmap;

/** Decodes files for looking at them. */
export class Looker {
  constructor(
    private readonly caller: Caller,
    private readonly painter: Painter,
  ) {}

  /** How a file is decoded, once its facts are known; before that it is taken for a still picture. */
  looking(facts: InspectResult | undefined): Looking {
    return facts ? looking(facts, this.description) : { options: {}, isPicture: this.description !== undefined, tooMany: undefined };
  }

  /** Options that give samples to paint, of the frames that are shown. */
  pictureOptions(facts: InspectResult): DecodeArguments {
    return { ...this.description?.options, ...this.looking(facts).options };
  }

  plan(file: File, { options, isPicture }: Looking, label: string): CallPlan<Decoded> {
    const { codec } = this.caller;
    return {
      fn: "decode",
      label,
      isPicture,
      run: (settings) => (isPicture ? codec.decode(file, options, { ...settings, as: "picture" }) : codec.decode(file, options, settings)),
    };
  }

  /**
   * @param place where the call runs, if not where the page's do.
   * @throws CodecError whatever the call fails with.
   */
  async look(file: File, how: Looking, signal: AbortSignal, place?: PlaceChoice): Promise<Picture> {
    const plan = this.plan(file, how, `Decoding ${file.name}`);
    return this.show(await this.caller.call({ ...plan, signal, ...(place === undefined ? {} : { place }) }));
  }

  /** Makes a picture of what was decoded. */
  async show(decoded: Decoded): Promise<Picture> {
    const picture = await ("picture" in decoded ? this.still(decoded.picture) : this.frames(decoded));
    return { ...picture, provenance: decoded.provenance };
  }

  /** Makes a picture of a bitmap, which is taken away from the caller. */
  async still(picture: ImageBitmap): Promise<Picture> {
    const { width, height } = picture;
    const painted = await this.painter.cut(picture);
    return { width, height, frames: [{ ...painted, duration: 0 }], loops: 0 };
  }

  /** How a file is decoded that is shown while it is read: as samples, every frame as it comes. */
  growing(how: Looking): Looking {
    return how.isPicture ? { options: { ...this.description?.options, frames: "all" }, isPicture: false, tooMany: undefined } : how;
  }

  private get description(): PictureDescription | undefined {
    return this.caller.codec.connection.interface.functions.find(({ name }) => name === "decode")?.picture;
  }

  private async frames(decoded: DecodeResult): Promise<Picture> {
    const { width, height, samples, animation } = decoded;
    const frames = await Promise.all(
      samples.map(async (each, index): Promise<Frame> => {
        const painted = await this.painter.paint({ samples: each.buffer, width, height });
        return { ...painted, duration: isRecord(animation) ? durationOf(decoded.frames[index] ?? {}) : 0 };
      }),
    );
    return { width, height, frames, loops: loopsOf(animation) };
  }
}

/** Gives back what a decoded file holds beyond the page's own memory. */
export function discard(decoded: Decoded): void {
  if ("picture" in decoded) decoded.picture.close();
}

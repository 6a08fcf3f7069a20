import type { DecodeArguments, DecodeResult } from "../../client/index";
import { isRecord } from "../../client/interface";
import { durationOf, loopsOf } from "../model/facts";
import type { Stage } from "../model/flaw";
import { ANIMATION_BUDGET } from "../model/looking";
import { closeFrame, type Frame, type Picture } from "../model/picture";
import type { Caller } from "./caller";
import type { Painter } from "./painter";

/** What a stream takes: a file, the body of an answer, pieces of any kind. */
export type Source = Parameters<ReturnType<Caller["codec"]["decode"]["pushed"]>["from"]>[0];

/** A picture that becomes better while its file is read. */
export interface Growing {
  picture: Picture | undefined;
  /** How much there is of the last frame. */
  stage: Stage;
  /** Whether frames were left out because all would take too much memory. */
  isCut: boolean;
}

export interface StreamPlan {
  name: string;
  options: DecodeArguments;
  signal: AbortSignal;
  /** There is something new to be seen. */
  onnews: (growing: Growing) => void;
}

/** Decodes files piece by piece, which runs here, and shows each step. */
export class Streamer {
  constructor(
    private readonly caller: Caller,
    private readonly painter: Painter,
  ) {}

  /**
   * Decodes what `source` gives.
   *
   * @param growing takes the picture, step by step; after an error it has what was decoded before.
   * @throws CodecError whatever the call fails with.
   */
  async decode(source: (signal: AbortSignal) => Source, plan: StreamPlan, growing: Growing): Promise<void> {
    const { name, options, signal, onnews } = plan;
    const take = async (result: DecodeResult): Promise<void> => {
      const before = await this.take(result, growing);
      if (result.samples.length > 0) onnews(growing);
      // By now nothing shows them any more.
      for (const frame of before) closeFrame(frame);
    };
    const last = await this.caller.call({
      fn: "decode", label: `Decoding ${name}`, place: "local", signal,
      run: async (settings) => {
        const stream = this.caller.codec.decode.pushed(options, settings);
        for await (const result of stream.from(source(settings.signal ?? signal))) await take(result);
        const result = await stream.finish();
        await take(result);
        return result;
      },
    });
    if (growing.picture) growing.picture.provenance = last.provenance;
  }

  /** Puts new frames, and better ones, into the picture; gives those whose place they took. */
  private async take({ width, height, samples, frames, animation }: DecodeResult, growing: Growing): Promise<Frame[]> {
    const before: Frame[] = [];
    for (const [at, each] of samples.entries()) {
      const told = frames[at] ?? {};
      const picture = (growing.picture ??= { width, height, frames: [], loops: loopsOf(animation) });
      const index = Math.min(typeof told.index === "number" ? told.index : 0, picture.frames.length);
      growing.isCut ||= index > 0 && width * height * 4 * (index + 1) > ANIMATION_BUDGET;
      if (growing.isCut) before.push(...picture.frames.splice(1));
      if (growing.isCut && index > 0) continue;
      const painted = await this.painter.paint({ samples: each.buffer, width, height });
      before.push(...picture.frames.splice(index, 1, { ...painted, duration: isRecord(animation) ? durationOf(told) : 0 }));
      growing.stage = stageOf(told.stage);
    }
    return before;
  }
}

function stageOf(value: unknown): Stage {
  return value === "dc" || value === "pass" || value === "full" ? value : "header";
}

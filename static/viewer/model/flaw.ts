import type { InspectResult } from "../../client/index";
import { isRecord } from "../../client/interface";
import { many } from "./format";

/** How much of a picture there is: a coarse one, one with some of its details, or all of it. */
export type Stage = "header" | "dc" | "pass" | "full";

/** Why a picture is shown in part, and how much of it. */
export interface Flaw {
  /** Code of the error that decoding ended with. */
  code: string;
  /** What the error says, for who wants to know. */
  message: string;
  /** What there is of the last frame; undefined where the browser's own decoder has shown it, which does not tell. */
  stage: Stage | undefined;
  /** Frames that are shown. */
  frames: number;
  /** In how many passes the file holds its details. */
  passes: number;
}

const WHY: Record<string, string> = {
  truncated: "The end of this file is missing",
  corrupt: "This file is damaged",
  cancelled: "You stopped it",
  unreachable: "The rest of this file did not come",
};

/** What is wrong, and what is shown nevertheless, in one sentence. */
export function flawText(flaw: Flaw): string {
  return `${WHY[flaw.code] ?? "Not all of this file could be decoded"}: ${shown(flaw)}.`;
}

function shown({ stage, frames, passes, code }: Flaw): string {
  const more = frames > 1 ? `${many(frames, "frame")} are shown, the last one ` : "";
  switch (stage) {
    case undefined:
      return "what the browser’s own decoder makes of the rest is shown";
    case "header":
      return "only its size is known";
    case "dc":
      return more === "" ? "a coarse picture is shown, an eighth of its resolution" : `${more}at an eighth of its resolution`;
    case "pass":
      if (passes > 1) return more === "" ? `the picture is shown with what there is of its ${passes} passes` : `${more}with what there is of its ${passes} passes`;
      return more === "" ? "the parts that are there are shown sharp, the others coarse" : `${more}sharp in parts`;
    case "full":
      if (frames > 1) return `${many(frames, "frame")} are shown`;
      return code === "corrupt" ? "what was decoded before the damage is shown" : "the picture is whole, but something after it is not there";
  }
}

/** In how many passes a JPEG XL file holds the details of its last frame, as far as its headers tell. */
export function passesOf(facts: Pick<InspectResult, "codestream_frames"> | undefined): number {
  const last = (facts?.codestream_frames ?? []).filter(isRecord).findLast(({ displayed }) => displayed === true);
  return isRecord(last?.passes) && typeof last.passes.count === "number" ? last.passes.count : 1;
}

/** What to say of a picture whose decoding an error has ended. */
export function flawOf(
  { code, message }: { code: string; message: string },
  { frames }: { frames: readonly unknown[] },
  stage: Stage | undefined,
  facts: Pick<InspectResult, "codestream_frames"> | undefined,
): Flaw {
  return { code, message, stage, frames: frames.length, passes: passesOf(facts) };
}

import { hostError, messageOf } from "./errors";
import type { Answer, CallRequest } from "./protocol";
import { described } from "./result";
import type { Size } from "./settings";

/**
 * Turns the output that the function's `picture` names into a bitmap, in place of its samples.
 *
 * @throws CodecError `bad_answer` where samples and shape differ, `not_decoded` where the browser shows no picture of that size.
 */
export async function withPicture({ fn, within }: CallRequest, answer: Answer): Promise<Answer> {
  if (answer.picture) return answer;
  const description = fn.outputs.find(({ name }) => name === fn.picture?.output);
  const samples = answer.outputs.find(({ name }) => name === description?.name);
  const told = description?.array ? described(description.array, answer.result, 0) : {};
  const [height = 0, width = 0] = (description?.array?.shape ?? []).map((name) => Number(told[name]));
  if (samples?.data.byteLength !== height * width * 4) {
    throw hostError("bad_answer", `a picture of ${width} × ${height} has ${samples?.data.byteLength ?? 0} bytes`);
  }
  try {
    const picture = await createImageBitmap(new ImageData(new Uint8ClampedArray(samples.data), width, height), reduced({ width, height }, within));
    return { ...answer, picture, outputs: answer.outputs.filter(({ name }) => name !== description?.name) };
  } catch (error) {
    throw hostError("not_decoded", `the browser cannot show a picture of ${width} × ${height}: ${messageOf(error)}`, error);
  }
}

/** How a bitmap is made that fits within a size; larger than the picture is none. */
export function reduced({ width, height }: Size, within: Size | undefined): ImageBitmapOptions {
  const scale = within ? Math.min(within.width / width, within.height / height) : 1;
  if (!(scale < 1)) return {};
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  return { resizeWidth: side(width), resizeHeight: side(height), resizeQuality: "high" };
}

import { hostError, messageOf } from "../errors";
import { reduced } from "../picture";
import type { Answer, CallRequest } from "../protocol";
import type { Report, RunningPlace } from "./place";

/** Lets the browser decode a file on its own, for something to look at. */
export class NativePlace implements RunningPlace {
  /** @throws CodecError `not_decoded` where the browser does not know the format, or finds the file broken: it does not say which. */
  async run(request: CallRequest, { progress }: Report): Promise<Answer> {
    const { fn, sources } = request;
    const input = fn.inputs.findIndex(({ name }) => name === fn.picture?.native);
    const source = sources.find((each) => each.input === input);
    if (!source || sources.length !== 1) throw hostError("unavailable", "the browser decodes exactly one file at a time");
    progress({ stage: "running" });
    const started = performance.now();
    const blob = source.data instanceof Blob ? source.data : new Blob([source.data]);
    const bitmap = await decode(blob);
    const result = sizes(request, bitmap);
    return {
      result,
      outputs: [],
      picture: await fitted(bitmap, request),
      module: "",
      bytesIn: blob.size,
      bytesUp: 0,
      bytesDown: 0,
      queued: 0,
      start: 0,
      compute: performance.now() - started,
      download: 0,
    };
  }
}

async function decode(blob: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob);
  } catch (error) {
    throw hostError("not_decoded", `the browser does not decode this file: ${messageOf(error)}`, error);
  }
}

/** The bitmap, or a smaller one in its place. */
async function fitted(bitmap: ImageBitmap, { within }: CallRequest): Promise<ImageBitmap> {
  const how = reduced(bitmap, within);
  if (how.resizeWidth === undefined) return bitmap;
  try {
    return await createImageBitmap(bitmap, how);
  } finally {
    bitmap.close();
  }
}

/** The result fields that a bitmap tells: those that name the picture's height, width and channels. */
function sizes({ fn }: CallRequest, { height, width }: ImageBitmap): Record<string, unknown> {
  const output = fn.outputs.find(({ name }) => name === fn.picture?.output);
  const values = [height, width, 4];
  return Object.fromEntries((output?.array?.shape ?? []).map((name, index) => [name, values[index]]));
}

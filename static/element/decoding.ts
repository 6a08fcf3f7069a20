/** The part of `<eitherside-image>` that needs the codec: loaded when the first image does. */
import { CodecError, type Codec, type DecodeArguments, type DecodeResult, type Provenance, type Size } from "../client/index";
import { isRecord } from "../client/interface";
import { judge } from "../client/outcome";
import { reduced } from "../client/picture";
import { Animation } from "./animation";
import { Body, type BodyRequest } from "./body";
import { codecs } from "./codecs";
import { asImageError } from "./errors";
import { isJpegXl } from "./signature";

export type Stage = DecodeResult["stage"];

export interface DecodeRequest extends BodyRequest {
  /** Address of the service, and that of a worker's script. */
  service: string;
  worker: string | undefined;
  /** Whether the first frame is all that is wanted. */
  isStill: boolean;
  /** Whether other formats than JPEG XL are left to the browser. */
  leavesOthers: boolean;
}

/** Who shows what is decoded. Bitmaps are its own from then on. */
export interface Sink {
  header: (size: Size) => void;
  /** The pixels that a picture is needed in; none where it is needed whole. */
  needed: (size: Size) => Size | undefined;
  still: (bitmap: ImageBitmap, stage: Stage) => void;
  /** A frame of an animation, which stays the animation's. */
  frame: (bitmap: ImageBitmap) => void;
  animated: (animation: Animation) => void;
  stage: (stage: Stage) => void;
}

/** The file is in another format than JPEG XL, and those are the browser's. */
export class OtherFormat extends Error {}

/**
 * Decodes a file here, piece by piece as it arrives, or on the service.
 *
 * @throws ImageError whatever it fails with; OtherFormat; the signal's reason.
 */
export async function decode(place: "local" | "server", request: DecodeRequest, sink: Sink): Promise<Provenance> {
  const { service, worker, url, signal } = request;
  // The module can come meanwhile.
  if (/\.jxl(?:[?#]|$)/i.test(url)) codecs.use(service, worker, () => Promise.resolve()).catch(() => undefined);
  const body = await Body.open(request);
  try {
    const first = await body.next();
    if (request.leavesOthers && first && !isJpegXl(first)) throw new OtherFormat();
    const pieces = new Pieces(first ? [first] : [], body);
    return await codecs.use(service, worker, async (codec) => {
      try {
        return await (place === "local" ? local(codec, pieces, request, sink) : server(codec, pieces, request, sink));
      } catch (thrown) {
        const { isFinal } = thrown instanceof CodecError ? judge(thrown, place, codec.connection.interface, false) : { isFinal: false };
        throw signal.aborted ? signal.reason : asImageError(thrown, isFinal);
      }
    });
  } catch (thrown) {
    body.cancel();
    throw signal.aborted || thrown instanceof OtherFormat ? thrown : asImageError(thrown);
  }
}

/** What has come of a file, and what still comes. */
class Pieces {
  constructor(private readonly seen: Uint8Array<ArrayBuffer>[], private readonly body: Body) {}

  /** From the beginning. What is read is kept only where it may be read again. */
  async *all(isKept: boolean): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    yield* this.seen;
    if (!isKept) this.seen.length = 0;
    for (let piece = await this.body.next(); piece; piece = await this.body.next()) {
      if (isKept) this.seen.push(piece);
      yield piece;
    }
  }
}

interface Head {
  size: Size;
  isAnimated: boolean;
  /** Where the header came with the file's end only: what the end gave. */
  whole: { picture: ImageBitmap | undefined; provenance: Provenance; stage: Stage } | undefined;
}

async function local(codec: Codec, pieces: Pieces, request: DecodeRequest, sink: Sink): Promise<Provenance> {
  const head = await look(codec, pieces, request.signal);
  sink.header(head.size);
  if (head.whole) {
    if (head.whole.picture) sink.still(head.whole.picture, head.whole.stage);
    return head.whole.provenance;
  }
  sink.stage("header");
  return head.isAnimated && !request.isStill ? moving(codec, pieces, head.size, request, sink) : still(codec, pieces, head.size, request, sink);
}

/** Reads as far as the header: what comes after depends on it. */
async function look(codec: Codec, pieces: Pieces, signal: AbortSignal): Promise<Head> {
  const stream = codec.decode.pushed(undefined, { as: "picture", signal });
  try {
    for await (const piece of pieces.all(true)) {
      for (const part of parts(piece)) {
        const [news] = await stream.push(part);
        if (!news) continue;
        news.picture?.close();
        return { size: { width: news.width, height: news.height }, isAnimated: isRecord(news.animation), whole: undefined };
      }
    }
    const { width, height, animation, picture, provenance, stage = "full" } = await stream.finish();
    return { size: { width, height }, isAnimated: isRecord(animation), whole: { picture, provenance, stage } };
  } finally {
    stream.close();
  }
}

/** The beginning of a piece first: decoding what follows would be for nothing. */
function* parts(piece: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let start = 0, length = 512; start < piece.length; start += length, length *= 4) yield piece.subarray(start, start + length);
}

async function still(codec: Codec, pieces: Pieces, size: Size, { signal }: DecodeRequest, sink: Sink): Promise<Provenance> {
  const stream = codec.decode.pushed(undefined, { as: "picture", within: sink.needed(size), signal });
  try {
    for await (const piece of pieces.all(false)) {
      for (const { picture, stage = "full" } of await stream.push(piece)) if (picture) sink.still(picture, stage);
    }
    const { picture, provenance } = await stream.finish();
    if (picture) sink.still(picture, "full");
    return provenance;
  } finally {
    stream.close();
  }
}

async function moving(codec: Codec, pieces: Pieces, size: Size, { signal }: DecodeRequest, sink: Sink): Promise<Provenance> {
  const options = pictureOptions(codec);
  // All of them, not the one that a picture shows.
  delete options.frames;
  const stream = codec.decode.pushed(options, { signal });
  const within = sink.needed(size);
  const animation = new Animation(sink.frame);
  sink.animated(animation);
  const show = async (result: DecodeResult): Promise<void> => {
    animation.loops = numberOf(result.animation, "loops");
    for (const [index, samples] of result.samples.entries()) {
      const frame = result.frames[index];
      const image = new ImageData(new Uint8ClampedArray(samples.buffer), size.width, size.height);
      const bitmap = await createImageBitmap(image, reduced(size, within));
      await animation.add(numberOf(frame, "index"), bitmap, numberOf(frame, "duration"));
    }
    if (result.samples.length > 0) sink.stage(result.stage);
  };
  try {
    for await (const piece of pieces.all(false)) for (const result of await stream.push(piece)) await show(result);
    const last = await stream.finish();
    await show(last);
    return last.provenance;
  } finally {
    // What there is of a broken one is played, too.
    animation.end();
    stream.close();
  }
}

/** What the interface says shows a picture. */
function pictureOptions(codec: Codec): DecodeArguments {
  const described = codec.connection.interface.functions.find(({ name }) => name === "decode");
  return { ...(described?.picture?.options as DecodeArguments | undefined) };
}

async function server(codec: Codec, pieces: Pieces, { signal }: DecodeRequest, sink: Sink): Promise<Provenance> {
  const all: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces.all(false)) all.push(piece);
  const { width, height, picture, provenance } = await codec.decode(new Blob(all), undefined, { as: "picture", place: "server", signal });
  sink.header({ width, height });
  sink.still(picture, "full");
  return provenance;
}

function numberOf(value: unknown, name: string): number {
  const found = isRecord(value) ? value[name] : undefined;
  return typeof found === "number" ? found : 0;
}


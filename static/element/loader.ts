import type { Place, Provenance } from "../client/index";
import type { Sink } from "./decoding";
import { asImageError, ImageError } from "./errors";
import { AT_ONCE } from "./limits";
import { decodesHere, loadNative } from "./native";
import { Turns } from "./turns";

/** Where a picture came from. */
export interface ImageProvenance {
  place: Place;
  /** Places that were tried before, and why they could not. */
  tried: { place: Place; code: string; message: string }[];
  /** What the codec tells of its call; nothing where the browser decoded on its own. */
  call: Provenance | undefined;
}

export interface LoadRequest {
  url: string;
  order: readonly Place[];
  crossOrigin: string | null;
  referrerPolicy: string;
  /** Whether the first frame is all that is wanted. */
  isStill: boolean;
  service: string;
  worker: string | undefined;
  signal: AbortSignal;
  /** Whether it goes before others that wait. */
  isUrgent: () => boolean;
}

export interface Loading extends Sink {
  loaded: (loaded: number, total: number) => void;
  /** The browser begins to load this. */
  native: (image: HTMLImageElement) => void;
  /** It has. */
  ready: (image: HTMLImageElement) => Promise<void>;
}

const turns = new Turns(AT_ONCE);

/**
 * Loads a picture at the first place that can.
 *
 * @throws ImageError what the last place says; the signal's reason.
 */
export async function load(request: LoadRequest, sink: Loading): Promise<ImageProvenance> {
  const { order, signal } = request;
  const tried: ImageProvenance["tried"] = [];
  const leavesOthers = order.includes("native");
  let last: ImageError | undefined;
  for (const place of order) {
    try {
      if (place !== "native") {
        const call = await decoded(place, request, sink, leavesOthers);
        if (call) return { place, tried, call };
      } else if (!(await decodesHere())) {
        throw new ImageError("not_decoded", "the browser does not decode JPEG XL", false);
      }
      // Reached, too, where a file turns out to be in a format that every browser knows.
      await native(request, sink);
      return { place: "native", tried, call: undefined };
    } catch (thrown) {
      signal.throwIfAborted();
      last = asImageError(thrown);
      if (last.isFinal) break;
      tried.push({ place, code: last.code, message: last.message });
    }
  }
  throw last ?? new ImageError("unavailable", "there is no place to decode it", true);
}

/** What the codec tells of its call; nothing where the file is the browser's. */
async function decoded(place: "local" | "server", request: LoadRequest, sink: Loading, leavesOthers: boolean): Promise<Provenance | undefined> {
  const end = await turns.take(request.isUrgent, request.signal);
  try {
    const { decode, OtherFormat } = await import("./decoding");
    try {
      return await decode(place, { ...request, leavesOthers, loaded: sink.loaded }, sink);
    } catch (thrown) {
      if (thrown instanceof OtherFormat) return undefined;
      throw thrown;
    }
  } finally {
    end();
  }
}

async function native(request: LoadRequest, sink: Loading): Promise<void> {
  const image = new Image();
  sink.native(image);
  await loadNative(image, { ...request, header: sink.header });
  await sink.ready(image);
}

/** Makes samples of what is shown of a picture in its place: layers laid onto each other, a channel as grey, colours without alpha. */
import { grey, opaque } from "./model/channels";
import { composed, type Extent, type StoredLayer } from "./model/layers";

export type AspectQuestion =
  /** Layers to keep, for the questions that follow. */
  | { keep: StoredLayer[]; extent: Extent }
  | { hidden: readonly number[] }
  | { grey: Uint8Array }
  | { opaque: Uint8Array<ArrayBuffer> };

export type AspectRequest = AspectQuestion & { id: number };
export interface AspectReply {
  id: number;
  samples?: ArrayBuffer;
  error?: string;
}

interface Scope {
  postMessage: (message: AspectReply, transfer?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<AspectRequest>) => void) | null;
}

const scope = self as unknown as Scope;
let kept: { layers: StoredLayer[]; extent: Extent } | undefined;

scope.onmessage = ({ data }) => {
  const { id } = data;
  try {
    const samples = answer(data)?.buffer;
    if (samples) scope.postMessage({ id, samples }, [samples]);
    else scope.postMessage({ id });
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

function answer(question: AspectQuestion): Uint8ClampedArray<ArrayBuffer> | undefined {
  if ("keep" in question) {
    kept = { layers: question.keep, extent: question.extent };
    return undefined;
  }
  if ("grey" in question) return grey(question.grey);
  if ("opaque" in question) return opaque(new Uint8ClampedArray(question.opaque.buffer));
  if (!kept) throw new Error("there are no layers");
  return composed(kept.layers, new Set(question.hidden), kept.extent);
}

/** Counts samples away from the page's main thread. */
import type { Block } from "./model/block";
import { type ChannelHistogram, histograms } from "./model/histogram";

export interface HistogramRequest {
  id: number;
  block: Block;
}

export type HistogramReply = { id: number; channels: ChannelHistogram[] } | { id: number; error: string };

interface Scope {
  postMessage: (message: HistogramReply) => void;
  onmessage: ((event: MessageEvent<HistogramRequest>) => void) | null;
}

const scope = self as unknown as Scope;
scope.onmessage = ({ data: { id, block } }) => {
  try {
    scope.postMessage({ id, channels: histograms(block) });
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

import type { Block } from "./block";

/** How often each value occurs in one channel. */
export interface ChannelHistogram {
  name: string;
  /** The largest integer of the file's depth; undefined for floats. */
  maximum: number | undefined;
  /** Values at the left edge of the first bin and the right edge of the last. */
  from: number;
  to: number;
  bins: number[];
  smallest: number;
  largest: number;
  mean: number;
  /** Samples that are no finite numbers, and so in no bin. */
  others: number;
}

/** Most bins of a channel; channels of fewer values have one for each. */
export const BINS = 256;

export function histograms(block: Block): ChannelHistogram[] {
  return block.channels.map(({ name, maximum }, index) => {
    const isColour = index < block.interleaved;
    const samples = isColour ? block.samples : block.extra[index - block.interleaved];
    const [first, step] = isColour ? [index, block.interleaved] : [0, 1];
    const channel = { name, maximum, samples: samples ?? new Uint8Array(), first, step };
    return count(channel, survey(channel));
  });
}

interface Strided {
  name: string;
  maximum: number | undefined;
  samples: ArrayLike<number>;
  first: number;
  step: number;
}

type Survey = Pick<ChannelHistogram, "smallest" | "largest" | "mean" | "others">;

function survey({ samples, first, step }: Strided): Survey {
  let [smallest, largest, sum, others] = [Infinity, -Infinity, 0, 0];
  for (let at = first; at < samples.length; at += step) {
    const value = samples[at] ?? 0;
    if (!Number.isFinite(value)) {
      others += 1;
      continue;
    }
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
    sum += value;
  }
  const all = Math.max(0, Math.ceil((samples.length - first) / step)) - others;
  return all > 0 ? { smallest, largest, mean: sum / all, others } : { smallest: 0, largest: 0, mean: 0, others };
}

/** Integers have bins of equal numbers of values; floats are counted from 0 to 1, or wider where they lie beyond. */
function count({ name, maximum, samples, first, step }: Strided, found: Survey): ChannelHistogram {
  const from = maximum === undefined ? Math.min(0, found.smallest) : 0;
  const to = maximum === undefined ? Math.max(1, found.largest) : maximum + 1;
  const bins = new Float64Array(maximum === undefined ? BINS : Math.min(BINS, maximum + 1));
  const scale = bins.length / (to - from);
  for (let at = first; at < samples.length; at += step) {
    const value = samples[at] ?? 0;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(bins.length - 1, Math.max(0, Math.floor((value - from) * scale)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  return { name, maximum, from, to, bins: [...bins], ...found };
}

/** Heights from 0 to 1 of a channel's bins, linear or logarithmic; the highest is 1. */
export function heights(bins: readonly number[], isLog: boolean): number[] {
  const scaled = isLog ? bins.map((each) => Math.log1p(each)) : bins;
  const highest = scaled.reduce((most, each) => Math.max(most, each), 0);
  return scaled.map((each) => (highest > 0 ? each / highest : 0));
}

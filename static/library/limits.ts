import type { Limits } from "./types";

const MIB = 1 << 20;

/** The file's is the service's own default; a gibibyte would not fit the memory of many a phone. */
export const LIMITS: Limits = {
  file: 256 * MIB,
  entries: 100_000,
  caption: 10_000,
  title: 200,
  piece: MIB,
  answer: 30_000,
  carry: 120_000,
  pause: 30_000,
  asked: 600_000,
  silence: 60_000,
  loose: 24 * 3_600_000,
};

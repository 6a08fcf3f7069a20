import type { CallPoint, Place } from "../../client/index";
import { PLACES } from "./places";

/** Powers of ten that both axes begin and end at: one scale for both, or "as predicted" would be no diagonal. */
export interface Domain {
  from: number;
  to: number;
}

export interface Tick {
  value: number;
  label: string;
}

/** What is told of a place's calls in words. */
export interface PlaceSummary {
  place: Place;
  calls: number;
  /** Median of actual ÷ predicted. */
  ratio: number;
  /** Share of the calls that took a time within the predicted range. */
  within: number;
}

const SHOWN = 150;
/** Milliseconds; less is the clock's grain. */
const LEAST = 0.1;
const DEFAULT_DOMAIN: Domain = { from: 1, to: 1000 };

/** The calls that are drawn, oldest first: those that gave a result. */
export function marksOf(points: readonly CallPoint[]): CallPoint[] {
  const isDrawn = ({ outcome, predicted, actual }: CallPoint): boolean => outcome === "ok" && predicted > 0 && actual > 0;
  return points.filter(isDrawn).slice(-SHOWN);
}

/** Whole decades around all predictions and times, and two of them at least. Ranges may be cut off. */
export function domainOf(marks: readonly CallPoint[]): Domain {
  const values = marks.flatMap(({ predicted, actual }) => [predicted, actual]).map((value) => Math.max(LEAST, value));
  if (values.length === 0) return DEFAULT_DOMAIN;
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.ceil(Math.log10(Math.max(...values)));
  return { from: 10 ** from, to: 10 ** Math.max(to, from + 2) };
}

/** Where a time lies between the ends of the axis, from 0 to 1; what is outside is put at its end. */
export function position(value: number, { from, to }: Domain): number {
  const share = Math.log(Math.max(value, Number.MIN_VALUE) / from) / Math.log(to / from);
  return Math.min(1, Math.max(0, share));
}

/** A tick at each power of ten. */
export function ticks({ from, to }: Domain): Tick[] {
  const count = Math.round(Math.log10(to / from));
  return Array.from({ length: count + 1 }, (_, index) => {
    const value = from * 10 ** index;
    return { value, label: timeLabel(value) };
  });
}

function timeLabel(value: number): string {
  // Powers of ten that were multiplied are off by a rounding error.
  const exact = Number(value.toPrecision(3));
  return exact < 1000 ? `${exact} ms` : `${exact / 1000} s`;
}

export function summaries(marks: readonly CallPoint[]): PlaceSummary[] {
  return PLACES.flatMap((place) => {
    const own = marks.filter((each) => each.place === place);
    if (own.length === 0) return [];
    const within = own.filter(({ actual, low, high }) => actual >= low && actual <= high).length / own.length;
    return [{ place, calls: own.length, ratio: median(own.map(({ actual, predicted }) => actual / predicted)), within }];
  });
}

/** The middle value, or the geometric mean of the middle two, as befits ratios. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? Math.sqrt(upper * (sorted[middle - 1] ?? NaN)) : upper;
}

import { isRecord } from "../interface";
import { hasNature } from "./nature";
import type { CoefficientRecord, PlannerRecord } from "./types";

const MOST_COEFFICIENTS = 2048;
const LONGEST_KEY = 256;
/** Logarithms: e^60 of anything is no measurement. */
const LARGEST = 60;
const MOST_SAMPLES = 1e4;
const OLDEST = 90 * 24 * 3600 * 1000;

/** The key under which a record is stored. */
export function recordKey(module: string, service: string): string {
  return `eitherside:planner:1:${module}:${service}`;
}

/**
 * Checks a record that came from storage, where anybody may have written it.
 *
 * @returns undefined where it is no record of this version, or one of another module or service. Coefficients that make no sense,
 *   lie in the future or are older than three months are left out.
 */
export function parseRecord(value: unknown, module: string, service: string, now: number): PlannerRecord | undefined {
  if (!isRecord(value) || value.version !== 1 || value.module !== module || value.service !== service) return undefined;
  if (!isRecord(value.coefficients)) return undefined;
  const coefficients: Record<string, CoefficientRecord> = Object.create(null) as Record<string, CoefficientRecord>;
  let count = 0;
  for (const [key, each] of Object.entries(value.coefficients)) {
    if (count >= MOST_COEFFICIENTS) break;
    if (key.length > LONGEST_KEY || !hasNature(key) || !isCoefficient(each, now)) continue;
    coefficients[key] = [each[0], each[1], each[2], each[3]];
    count += 1;
  }
  return { version: 1, module, service, coefficients };
}

function isCoefficient(value: unknown, now: number): value is CoefficientRecord {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((each): each is number => typeof each === "number" && Number.isFinite(each))) {
    return false;
  }
  const [mean = 0, variance = 0, samples = 0, at = 0] = value;
  const isPlausible = Math.abs(mean) <= LARGEST && variance >= 0 && variance <= LARGEST && samples >= 0 && samples <= MOST_SAMPLES;
  return isPlausible && at <= now && at >= now - OLDEST;
}

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apply, RANDOM, type Sequence, type Step, vectors } from "../../bench/vectors";
import { Planner } from "../../client/planner";

const text = readFileSync(new URL("../../../tests/placement/vectors.json", import.meta.url), "utf8");
const file = JSON.parse(text) as { module: string; service: string; random: number; sequences: Sequence[] };

/** Whether two values are the same but for numbers that differ by less than 1e-9 of themselves. */
function agree(found: unknown, expected: unknown): boolean {
  if (typeof found === "number" && typeof expected === "number") return Math.abs(found - expected) <= 1e-9 * Math.max(Math.abs(found), Math.abs(expected));
  if (typeof found !== "object" || typeof expected !== "object" || found === null || expected === null) return found === expected;
  const [one, other] = [found as Record<string, unknown>, expected as Record<string, unknown>];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) => agree(one[key], other[key]));
}

describe("the shared vectors", () => {
  it.each(file.sequences.map((sequence) => [sequence.name, sequence] as const))("hold: %s", (_, { settings, steps }) => {
    let time = 0;
    const planner = new Planner({ surroundings: { now: () => time, random: () => file.random }, module: file.module, service: file.service, settings });
    for (const [index, step] of steps.entries()) {
      time = step.at;
      const found = apply(planner, step);
      const expected = (step as Step & { expect?: unknown }).expect;
      if (!agree(found, expected)) expect.soft({ index, step: step.do, found }).toEqual({ index, step: step.do, found: expected });
    }
  });

  it("are those that the planner gives: node static/scripts/vectors.mjs writes them", () => {
    expect(file.random).toBe(RANDOM);
    expect(text === vectors()).toBe(true);
  });

  it("have every rule of a decision, every outcome and every part", () => {
    const steps = file.sequences.flatMap(({ steps: list }) => list);
    const rules = new Set(steps.flatMap((step) => (step.do === "decide" ? [step.expect.rule] : [])));
    const outcomes = new Set(steps.flatMap((step) => (step.do === "observe" ? [step.observation.outcome] : [])));
    expect([...outcomes].sort()).toEqual(["bad_input", "cancelled", "failed", "lost_race", "memory", "ok", "refused"]);
    expect([...rules].sort()).toEqual(["cheapest", "deadline", "explore", "fastest", "kept", "known", "memory", "none", "only", "trial", "warm"]);
    expect(steps.some((step) => step.do === "decide" && step.expect.ask)).toBe(true);
    expect(steps.some((step) => step.do === "decide" && step.expect.hedge !== null)).toBe(true);
  });
});

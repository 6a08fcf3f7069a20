import { describe, expect, it } from "vitest";

import { ceilingWhy } from "../client/ceilings";
import type { FunctionDescription } from "../client/interface";
import { blend } from "./example";

const strength = { type: "integer", default: 3, untrusted_maximum: 5 };
const fn: FunctionDescription = { ...blend, options: { type: "object", properties: { strength, opacity: { type: "number", default: 1 } } } };

describe("what a service lets everyone set", () => {
  it("is what the module says", () => {
    expect(ceilingWhy(fn, { strength: 5 }, {})).toBeUndefined();
    expect(ceilingWhy(fn, {}, undefined)).toBeUndefined();
    expect(ceilingWhy(fn, { strength: 6 }, {})).toBe("allows no strength above 5");
    expect(ceilingWhy(fn, { strength: "6" }, {})).toBeUndefined();
  });

  it("is what its owner says, where there is such a word", () => {
    expect(ceilingWhy(fn, { strength: 6 }, { strength: 6 })).toBeUndefined();
    expect(ceilingWhy(fn, { strength: 7 }, { strength: 6 })).toBe("would lower the option strength");
    expect(ceilingWhy(fn, {}, { opacity: 0.5 })).toBe("would lower the option opacity");
    expect(ceilingWhy(fn, {}, { nonsense: 0 })).toBeUndefined();
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, evaluate, type Facts } from "../client/cost";

const facts: Facts = {
  options: { effort: 7, distance: 0, name: "x", nothing: null, flag: true },
  schema: { properties: { effort: { default: 3 }, quality: { default: 90 }, bare: {} } },
  inputs: { image: [100, 20], mask: [] },
  measured: { pixels: 1000, frames: null, lossy: false },
};
const value = (expression: unknown): unknown => evaluate(expression, facts);

describe("an expression of the interface", () => {
  it.each([
    [3, 3],
    ["a", "a"],
    [false, false],
    [null, undefined],
    [[1], undefined],
    [Number.NaN, undefined],
    [{ input_bytes: "image" }, 120],
    [{ input_bytes: "mask" }, 0],
    [{ input_bytes: "toString" }, 0],
    [{ count: "image" }, 2],
    [{ count: 3 }, undefined],
    [{ option: "effort" }, 7],
    [{ option: "quality" }, 90],
    [{ option: "quality", else: 1 }, 90],
    [{ option: "bare" }, undefined],
    [{ option: "bare", else: { option: "distance" } }, 0],
    [{ option: "nothing", else: "n" }, "n"],
    [{ option: "constructor", else: 5 }, 5],
    [{ given: "distance" }, true],
    [{ given: "quality" }, false],
    [{ given: "nothing" }, false],
    [{ measured: "pixels" }, 1000],
    [{ measured: "frames", else: 1 }, 1],
    [{ measured: "lossy", else: true }, false],
    [{ measured: "none" }, undefined],
    [{ sum: [1, { count: "image" }] }, 3],
    [{ sum: [] }, 0],
    [{ product: [] }, 1],
    [{ product: [2, 3, 4] }, 24],
    [{ max: [1, 5, 2] }, 5],
    [{ min: [4, 2, 3] }, 2],
    [{ max: [] }, undefined],
    [{ sum: [1, "2"] }, undefined],
    [{ sum: [1, true] }, undefined],
    [{ sum: [1, { measured: "frames" }], else: 9 }, undefined],
    [{ product: [1e300, 1e300] }, undefined],
    [{ choose: { option: "effort" }, from: { "7": "seven" } }, "seven"],
    [{ choose: { option: "flag" }, from: { true: 1, false: 2 } }, 1],
    [{ choose: 7.5, from: { "7.5": 1 } }, 1],
    [{ choose: { option: "name" }, from: { y: 1 }, else: 8 }, 8],
    [{ choose: { option: "bare" }, from: { undefined: 1 }, else: 8 }, 8],
    [{ choose: "a", from: { a: { measured: "frames" } }, else: 8 }, 8],
    [{ choose: "toString", from: {} }, undefined],
    [{ sum: [1], product: [2] }, undefined],
    [{ strange: 1, else: 3 }, undefined],
  ])("%j is %j", (expression, expected) => expect(value(expression)).toBe(expected));

  it("is unknown beyond a depth and a size, and never throws", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i += 1) deep = { sum: [deep] };
    expect(value(deep)).toBeUndefined();
    const wide: unknown = { sum: Array.from({ length: 5000 }, () => 1) };
    expect(value(wide)).toBeUndefined();
    // A product that would double its size at every level if written out.
    let shared: unknown = 1;
    for (let i = 0; i < 50; i += 1) shared = { sum: [shared, shared] };
    expect(value(shared)).toBeUndefined();
  });

  const expression = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 6 },
      fc.oneof(fc.anything(), fc.double(), fc.constantFrom("image", "effort", "pixels", "__proto__")),
      fc.dictionary(
        fc.constantFrom("sum", "product", "max", "min", "choose", "from", "else", "option", "measured", "given", "count", "input_bytes", "x"),
        fc.oneof(tie("any"), fc.array(tie("any"), { maxLength: 4 })),
        { maxKeys: 3 },
      ),
    ),
  })).any;

  it("is a finite number, a text, a boolean or unknown, whatever is given", () => {
    fc.assert(
      fc.property(expression, fc.dictionary(fc.string(), fc.anything()), (each, options) => {
        const found = evaluate(each, { ...facts, options });
        expect(["number", "string", "boolean", "undefined"]).toContain(typeof found);
        if (typeof found === "number") expect(Number.isFinite(found)).toBe(true);
        const cost = costOf({ kind: [each, each], work: each, output_bytes: each, memory: each }, { ...facts, options });
        for (const number of [cost.work, cost.bytesOut, cost.memory]) expect(number === undefined || number >= 0).toBe(true);
        expect(cost.kind.length).toBeLessThanOrEqual(80);
      }),
    );
  });
});

describe("the cost of a call", () => {
  it("has a kind of texts, with a question mark for what is unknown", () => {
    const cost = { kind: [{ option: "effort" }, { measured: "frames" }, "a"], work: { measured: "pixels" }, output_bytes: -1, memory: { count: "image" } };
    expect(costOf(cost, facts)).toEqual({ kind: "7/?/a", work: 1000, bytesOut: undefined, memory: 2 });
  });

  it.each([undefined, null, 3, "x", [], {}, { drivers: [], summary: "" }, { kind: 3, work: {} }])("is unknown for %j", (cost) =>
    expect(costOf(cost, facts)).toEqual({ kind: "", work: undefined, bytesOut: undefined, memory: undefined }),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, blockOf, valuesAt } from "../viewer/model/block";
import { Blocks, regionAt, SIDE, WHOLE_BUDGET } from "../viewer/model/blocks";
import { heights, histograms } from "../viewer/model/histogram";
import { colourText, NOTHING, spoken, valueText } from "../viewer/model/inspected";

const decoded = (more: object): Parameters<typeof blockOf>[0] => ({
  format: "jxl", width: 2, height: 2, channels: 3, type: "u16", bits_per_sample: 10, orientation: 1, intensity_target: 255, colour: {}, complete: true,
  stage: "full", animation: null, frames: [], extra_channels: [], samples: [new Uint16Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 1021, 1022, 1023])], extra: [], ...more,
});

describe("a block of a file's own values", () => {
  it("tells the values of a pixel in the file's depth", () => {
    const block = blockOf(decoded({ extra_channels: [{ type: "depth", name: "range", sample_type: "u16", bits_per_sample: 12 }], extra: [new Uint16Array([9, 8, 7, 4095])] }), { x: 100, y: 50 }, undefined);
    expect(valuesAt(block, { x: 101, y: 51 })).toEqual([
      { name: "red", value: 1021, maximum: 1023 },
      { name: "green", value: 1022, maximum: 1023 },
      { name: "blue", value: 1023, maximum: 1023 },
      { name: "depth “range”", value: 4095, maximum: 4095 },
    ]);
    expect(valuesAt(block, { x: 99, y: 51 })).toBeUndefined();
    expect(valuesAt(block, { x: 100, y: 52 })).toBeUndefined();
  });

  it("has floats as floats, and alpha by its own depth", () => {
    const floats = blockOf(decoded({ type: "f32", channels: 1, width: 1, height: 1, samples: [new Float32Array([-0.25])] }), { x: 0, y: 0 }, undefined);
    expect(valuesAt(floats, { x: 0, y: 0 })).toEqual([{ name: "grey", value: -0.25, maximum: undefined }]);
    const soft = blockOf(decoded({ channels: 2, width: 1, height: 1, samples: [new Uint16Array([500, 255])] }), { x: 0, y: 0 }, 8);
    expect(valuesAt(soft, { x: 0, y: 0 })?.map(valueText)).toEqual(["500 of 1023", "255 of 255"]);
  });
});

describe("what is read for a pixel", () => {
  it("is all of a small picture, and a part of a large one that has the pixel", () => {
    expect(regionAt({ x: 5, y: 5 }, { width: 4000, height: 3000 }, 3)).toEqual([0, 0, 4000, 3000]);
    fc.assert(
      fc.property(fc.integer({ min: 9000, max: 30000 }), fc.integer({ min: 9000, max: 30000 }), fc.double({ min: 0, max: 0.9999, noNaN: true }), fc.double({ min: 0, max: 0.9999, noNaN: true }), (width, height, across, down) => {
        const [x, y] = [Math.floor(width * across), Math.floor(height * down)];
        const [left, top, wide, high] = regionAt({ x, y }, { width, height }, 3);
        expect(wide * high * 3).toBeLessThanOrEqual(Math.min(WHOLE_BUDGET, SIDE * SIDE * 3));
        expect(x - left).toBeGreaterThanOrEqual(0);
        expect(x - left).toBeLessThan(wide);
        expect(y - top).toBeGreaterThanOrEqual(0);
        expect(y - top).toBeLessThan(high);
        expect(left + wide).toBeLessThanOrEqual(width);
        expect(top + high).toBeLessThanOrEqual(height);
      }),
    );
  });

  it("is kept within its limit, the longest unused going first", () => {
    const block = (bytes: number): Block => ({ x: 0, y: 0, width: 1, height: 1, channels: [], samples: new Uint8Array(), interleaved: 0, extra: [], bytes });
    const blocks = new Blocks(100);
    blocks.add("a", block(40));
    blocks.add("b", block(40));
    expect(blocks.get("a")).toBeDefined();
    blocks.add("c", block(40));
    expect(["a", "b", "c"].filter((key) => blocks.get(key))).toEqual(["a", "c"]);
    blocks.add("huge", block(1000));
    expect(["a", "c", "huge"].filter((key) => blocks.get(key))).toEqual(["huge"]);
  });
});

describe("words of a pixel", () => {
  it("are short to read, and whole to hear", () => {
    expect(colourText([255, 0, 16, 255])).toBe("#ff0010");
    expect(colourText([255, 0, 16, 128])).toBe("#ff0010, alpha 128");
    expect(valueText({ name: "grey", value: 1 / 3, maximum: undefined })).toBe("0.333333");
    expect(spoken({ ...NOTHING, pixel: { x: 3, y: 4 }, values: [{ name: "red", value: 7, maximum: 255 }], shown: [7, 0, 0, 255] })).toBe("Column 3, row 4; red 7 of 255; shown as #070000");
    expect(spoken(NOTHING)).toBe("");
  });
});

describe("histograms", () => {
  it("count every sample once", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1023 }), { minLength: 1, maxLength: 200 }), (values) => {
        const block = blockOf(decoded({ width: values.length, height: 1, channels: 1, samples: [new Uint16Array(values)] }), { x: 0, y: 0 }, undefined);
        const [grey] = histograms(block);
        expect(grey?.bins).toHaveLength(256);
        expect(grey?.bins.reduce((sum, each) => sum + each, 0)).toBe(values.length);
        expect(grey?.smallest).toBe(Math.min(...values));
        expect(grey?.largest).toBe(Math.max(...values));
        expect(grey?.bins[Math.floor((values[0] ?? 0) / 4)]).toBeGreaterThan(0);
      }),
    );
  });

  it("have a bin for each value of a shallow file", () => {
    const block = blockOf(decoded({ bits_per_sample: 1, type: "u8", width: 4, height: 1, channels: 1, samples: [new Uint8Array([0, 1, 1, 1])] }), { x: 0, y: 0 }, undefined);
    expect(histograms(block)[0]?.bins).toEqual([1, 3]);
  });

  it("take floats that are beyond 0 to 1, or no numbers", () => {
    const samples = new Float32Array([-1, 0.5, 3, NaN, Infinity]);
    const block = blockOf(decoded({ type: "f32", width: 5, height: 1, channels: 1, samples: [samples] }), { x: 0, y: 0 }, undefined);
    const [grey] = histograms(block);
    expect(grey).toMatchObject({ from: -1, to: 3, smallest: -1, largest: 3, others: 2 });
    expect(grey?.bins.reduce((sum, each) => sum + each, 0)).toBe(3);
    expect([grey?.bins[0], grey?.bins.at(-1)]).toEqual([1, 1]);
  });

  it("are drawn linear or logarithmic", () => {
    expect(heights([0, 1, 99], false)).toEqual([0, 1 / 99, 1]);
    const [none, few, most] = heights([0, 1, 99], true);
    expect([none, most]).toEqual([0, 1]);
    expect(few).toBeGreaterThan(0.1);
    expect(heights([0, 0], true)).toEqual([0, 0]);
  });
});

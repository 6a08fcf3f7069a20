import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../client/hash";
import { bitsPerPixel, compression } from "../viewer/model/facts";
import { bytes, milliseconds, percent, savedName } from "../viewer/model/format";
import { frameAt } from "../viewer/model/picture";
import { offered } from "../viewer/view/fields";

describe("numbers", () => {
  it("read well", () => {
    expect([0, 999, 1000, 12345, 388268, 2690000, 1e12].map(bytes)).toEqual(["0 B", "999 B", "1.00 kB", "12.3 kB", "388 kB", "2.69 MB", "1.00 TB"]);
    expect([0.04, 12.3, 999, 1500].map(milliseconds)).toEqual(["0.0 ms", "12 ms", "999 ms", "1.50 s"]);
    expect([0.0125, 0.5, 64].map(percent)).toEqual(["1.3 %", "50 %", "6400 %"]);
  });

  it("names a saved file after its source", () => {
    expect(savedName("a.b.jpeg", "jxl")).toBe("a.b.jxl");
    expect(savedName("noend", "png")).toBe("noend.png");
    expect(savedName(".jxl", "png")).toBe("image.png");
  });

  it("counts bits per pixel over all frames", () => {
    expect(bitsPerPixel(1000, { width: 100, height: 10, frames: [{}, {}] })).toBe("4.00");
  });
});

describe("compression", () => {
  it("is told by what the file is", () => {
    expect(compression({ format: "jpeg" })).toContain("lossy");
    expect(compression({ format: "png" })).toBe("lossless");
    expect(compression({ format: "jxl", xyb: true })).toBe("lossy (XYB)");
    expect(compression({ format: "jxl", xyb: false })).toContain("lossless");
    expect(compression({ format: "jxl", xyb: false, jpeg_reconstruction: true })).toContain("restored exactly");
  });
});

describe("frameAt", () => {
  it("finds the frame that shows at a time, over and over", () => {
    expect(frameAt([0.1, 0.2], 0.05).index).toBe(0);
    expect(frameAt([0.1, 0.2], 0.15).index).toBe(1);
    expect(frameAt([0.1, 0.2], 0.35).index).toBe(0);
    expect(frameAt([0, 0], 5)).toEqual({ index: 0, left: Infinity });
  });

  it("always names a frame", () => {
    const durations = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1e6, noNaN: true }), (all, seconds) => {
        const { index, left } = frameAt(all, seconds);
        expect(all[index]).toBeDefined();
        expect(left).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("offered options", () => {
  it("are those that a form can ask for", () => {
    const schema = {
      properties: {
        target: { enum: ["a"], format_option: true },
        bound: { type: "integer", unit: "pixels" },
        list: { type: "array" },
        effort: { type: "integer" },
        exact: { type: "boolean" },
        mode: { type: "string", enum: ["x", "y"] },
      },
    };
    expect(offered(schema).map(([name]) => name)).toEqual(["effort", "exact", "mode"]);
  });
});

describe("sha256", () => {
  it("is the same with and without the platform's own", async () => {
    const data = new TextEncoder().encode("abc");
    const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(await sha256(data)).toBe(expected);
    const own = Object.getOwnPropertyDescriptor(globalThis, "crypto") ?? {};
    Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
    try {
      expect(await sha256(data)).toBe(expected);
      expect(await sha256(data.buffer)).toBe(expected);
    } finally {
      Object.defineProperty(globalThis, "crypto", own);
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../client/hash";
import type { InspectResult } from "../client/index";
import { bitsPerPixel, compression, facts } from "../viewer/model/facts";
import { bytes, milliseconds, percent, savedName } from "../viewer/model/format";
import { frameAt } from "../viewer/model/picture";

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

describe("facts", () => {
  const found = {
    format: "jxl", width: 2048, height: 100, bits_per_sample: 16, exponent_bits: 5, colour_channels: 3, orientation: 6,
    colour: { space: "rgb", primaries: "p3", transfer_function: "pq", white_point: "d65", icc_bytes: 3000 },
    animation: { loops: 0 }, frames: [{ duration: 0.5 }, { duration: 0.25 }], preview: null, xyb: true,
    extra_channels: [{ type: "alpha", name: "mask", bits_per_sample: 8, premultiplied: true }],
    boxes: [{ type: "Exif", bytes: 1500 }],
  } as unknown as InspectResult;
  const lines = (more: object): Map<string, string> =>
    new Map(facts({ name: "a", size: 100 }, { ...found, ...more }, "JPEG XL").map(({ label, value }) => [label, value]));

  it("tell what the file says", () => {
    expect(Object.fromEntries(lines({}))).toMatchObject({
      Size: "2\u202f048 × 100 pixels",
      Depth: "16 bits per sample floating point (5 exponent bits)",
      Colour: "3 channels; RGB; primaries P3; transfer function PQ; white point D65",
      "ICC profile": "3.00 kB",
      Frames: "2, 0.75 s, for ever",
      "Extra channels": "alpha “mask”, 8 bits premultiplied",
      Orientation: "6: turned by 90°",
      Boxes: "Exif 1.50 kB",
    });
  });

  it("tell how a file is made", () => {
    const told = lines({
      format: "jxl",
      metadata: { exif: { bytes: 138, orientation: 6 }, xmp: { bytes: null }, jumbf: 2, gain_map: { width: 20, height: 10 } },
      codestream_frames: [
        { displayed: false, encoding: "modular", flags: [] },
        { displayed: true, encoding: "vardct", flags: ["patches", "skip_dc_smoothing"], passes: { count: 3 } },
      ],
      boxes: [{ type: "jxlp", bytes: 10 }, { type: "xml ", bytes: 500 }, { type: "jxlp", bytes: 20 }],
      colour: { space: "rgb", primaries: "custom", transfer_function: "srgb", white_point: "d65", red_xy: [0.6, 0.3], icc_embedded: false },
    });
    expect(told.get("Metadata")).toBe("Exif, 138 B; XMP; JUMBF, 2 boxes; gain map, 20 × 10 pixels");
    expect(told.get("Coding")).toBe("VarDCT; 3 passes; patches; 1 frame not shown");
    expect(told.get("Boxes")).toBe("2 × jxlp 30 B; xml 500 B");
    expect(told.get("Colour")).toBe("3 channels; RGB; primaries custom; transfer function sRGB; white point D65");
    const jpeg = lines({ format: "jpeg", jpeg: { process: "progressive", chroma_subsampling: "4:2:0" }, boxes: [{ type: "APP1", bytes: 9, contents: "Exif" }] });
    expect(jpeg.get("Coding")).toBe("progressive; 4:2:0");
    expect(jpeg.get("Segments")).toBe("APP1 (Exif) 9 B");
  });

  it("leave out what is not there", () => {
    const plain = lines({ orientation: 1, boxes: [], extra_channels: [], animation: null, frames: [{}], colour: { space: "rgb", primaries: "srgb", transfer_function: "srgb", white_point: "d65" } });
    expect([...plain.keys()]).not.toContain("Orientation");
    expect([...plain.keys()]).not.toContain("Boxes");
    expect(plain.get("Colour")).toBe("sRGB");
    expect(plain.get("Frames")).toBe("1, still");
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

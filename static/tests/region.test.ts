import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caption, change, estimate, lines, NO_PREVIEW, VIEWS } from "../viewer/model/preview";
import { cropped, middleOf, regionOf } from "../viewer/model/region";

const size = fc.record({ width: fc.integer({ min: 1, max: 40000 }), height: fc.integer({ min: 1, max: 40000 }) });
const coordinate = fc.double({ min: -5e4, max: 5e4, noNaN: true });

describe("the visible region", () => {
  it("is whole pixels of the image", () => {
    const image = { width: 100, height: 50 };
    expect(regionOf([{ x: 10.2, y: -3 }, { x: 30.1, y: 60 }], image)).toEqual({ x: 10, y: 0, width: 21, height: 50 });
    expect(regionOf([{ x: 120, y: 0 }, { x: 130, y: 10 }], image)).toBeUndefined();
    fc.assert(
      fc.property(size, fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 1, maxLength: 4 }), (whole, points) => {
        const region = regionOf(points, whole);
        if (!region) return;
        expect(region.x).toBeGreaterThanOrEqual(0);
        expect(region.y).toBeGreaterThanOrEqual(0);
        expect(region.x + region.width).toBeLessThanOrEqual(whole.width);
        expect(region.y + region.height).toBeLessThanOrEqual(whole.height);
        expect(Math.min(region.width, region.height)).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it("has a middle of so many pixels at most", () => {
    expect(middleOf({ x: 10, y: 20, width: 100, height: 100 }, 2500)).toEqual({ x: 35, y: 45, width: 50, height: 50 });
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 2e6 }), ({ width, height }, most) => {
        const middle = middleOf({ x: 0, y: 0, width, height }, most);
        expect(middle.width * middle.height).toBeLessThanOrEqual(Math.max(most, 1));
        expect(middle.x + middle.width).toBeLessThanOrEqual(width);
        expect(middle.y + middle.height).toBeLessThanOrEqual(height);
      }),
    );
  });

  it("is cut out of interleaved samples", () => {
    const samples = Uint16Array.from({ length: 4 * 3 * 2 }, (_, index) => index);
    expect([...cropped(samples, { width: 4, height: 3 }, 2, { x: 1, y: 1, width: 2, height: 2 })]).toEqual([10, 11, 12, 13, 18, 19, 20, 21]);
    expect([...cropped(samples, { width: 4, height: 3 }, 2, { x: 0, y: 2, width: 4, height: 1 })]).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
    expect(samples).toHaveLength(24);
  });
});

describe("what the preview tells", () => {
  const outcome = { title: "JPEG XL", bytes: 5000, estimate: 20000, source: 40000, carried: undefined, distance: 1, place: "local", milliseconds: 120 } as const;
  const scores = { identical: false, butteraugli: 1.234, butteraugli_3norm: 0.5, ssimulacra2: 88.25, psnr: 41.05 };
  const region = { x: 0, y: 0, width: 20, height: 10 };

  it("is the part, and the whole as an estimate", () => {
    const told = lines({ ...NO_PREVIEW, state: "done", region, outcome, scores }, (field) => field);
    expect(told.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      "This part: 5.00 kB, 20 × 10 pixels", "Whole file: about 20.0 kB (−50 %), an estimate", "distance: 1",
      "ssimulacra2: 88.3", "butteraugli: 1.23", "psnr: 41.0", "Ran: in this browser, 120 ms",
    ]);
    const captions = VIEWS.map((view) => caption({ ...NO_PREVIEW, outcome, scores }, view, (field) => field));
    expect(captions).toEqual(["", "JPEG XL, 5.00 kB, ssimulacra2 88.3", "Difference, ssimulacra2 88.3, butteraugli 1.23"]);
  });

  it("is the whole where JPEG data is carried over", () => {
    const told = lines({ ...NO_PREVIEW, outcome: { ...outcome, bytes: 32000, estimate: undefined, carried: "exact", distance: undefined } }, (field) => field);
    expect(told[0]?.value).toBe("32.0 kB (−20 %)");
    expect(told[1]?.value).toContain("bit for bit");
  });

  it("says where there is no loss", () => {
    const same = { identical: true, butteraugli: 0, butteraugli_3norm: 0, ssimulacra2: 100, psnr: null };
    expect(lines({ ...NO_PREVIEW, region, outcome, scores: same }, (field) => field).map(({ label }) => label)).toContain("identical");
  });

  it("estimates in proportion", () => {
    expect(estimate(100, region, 1000)).toBe(500);
    expect([change(50, 100), change(100, 100), change(130, 100), change(5, 0)]).toEqual(["−50 %", "±0 %", "+30 %", ""]);
  });
});

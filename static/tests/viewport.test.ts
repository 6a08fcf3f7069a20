import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clamp, fit, MAXIMUM_SCALE, panBy, step, toCanvas, toImage, type Viewport, zoomTo } from "../viewer/model/viewport";

const size = fc.record({ width: fc.integer({ min: 1, max: 40000 }), height: fc.integer({ min: 1, max: 40000 }) });
const view = fc.record({ width: fc.integer({ min: 50, max: 4000 }), height: fc.integer({ min: 50, max: 4000 }) });
const wild: fc.Arbitrary<Viewport> = fc.record({
  x: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  y: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  scale: fc.double({ min: 1e-4, max: 1e3, noNaN: true }),
  fitted: fc.boolean(),
});

describe("the viewport", () => {
  it("fits the whole image and enlarges none", () => {
    fc.assert(
      fc.property(size, view, (image, canvas) => {
        const fitted = fit(image, canvas);
        expect(fitted.scale).toBeLessThanOrEqual(1);
        expect(image.width * fitted.scale).toBeLessThanOrEqual(canvas.width * (1 + 1e-9));
        expect(image.height * fitted.scale).toBeLessThanOrEqual(canvas.height * (1 + 1e-9));
      }),
    );
  });

  it("never loses the image out of sight", () => {
    fc.assert(
      fc.property(size, view, wild, (image, canvas, viewport) => {
        const clamped = clamp(viewport, image, canvas);
        expect(clamped.scale).toBeLessThanOrEqual(MAXIMUM_SCALE);
        expect(clamped.x).toBeGreaterThanOrEqual(0);
        expect(clamped.x).toBeLessThanOrEqual(image.width);
        expect(clamped.y).toBeGreaterThanOrEqual(0);
        expect(clamped.y).toBeLessThanOrEqual(image.height);
        expect(clamp(clamped, image, canvas)).toEqual(clamped);
      }),
    );
  });

  it("converts points there and back", () => {
    fc.assert(
      fc.property(view, wild, fc.record({ x: fc.nat(4000), y: fc.nat(4000) }), (canvas, viewport, point) => {
        const back = toCanvas(viewport, toImage(viewport, point, canvas), canvas);
        expect(back.x).toBeCloseTo(point.x, 3);
        expect(back.y).toBeCloseTo(point.y, 3);
      }),
    );
  });

  it("keeps the point under the pointer in its place while zooming in", () => {
    const image = { width: 4000, height: 3000 };
    const canvas = { width: 800, height: 600 };
    const pointer = { x: 500, y: 350 };
    const before = { x: 2000, y: 1500, scale: 1, fitted: false };
    const after = zoomTo(before, 4, pointer, image, canvas);
    expect(toImage(after, pointer, canvas)).toEqual(toImage(before, pointer, canvas));
    expect(after).toMatchObject({ scale: 4, fitted: false });
  });

  it("moves with the pointer, up to the edge", () => {
    const image = { width: 1000, height: 1000 };
    const canvas = { width: 500, height: 500 };
    const start = { x: 500, y: 500, scale: 2, fitted: false };
    expect(panBy(start, 100, -40, image, canvas)).toMatchObject({ x: 450, y: 520 });
    expect(panBy(start, 1e6, 1e6, image, canvas)).toMatchObject({ x: 125, y: 125 });
  });

  it("steps through one to one", () => {
    expect(step(step(1, 1), -1)).toBeCloseTo(1);
    expect(step(0.9, 1)).toBe(1);
    expect(step(1.1, -1)).toBe(1);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 60, noNaN: true }), (scale) => {
        expect(step(scale, 1)).toBeGreaterThan(scale);
        expect(step(scale, -1)).toBeLessThan(scale);
      }),
    );
  });
});

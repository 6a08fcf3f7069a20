import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flipped, placement, rotated, toTurned, toUpright, type Turn, turnedSize, turnName, UPRIGHT } from "../viewer/model/turning";

const turns = fc.record<Turn>({ quarters: fc.constantFrom(0, 1, 2, 3), mirrored: fc.boolean() });
const sizes = fc.record({ width: fc.integer({ min: 1, max: 9000 }), height: fc.integer({ min: 1, max: 9000 }) });
const points = fc.record({ x: fc.integer({ min: 0, max: 9000 }), y: fc.integer({ min: 0, max: 9000 }) });

describe("turning", () => {
  it("goes round after four quarters", () => {
    fc.assert(
      fc.property(turns, (turn) => {
        expect(rotated(rotated(rotated(rotated(turn, 1), 1), 1), 1)).toEqual(turn);
        expect(rotated(rotated(turn, 1), -1)).toEqual(turn);
        expect(flipped(flipped(turn))).toEqual(turn);
      }),
    );
  });

  it("turns clockwise, and mirrors what is seen", () => {
    const size = { width: 30, height: 20 };
    expect(toTurned({ x: 0, y: 0 }, size, rotated(UPRIGHT, 1))).toEqual({ x: 20, y: 0 });
    expect(turnedSize(size, rotated(UPRIGHT, 1))).toEqual({ width: 20, height: 30 });
    fc.assert(
      fc.property(turns, sizes, points, (turn, of, point) => {
        const before = toTurned(point, of, turn);
        expect(toTurned(point, of, flipped(turn))).toEqual({ x: turnedSize(of, turn).width - before.x, y: before.y });
      }),
    );
  });

  it("converts points there and back", () => {
    fc.assert(
      fc.property(turns, sizes, points, (turn, size, point) => {
        expect(toUpright(toTurned(point, size, turn), size, turn)).toEqual(point);
      }),
    );
  });

  it("places a picture so that its corners fall where they belong", () => {
    const edges = { left: 5, top: 7, right: 45, bottom: 67 };
    fc.assert(
      fc.property(turns, (turn) => {
        const { matrix: [a, b, c, d, e, f], width, height } = placement(edges, turn);
        for (const [x, y] of [[0, 0], [width, 0], [0, height], [width, height]] as const) {
          const corner = toTurned({ x, y }, { width, height }, turn);
          expect({ x: a * x + c * y + e, y: b * x + d * y + f }).toEqual({ x: corner.x + edges.left, y: corner.y + edges.top });
        }
      }),
    );
  });

  it("has names", () => {
    expect(turnName(UPRIGHT)).toBe("");
    expect(turnName({ quarters: 1, mirrored: false })).toBe("turned by 90°");
    expect(turnName({ quarters: 2, mirrored: true })).toBe("mirrored and turned by 180°");
  });
});

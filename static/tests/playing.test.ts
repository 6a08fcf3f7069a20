import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginningOf, otherSpeed, playsOf, shownAt, SPEEDS, timing } from "../viewer/model/playing";

describe("an animation", () => {
  it("ends after as many rounds as it is to play", () => {
    const durations = [0.1, 0.2];
    expect(shownAt(durations, 0.25, 1)).toEqual({ frame: 1, isOver: false });
    expect(shownAt(durations, 0.31, 1)).toEqual({ frame: 1, isOver: true });
    expect(shownAt(durations, 0.35, 2)).toEqual({ frame: 0, isOver: false });
    expect(shownAt(durations, 1e6, 0).isOver).toBe(false);
  });

  it("goes on where it was", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), fc.nat(), (hundredths, at) => {
        const durations = hundredths.map((each) => each / 100);
        const frame = at % durations.length;
        expect(shownAt(durations, beginningOf(durations, frame) + 0.001, 0).frame).toBe(frame);
      }),
    );
  });

  it("without times has times nevertheless", () => {
    expect(timing([0, 0])).toEqual([0.1, 0.1]);
    expect(timing([0, 0.5])).toEqual([0, 0.5]);
  });

  it("has speeds and loops to choose from", () => {
    expect(otherSpeed(1, 1)).toBe(2);
    expect(otherSpeed(Math.max(...SPEEDS), 1)).toBe(Math.max(...SPEEDS));
    expect(otherSpeed(Math.min(...SPEEDS), -1)).toBe(Math.min(...SPEEDS));
    expect([playsOf("file", 3), playsOf("once", 3), playsOf("forever", 3)]).toEqual([3, 1, 0]);
  });
});

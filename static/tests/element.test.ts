import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dimensionOf, nameOf, placesOf } from "../element/attributes";
import { Budget } from "../element/budget";
import { needed, rules } from "../element/layout";
import { isJpegXl } from "../element/signature";
import { momentAt } from "../element/timeline";
import { Turns } from "../element/turns";

describe("the attributes of an image", () => {
  it("name places in order; a service is none unless it is named, as it would be sent the file", () => {
    expect(placesOf(null)).toEqual({ places: ["native", "local"], unknown: [] });
    expect(placesOf(" server  LOCAL server ")).toEqual({ places: ["server", "local"], unknown: [] });
    expect(placesOf("locally")).toEqual({ places: ["native", "local"], unknown: ["locally"] });
    fc.assert(fc.property(fc.string(), (text) => {
      const { places } = placesOf(text);
      expect(places.length).toBeGreaterThan(0);
      if (!/server/i.test(text)) expect(places).not.toContain("server");
    }));
  });

  it("tell lengths by HTML's rules", () => {
    expect(["400", " 50.5% ", "12px", "0", "", "px", "-3", null].map(dimensionOf)).toEqual([
      { value: 400, unit: "px" }, { value: 50.5, unit: "%" }, { value: 12, unit: "px" }, { value: 0, unit: "px" },
      undefined, undefined, undefined, undefined,
    ]);
  });

  it("lend the file's name where there is no description", () => {
    expect(["a/b%20c.jxl?x#y", "https://h.example/", "data:image/jxl,abc", "%E0%A4%A.jxl", "/x/"].map(nameOf)).toEqual(["b c.jxl", "h.example", "", "%E0%A4%A.jxl", "x"]);
    fc.assert(fc.property(fc.string(), (text) => void nameOf(text)));
  });
});

describe("the room of an image", () => {
  const shape = { width: null, height: null, natural: undefined, isText: false };

  it("is kept by its attributes, then by its header", () => {
    expect(rules({ ...shape, width: "400", height: "300" })).toBe(":host { width: 400px; height: 300px; aspect-ratio: auto 400 / 300; }");
    const natural = { width: 20, height: 10 };
    expect(rules({ ...shape, width: "400", height: "300", natural })).toContain("width: 400px; height: 300px; aspect-ratio: auto 20 / 10;");
    expect(rules({ ...shape, natural })).toContain("canvas { contain: size; contain-intrinsic-size: 20px 10px;");
    expect(rules({ ...shape, width: "50%", height: "0" })).toContain("width: 50%; height: 0px; aspect-ratio: auto;");
    expect(rules({ ...shape, natural, isText: true })).toBe(":host { width: auto; height: auto; contain: none; }");
  });

  it("tells how many of its pixels are needed", () => {
    const natural = { width: 4000, height: 2000 };
    const box = { width: 1000, height: 1000 };
    expect(needed(box, natural, "fill")).toEqual({ width: 2000, height: 1000 });
    expect(needed(box, natural, "cover")).toEqual({ width: 2000, height: 1000 });
    expect(needed(box, natural, "contain")).toEqual({ width: 1000, height: 500 });
    expect(needed(box, natural, "none")).toBeUndefined();
    expect(needed({ width: 3500, height: 100 }, natural, "fill")).toBeUndefined();
    expect(needed({ width: 0, height: 0 }, natural, "fill")).toBeUndefined();
    const side = fc.integer({ min: 1, max: 20_000 });
    fc.assert(fc.property(side, side, side, side, fc.constantFrom("fill", "cover", "contain", "scale-down"), (width, height, w, h, fit) => {
      const found = needed({ width, height }, { width: w, height: h }, fit);
      if (!found) return;
      // Never more than there are, never fewer than are shown.
      expect(found.width).toBeLessThanOrEqual(w);
      expect(found.height).toBeLessThanOrEqual(h);
      const least = fit === "fill" || fit === "cover" ? Math.max(width / w, height / h) : Math.min(width / w, height / h);
      expect(found.width).toBeGreaterThanOrEqual(Math.floor(w * least));
    }));
  });
});

describe("an animation's timeline", () => {
  it("shows each frame for its time, as often as is asked for, and holds the last", () => {
    const at = (seconds: number, loops = 2, isWhole = true): number => momentAt([0.1, 0, 0.3], seconds, loops, isWhole).index;
    expect([0, 0.09, 0.11, 0.39, 0.41, 0.79, 0.81, 99].map((each) => at(each))).toEqual([0, 0, 2, 2, 0, 2, 2, 2]);
    expect(momentAt([0.1, 0.3], 0.81, 2, true)).toEqual({ index: 1, left: Infinity, isOver: true });
    expect(momentAt([0.1, 0.3], 4.01, 0, true).index).toBe(0);
  });

  it("waits for frames that have not come", () => {
    expect(momentAt([0.1], 5, 0, false)).toEqual({ index: 0, left: Infinity, isOver: false });
    expect(momentAt([], 5, 0, false).index).toBe(0);
    expect(momentAt([0, 0], 5, 0, true)).toEqual({ index: 1, left: Infinity, isOver: true });
  });

  it("always tells a frame that there is, and when to look again", () => {
    const durations = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(fc.property(durations, fc.double({ min: 0, max: 1000, noNaN: true }), fc.nat(5), fc.boolean(), (all, seconds, loops, isWhole) => {
      const { index, left } = momentAt(all, seconds, loops, isWhole);
      expect(index).toBeGreaterThanOrEqual(0);
      expect(index).toBeLessThan(all.length);
      expect(left).toBeGreaterThanOrEqual(0);
    }));
  });
});

describe("turns", () => {
  const never = new AbortController().signal;
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  it("are taken by a few at a time; who is urgent goes first, who leaves is passed over", async () => {
    const turns = new Turns(1);
    const end = await turns.take(() => false, never);
    const order: string[] = [];
    const take = async (name: string, isUrgent: boolean, signal = never): Promise<void> => {
      const done = await turns.take(() => isUrgent, signal);
      order.push(name);
      done();
      // Twice is once.
      done();
    };
    const leaving = new AbortController();
    const gone = take("gone", true, leaving.signal);
    const others = [take("first", false), take("urgent", true), take("last", false)];
    leaving.abort(new Error("left"));
    await expect(gone).rejects.toThrow("left");
    await settle();
    expect(order).toEqual([]);
    end();
    await Promise.all(others);
    expect(order).toEqual(["urgent", "first", "last"]);
    await expect(turns.take(() => true, leaving.signal)).rejects.toThrow("left");
  });
});

describe("the memory of a page's pictures", () => {
  it("is bounded: those out of sight give theirs up, the oldest first", () => {
    const given: string[] = [];
    const holder = (name: string, isNear: boolean) => ({ isNear, evict: () => void given.push(name) });
    const budget = new Budget(100);
    const [near, old, young] = [holder("near", true), holder("old", false), holder("young", false)];
    budget.hold(near, 60);
    budget.hold(old, 30);
    expect([budget.bytes, given]).toEqual([90, []]);
    budget.hold(young, 30);
    expect([budget.bytes, given]).toEqual([90, ["old"]]);
    // Touched again, and larger by now.
    budget.hold(near, 90);
    expect([budget.bytes, given]).toEqual([90, ["old", "young"]]);
    near.isNear = false;
    budget.hold(holder("new", true), 20);
    expect(given.at(-1)).toBe("near");
    budget.release(near);
    expect(budget.bytes).toBe(20);
  });
});

describe("a file's beginning", () => {
  it("tells JPEG XL from other formats, as far as it goes", () => {
    const container = [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 13, 10, 0x87, 10, 1];
    const found = [[255, 10], [255, 10, 3], container, container.slice(0, 5), [255, 0xd8], [0x89, 0x50], [0, 0, 0, 12, 0x6a]].map((each) => isJpegXl(Uint8Array.from(each)));
    expect(found).toEqual([true, true, true, true, false, false, false]);
  });
});

describe("on a server that renders pages", () => {
  it("the element can be imported, and does nothing", async () => {
    const { EithersideImage } = await import("../element/index");
    expect(EithersideImage.observedAttributes).toContain("src");
    EithersideImage.service = "https://codec.example/";
  });
});

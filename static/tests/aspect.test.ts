import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL, aspectName, aspectOptions, buffersOf, isAll, partsOf } from "../viewer/model/aspect";
import { grey, opaque } from "../viewer/model/channels";
import { composed, type StoredLayer } from "../viewer/model/layers";
import { highRange, rangeLabel } from "../viewer/model/range";

const layer = (colour: [number, number, number, number], more: Partial<StoredLayer>): StoredLayer => ({
  samples: new Uint8Array(colour), x: 0, y: 0, width: 1, height: 1, blend: "replace", alphaBlend: "replace", source: 0, slot: 0, ...more,
});

describe("parts of a file", () => {
  it("are its extra channels, and the layers of a still picture", () => {
    const frame = (name: string): object => ({ type: "regular", name, width: 4, height: 3, x: 1, y: 0, blending: { mode: "blend" } });
    const found = { extra_channels: [{ type: "depth", name: "range", bits_per_sample: 16, exponent_bits: 5 }], codestream_frames: [frame("sky"), { type: "dc" }, frame("")] };
    const parts = partsOf({ ...found, frames: [{}] } as Parameters<typeof partsOf>[0]);
    expect(parts.channels).toEqual([{ type: "depth", name: "range", depth: "16 bits, floating point" }]);
    expect(parts.layers).toEqual([
      { name: "sky", told: "4 × 3 at 1, 0; blend" },
      { name: "Layer 2", told: "4 × 3 at 1, 0; blend" },
    ]);
    expect(partsOf({ ...found, frames: [{}, {}] } as Parameters<typeof partsOf>[0]).layers).toEqual([]);
  });

  it("are asked for by options", () => {
    const channels = [{ type: "alpha", name: "", depth: "" }, { type: "depth", name: "", depth: "" }];
    expect(isAll(ALL)).toBe(true);
    expect(aspectOptions({ ...ALL, shows: 1 }, channels)).toMatchObject({ extra: ["depth"] });
    expect(aspectOptions({ ...ALL, hasSpots: false }, channels)).toEqual({ spot: "keep" });
    expect(aspectOptions({ ...ALL, hidden: new Set([1]) }, channels)).toMatchObject({ coalesce: false });
    expect(buffersOf({ extra_channels: [{ channel: 0 }, { channel: 1 }, { channel: 0 }, { channel: 1 }] }, 1)).toEqual([1, 3]);
  });

  it("have names", () => {
    const parts = { channels: [{ type: "spot", name: "gold", depth: "" }, { type: "selection_mask", name: "", depth: "" }], layers: [{ name: "sky", told: "" }] };
    expect(aspectName(ALL, parts)).toBe("everything");
    expect([0, 1].map((shows) => aspectName({ ...ALL, shows }, parts))).toEqual(["“gold” alone", "selection mask alone"]);
    expect(aspectName({ shows: "opaque", hasSpots: false, hidden: new Set([0]) }, parts)).toBe("without alpha, spot colours, sky");
  });

  it("become pixels", () => {
    expect([...grey(new Uint8Array([7, 200]))]).toEqual([7, 7, 7, 255, 200, 200, 200, 255]);
    expect([...opaque(new Uint8ClampedArray([1, 2, 3, 0]))]).toEqual([1, 2, 3, 255]);
  });
});

describe("layers", () => {
  const one = { width: 1, height: 1 };

  it("are laid onto each other, but for those hidden", () => {
    const both = [layer([100, 0, 0, 255], { slot: 1 }), layer([0, 0, 200, 128], { blend: "blend", alphaBlend: "blend", source: 1 })];
    expect([...composed(both, new Set(), one)]).toEqual([50, 0, 100, 255]);
    expect([...composed(both, new Set([1]), one)]).toEqual([100, 0, 0, 255]);
    expect([...composed(both, new Set([0]), one)]).toEqual([0, 0, 200, 128]);
    expect([...composed(both, new Set([0, 1]), one)]).toEqual([0, 0, 0, 0]);
  });

  it("are added and multiplied", () => {
    const onto = (blend: string): number[] => [...composed([layer([100, 50, 0, 255], { slot: 2 }), layer([51, 102, 204, 51], { blend, alphaBlend: blend, source: 2 })], new Set(), one)];
    expect(onto("add")).toEqual([151, 152, 204, 255]);
    expect(onto("mul")).toEqual([20, 20, 0, 51]);
    expect(onto("muladd")).toEqual([110, 70, 41, 255]);
  });

  it("may reach beyond the picture on any side", () => {
    fc.assert(
      fc.property(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }), (x, y) => {
        const samples = new Uint8Array(3 * 3 * 4).fill(255);
        const extent = { width: 4, height: 4 };
        const made = composed([layer([0, 0, 0, 0], { samples, x, y, width: 3, height: 3 })], new Set(), extent);
        for (let at = 0; at < 16; at += 1) {
          const [column, row] = [at % 4, Math.floor(at / 4)];
          const isUnder = column >= x && column < x + 3 && row >= y && row < y + 3;
          expect(made[at * 4 + 3]).toBe(isUnder ? 255 : 0);
        }
      }),
    );
  });
});

describe("a high dynamic range", () => {
  const pq = { colour: { transfer_function: "pq" }, intensity_target: 4000 };

  it("is one of PQ, HLG or a bright picture", () => {
    expect(highRange(pq)).toEqual({ peak: 4000, isMapped: true });
    expect(highRange({ colour: { transfer_function: "srgb" }, intensity_target: 255 })).toBeUndefined();
    expect(highRange({ colour: { transfer_function: "linear" }, intensity_target: 1000 })).toEqual({ peak: 1000, isMapped: false });
  });

  it("is told of, with what is done to it", () => {
    const range = { peak: 4000, isMapped: true };
    expect(rangeLabel(range, { how: "hdr" }, undefined).text).toBe("HDR, up to 4000 cd/m²");
    const mapped = rangeLabel(range, { how: "mapped", to: 255, why: "No HDR." }, undefined);
    expect(mapped.text).toBe("Tone-mapped, 4000 → 255 cd/m²");
    expect(mapped.title).toContain("BT.2408");
    expect(mapped.title).toContain("No HDR.");
  });
});

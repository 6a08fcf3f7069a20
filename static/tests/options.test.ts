import fc from "fast-check";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { type FunctionDescription, type Interface, readInterface, type Schema } from "../client/interface";
import { callOptions, checked } from "../viewer/model/choice";
import { isAllowed, isFound, kindOf, marks, type Offer, offered, offerOf, optionsIn, presets, usual } from "../viewer/model/options";

let description: Interface;
let transcode: FunctionDescription;

beforeAll(async () => {
  description = readInterface(await WebAssembly.compile(await readFile(new URL("../../build/codec.wasm", import.meta.url))));
  const found = description.functions.find(({ name }) => name === "transcode");
  if (!found) throw new Error("the module has no transcode");
  transcode = found;
});

const names = (options: readonly { name: string }[]): string[] => options.map(({ name }) => name);

function offer(name: string): Offer {
  const format = description.formats.find((each) => each.name === name);
  if (!format) throw new Error(`there is no format ${name}`);
  return offerOf(format, transcode, description);
}

describe("options of a form", () => {
  it("are those that a form can ask for", () => {
    const properties: Record<string, Schema> = {
      target: { enum: ["a"], format_option: true },
      bound: { type: "integer", unit: "pixels" },
      side: { type: "integer", enum: [1, 2], unit: "pixels" },
      list: { type: "array" },
      point: { type: "array", items: { type: "integer" } },
      effort: { type: "integer" },
      exact: { type: "boolean" },
      mode: { type: "string", enum: ["x", "y"] },
    };
    expect(names(offered(properties))).toEqual(["side", "point", "effort", "exact", "mode"]);
    expect(names(offered(properties)).map((name) => kindOf(properties[name] ?? {}))).toEqual(["choice", "numbers", "number", "check", "choice"]);
  });

  it("exclude each other where their descriptions say so", () => {
    expect(names(offer("jxl").aims)).toEqual(["distance", "quality", "lossless", "target_bytes", "target_butteraugli", "target_ssimulacra2"]);
    expect(offer("jpeg").aims).toEqual([]);
  });

  it("are those of the format", () => {
    expect(names(offer("jxl").common)).toEqual(["effort", "progressive", "jpeg", "metadata"]);
    expect(names(offer("jpeg").common)).toEqual(["quality", "progressive", "jpeg", "metadata"]);
    expect(names(optionsIn(offer("png")))).toEqual(["metadata"]);
  });

  it("leave out nothing that JPEG XL takes", () => {
    const asked = new Set(names(optionsIn(offer("jxl"))));
    const rest = Object.keys(transcode.options.properties ?? {}).filter((name) => !asked.has(name));
    expect(rest).toEqual(["to", "max_pixels", "max_frames"]);
    expect(offer("jxl").more.map(({ title }) => title)).toEqual(["General", "VarDCT", "Modular"]);
  });

  it("of a format that the service adds are its own", () => {
    const own: Schema = { type: "integer", minimum: 0, maximum: 6 };
    const added = { name: "x", title: "X", media_type: "image/x", extensions: ["x"], read: true, write: true, by: "other", options: { method: own } };
    expect(offerOf(added, transcode, description)).toEqual({ aims: [], common: [{ name: "method", schema: own }], more: [] });
  });

  it("are found by any of their words", () => {
    const found = (query: string): string[] => names(optionsIn(offer("jxl")).filter((option) => isFound(option, query)));
    expect(found("edge-preserving")).toEqual(["epf"]);
    expect(found("PROGRESSIVE dc")).toContain("progressive_dc");
    expect(found("top_right")).toEqual(["modular_predictor"]);
    expect(found("no such thing")).toEqual([]);
  });
});

describe("words for values", () => {
  it("come from the description", () => {
    const all = presets(offer("jxl")).map(({ option, value, words }) => `${option.name} ${value}: ${words}`);
    expect(all).toEqual([
      "distance 0: mathematically lossless", "distance 1: visually lossless",
      "target_ssimulacra2 90: hardly distinguishable", "target_ssimulacra2 70: good", "target_ssimulacra2 50: fair",
    ]);
    expect(marks({ description: "Noise: 100 is little, 3200 a lot, 0 none. 7 by default." })).toEqual([
      { value: 100, words: "little" }, { value: 3200, words: "a lot" }, { value: 0, words: "none" },
    ]);
  });

  it("name values that are allowed", () => {
    for (const { schema } of optionsIn(offer("jxl"))) for (const { value } of marks(schema)) expect(isAllowed({ ...schema, type: "number" }, value)).toBe(true);
  });

  it("tell what is usual", () => {
    const properties = transcode.options.properties ?? {};
    expect([properties.effort, properties.distance, properties.quality, properties.target_bytes].map((each) => usual(each ?? {}))).toEqual([7, 1, 90, undefined]);
  });
});

describe("a kept choice", () => {
  it("survives as it was", () => {
    const kept = { aim: "distance", values: { distance: 2.5, effort: 3, mode: "modular", group_order_centre: [10, 20], patches: "off" } };
    expect(checked(JSON.parse(JSON.stringify(kept)), offer("jxl"))).toEqual(kept);
  });

  it("loses what the interface does not allow", () => {
    const kept = {
      aim: "nothing",
      values: { distance: 99, effort: 2.5, mode: "other", resampling: "2", nothing: 1, group_order_centre: [1, 2, 3], lossless: 1, quality: "90", to: "png", epf: 2 },
    };
    expect(checked(kept, offer("jxl"))).toEqual({ aim: "", values: { epf: 2 } });
  });

  it("is harmless, whatever it is", () => {
    const properties = transcode.options.properties ?? {};
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.constantFrom(...Object.keys(properties), "__proto__"), fc.jsonValue()), fc.string(), (any, values, aim) => {
        for (const kept of [any, { aim, values }, JSON.parse(`{"values":{"__proto__":{"effort":3}}}`)]) {
          const { values: left } = checked(kept, offer("jxl"));
          for (const [name, value] of Object.entries(left)) expect(isAllowed(properties[name] ?? {}, value)).toBe(true);
        }
      }),
    );
  });

  it("gives a call one aim at most", () => {
    const values = { distance: 2, quality: 50, lossless: true, effort: 3 };
    expect(callOptions({ aim: "quality", values }, offer("jxl"))).toEqual({ quality: 50, effort: 3 });
    expect(callOptions({ aim: "", values }, offer("jxl"))).toEqual({ effort: 3 });
    expect(callOptions({ aim: "target_bytes", values }, offer("jxl"))).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { type FunctionDescription, parseInterface, readInterface, SECTION } from "../client/interface";
import type { Prepared } from "../client/inputs";
import { methods } from "../client/methods";
import type { Done } from "../client/pool";
import type { Stream } from "../client/pushed";
import { shape, type Story } from "../client/result";
import type { AnySettings } from "../client/settings";
import { ANSWER, blend, count, example } from "./example";

interface Seen {
  name: string;
  prepared: Prepared;
  settings: AnySettings;
}

function record(): { seen: Seen[]; made: ReturnType<typeof methods> } {
  const seen: Seen[] = [];
  const lookup = (name: string): FunctionDescription => example.functions.find((each) => each.name === name) ?? count;
  const made = methods(example, lookup, (fn, prepared, settings) => {
    seen.push({ name: fn.name, prepared, settings });
    return Promise.resolve(undefined);
  }, ({ fn, prepared, settings }) => {
    seen.push({ name: `${fn.name}.pushed`, prepared, settings });
    return NO_STREAM;
  });
  return { seen, made };
}

const NO_STREAM = {} as Stream<unknown>;
const contents = (data: Blob | ArrayBuffer): number[] => [...new Uint8Array(data as ArrayBuffer)];

describe("methods", () => {
  it("has one for every function, whatever the functions are called", () => {
    expect([...record().made.keys()]).toEqual(["blend", "count"]);
  });

  it("sorts arguments into buffers by position, optional inputs by name, options and settings", async () => {
    const { seen, made } = record();
    const layers = [new Uint8Array([1, 2]), new Uint8Array([3])];
    const controller = new AbortController();
    await made.get("blend")?.(layers, { opacity: 0.5, mask: new Uint8Array([9]) }, { signal: controller.signal });
    const [call] = seen;
    if (!call) throw new Error("nothing was called");
    const { prepared, settings } = call;
    expect(prepared.options).toEqual({ opacity: 0.5, kind: "u8" });
    expect(prepared.held.load().sources.map(({ input, data }) => [input, contents(data)])).toEqual([[0, [1, 2]], [0, [3]], [1, [9]]]);
    expect(settings.signal).toBe(controller.signal);
  });

  it("tells the sample type of a typed array unless the caller does", async () => {
    const { seen, made } = record();
    await made.get("blend")?.(new Float32Array(2));
    await made.get("blend")?.(new Uint16Array(2));
    await made.get("blend")?.(new Uint8Array(4), { kind: "u16" });
    expect(seen.map(({ prepared }) => prepared.options.kind)).toEqual(["f32", "u16", "u16"]);
  });

  it("leaves the caller's buffers usable, and takes them over only when asked to", async () => {
    const { seen, made } = record();
    const whole = new Uint8Array([1, 2, 3, 4]);
    await made.get("count")?.(whole);
    await made.get("count")?.(whole.subarray(1, 3), {}, { transfer: true });
    expect(whole).toHaveLength(4);
    await made.get("count")?.(whole, {}, { transfer: true });
    expect(whole).toHaveLength(0);
    expect(seen.map(({ prepared }) => prepared.held.bytes)).toEqual([0, 2, 4]);
  });

  it("sends a Blob as it is", async () => {
    const { seen, made } = record();
    const blob = new Blob(["x"]);
    await made.get("count")?.(blob);
    const loaded = seen[0]?.prepared.held.load();
    expect(loaded?.sources[0]?.data).toBe(blob);
    expect(loaded?.transfer).toEqual([]);
  });

  it("has a pushed form where an input may come in pieces, without that input", () => {
    const { seen, made } = record();
    expect(made.get("blend")?.pushed).toBeUndefined();
    const pushed = made.get("count")?.pushed;
    expect(pushed?.({ deep: 1 }, { timeLimit: 5 })).toBe(NO_STREAM);
    expect(seen).toMatchObject([{ name: "count.pushed", prepared: { options: { deep: 1 } }, settings: { timeLimit: 5 } }]);
    expect(() => pushed?.("options")).toThrow("options of count must be an object");
  });

  it("tells half floats by their class where the engine has it", async () => {
    const { seen, made } = record();
    const half = new Uint16Array(2);
    Object.defineProperty(half, Symbol.toStringTag, { value: "Float16Array" });
    await made.get("blend")?.(half);
    await made.get("blend")?.(new Uint16Array(2), { kind: "f16" });
    expect(seen.map(({ prepared }) => prepared.options.kind)).toEqual(["u16", "f16"]);
  });

  it("rejects what fits no input", async () => {
    const { made } = record();
    await expect(made.get("count")?.("text")).rejects.toThrow("image must be a Blob");
    await expect(made.get("count")?.()).rejects.toMatchObject({ code: "bad_call", message: "the input image is missing" });
    await expect(made.get("count")?.([new Uint8Array(1), new Uint8Array(1)])).rejects.toMatchObject({
      code: "bad_call",
      message: "the input image takes one buffer, not 2",
    });
    await expect(made.get("count")?.(new Uint8Array(1), "options")).rejects.toThrow("options of count must be an object");
  });

  it("refuses an interface whose names hide each other", () => {
    const clash = { ...blend, options: { properties: { mask: { type: "string" } } } };
    expect(() => methods({ ...example, functions: [clash] }, () => clash, () => Promise.resolve(), () => NO_STREAM)).toThrow('an option and an optional input "mask"');
    expect(() => methods({ ...example, functions: [count, count] }, () => count, () => Promise.resolve(), () => NO_STREAM)).toThrow("two functions");
  });
});

describe("the interface", () => {
  const module = (sections: string[]): WebAssembly.Module => {
    const body = (text: string): number[] => {
      const name = new TextEncoder().encode(SECTION);
      const bytes = [name.length, ...name, ...new TextEncoder().encode(text)];
      return [0, (bytes.length & 127) | 128, bytes.length >> 7, ...bytes];
    };
    return new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flatMap(body)]));
  };

  it("is read from the module's custom section", () => {
    expect(readInterface(module([JSON.stringify(example)]))).toEqual(example);
  });

  it("must be there once", () => {
    expect(() => readInterface(module([]))).toThrow("0 sections");
    expect(() => readInterface(module(["{}", "{}"]))).toThrow("2 sections");
  });

  it("must be JSON of a version that is known", () => {
    expect(() => parseInterface("{")).toThrow("not JSON");
    expect(() => parseInterface('{"eitherside": 2, "functions": [], "errors": [], "formats": []}')).toThrow("version 1");
    expect(() => parseInterface('{"eitherside": 1, "functions": [{}], "errors": [], "formats": []}')).toThrow("version 1");
  });
});

describe("a result", () => {
  const done = (kind: string, length: number): Done => ({
    waited: 5,
    busy: 100,
    boot: 0,
    answer: {
      ...ANSWER,
      result: { rows: 2, columns: 3, kind, format: "ras" },
      outputs: [
        { name: "planes", mediaType: "application/octet-stream", data: new ArrayBuffer(length), sha256: "aa" },
        { name: "planes", mediaType: "application/octet-stream", data: new ArrayBuffer(length), sha256: "bb" },
      ],
      module: "cc",
      bytesIn: 7,
      queued: 10,
      compute: 60,
    },
  });

  const story: Story = { place: "server", why: "Because.", options: '{"a":1}', call: "id", attempts: [], predicted: undefined, total: 120 };

  it("has typed arrays as the output's array says", () => {
    for (const [kind, size, type] of [["u8", 1, Uint8Array], ["u16", 2, Uint16Array], ["f16", 2, Uint16Array], ["f32", 4, Float32Array]] as const) {
      const result = shape(blend, done(kind, 6 * size), story);
      expect(result.rows).toBe(2);
      expect(result.planes).toHaveLength(2);
      for (const plane of result.planes as unknown[]) expect(plane).toBeInstanceOf(type);
      expect(result.picture).toBeUndefined();
    }
  });

  it("tells where it comes from and how long it took", () => {
    expect(shape(blend, done("u8", 6), story).provenance).toEqual({
      function: "blend", place: "server", why: "Because.", module: "cc", options: '{"a":1}', call: "id", attempts: [],
      times: { queue: 15, compute: 60, transfer: 30, total: 120 },
      predicted: undefined,
      known: undefined,
      bytes: { in: 7, out: 12, up: 0, down: 0 },
      outputs: {
        planes: ["aa", "bb"].map((sha256) => ({ mediaType: "application/octet-stream", bytes: 6, sha256 })),
        picture: [],
      },
    });
  });

  it("has buffers of the sizes that their items tell", () => {
    const listed = { ...blend, outputs: [{ name: "planes", summary: "", repeated: true, array: { shape: ["rows", "columns"], dtype: "kind", items: "parts" } }] };
    const made = (parts: unknown): Record<string, unknown> => {
      const each = done("u8", 6);
      const outputs = each.answer.outputs.map((output, index) => ({ ...output, data: new ArrayBuffer(index === 0 ? 6 : 2) }));
      return shape(listed, { ...each, answer: { ...each.answer, result: { ...each.answer.result, parts }, outputs } }, story);
    };
    expect((made([{}, { rows: 1, columns: 2 }]).planes as Uint8Array[]).map(({ length }) => length)).toEqual([6, 2]);
    expect(() => made([{}, {}])).toThrow("2 samples where rows × columns is 6");
    expect(() => made(undefined)).toThrow("2 samples");
  });

  it("is refused where samples and shape differ", () => {
    expect(() => shape(blend, done("u8", 5), story)).toThrow("5 samples where rows × columns is 6");
    expect(() => shape(blend, done("i64", 6), story)).toThrow("unknown type");
  });
});

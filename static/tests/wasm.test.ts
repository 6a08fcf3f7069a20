import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CodecError } from "../client/errors";
import { clearShared } from "../client/wasm";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    bytes.push(value > 0 ? low + 128 : low);
  } while (value > 0);
  return bytes;
}

const name = (text: string): number[] => [...leb(text.length), ...new TextEncoder().encode(text)];
const section = (id: number, body: number[]): number[] => [id, ...leb(body.length), ...body];

interface Import {
  bytes: number[];
}

const limits = fc.record({ minimum: fc.nat(1000), more: fc.nat(60000), flags: fc.constantFrom(0, 1) });
const ascii = fc.string({ unit: "grapheme-ascii", maxLength: 200 });
const other: fc.Arbitrary<Import> = fc.oneof(
  fc.nat(2 ** 31).map((type) => ({ bytes: [0x00, ...leb(type)] })),
  limits.map(({ minimum, more, flags }) => ({ bytes: [0x01, 0x70, flags, ...leb(minimum), ...(flags ? leb(minimum + more) : [])] })),
  fc.constantFrom(0x7f, 0x7e, 0x7d, 0x7c).map((type) => ({ bytes: [0x03, type, 0x00] })),
);
const named = (each: fc.Arbitrary<Import>): fc.Arbitrary<number[]> =>
  fc.tuple(ascii, ascii, each).map(([module, field, { bytes }]) => [...name(module), ...name(field), ...bytes]);
const custom = fc.uint8Array({ maxLength: 300 }).map((data) => section(0, [...name("x"), ...data]));

const modules = fc
  .record({ before: fc.array(custom, { maxLength: 3 }), imports: fc.array(named(other), { maxLength: 20 }), place: fc.nat(), minimum: fc.nat(1000), more: fc.nat(60000), after: fc.uint8Array() })
  .map(({ before, imports, place, minimum, more, after }) => {
    const build = (flags: number): Uint8Array => {
      const memory = [...name("env"), ...name("memory"), 0x02, flags, ...leb(minimum), ...leb(minimum + more)];
      const at = place % (imports.length + 1);
      const all = [...imports.slice(0, at), memory, ...imports.slice(at)];
      return new Uint8Array([...HEADER, ...before.flat(), ...section(2, [...leb(all.length), ...all.flat()]), ...section(0, [...name("end"), ...after])]);
    };
    return { shared: build(3), ordinary: build(1), minimum, maximum: minimum + more };
  });

describe("clearShared", () => {
  it("changes the shared bit of the memory import and nothing else", () => {
    fc.assert(
      fc.property(modules, ({ shared, ordinary, minimum, maximum }) => {
        const before = shared.slice();
        const { bytes, memory } = clearShared(shared);
        expect(bytes).toEqual(ordinary);
        expect(memory).toEqual({ minimum, maximum });
        expect(shared).toEqual(before);
        expect(clearShared(ordinary).bytes).toEqual(ordinary);
      }),
    );
  });

  it("refuses every prefix that ends within the imports, and never reads beyond the end", () => {
    fc.assert(
      fc.property(modules, fc.nat(), ({ shared }, cut) => {
        const prefix = shared.subarray(0, cut % shared.length);
        try {
          expect(clearShared(prefix).bytes).toHaveLength(prefix.length);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
          expect(error).toHaveProperty("code", "bad_module");
        }
      }),
    );
  });

  it("fails with bad_module on any other bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.boolean(), (tail, hasHeader) => {
        const bytes = new Uint8Array(hasHeader ? [...HEADER, ...tail] : tail);
        // Random bytes that happen to import a memory would be a module; that takes far more luck than there are runs.
        expect(() => clearShared(bytes)).toThrow(CodecError);
      }),
    );
  });

  it("gives a module that compiles with an ordinary memory", async () => {
    const imports = section(2, [1, ...name("env"), ...name("memory"), 0x02, 3, 1, 2]);
    const { bytes } = clearShared(new Uint8Array([...HEADER, ...imports]));
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    expect(instance).toBeInstanceOf(WebAssembly.Instance);
  });
});

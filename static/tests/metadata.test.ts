import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InspectResult } from "../client/index";
import { exifFields } from "../viewer/model/exif";
import { capped, folded, json, LONG, MOST } from "../viewer/model/fields";
import { iccFields } from "../viewer/model/icc";
import { sections } from "../viewer/model/metadata";
import { xmpFields } from "../viewer/model/xmp";

/** A profile of a header and tags of signature and data. */
function profile(tags: [string, Uint8Array][]): Uint8Array {
  const table = 132 + tags.length * 12;
  const size = tags.reduce((sum, [, data]) => sum + data.length, table);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const write = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  bytes.set([4, 0x30], 8);
  write(12, "mntr");
  write(16, "RGB ");
  write(20, "XYZ ");
  [2024, 2, 29, 12, 0, 1].forEach((each, index) => view.setUint16(24 + index * 2, each));
  view.setUint32(64, 1);
  view.setUint32(128, tags.length);
  tags.reduce((at, [signature, data], index) => {
    write(132 + index * 12, signature);
    view.setUint32(136 + index * 12, at);
    view.setUint32(140 + index * 12, data.length);
    bytes.set(data, at);
    return at + data.length;
  }, table);
  return bytes;
}

function text(value: string): Uint8Array {
  return new Uint8Array([...new TextEncoder().encode(`text\0\0\0\0${value}`), 0]);
}

const fields = (bytes: Uint8Array): Record<string, string> => Object.fromEntries(iccFields(bytes).map(({ name, value }) => [name, value]));

describe("an ICC profile", () => {
  it("is read into lines", () => {
    const gamma = new Uint8Array([...new TextEncoder().encode("curv"), 0, 0, 0, 0, 0, 0, 0, 1, 2, 51]);
    const white = new Uint8Array([...new TextEncoder().encode("XYZ "), 0, 0, 0, 0, 0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d]);
    const told = fields(profile([["cprt", text("nobody’s")], ["rTRC", gamma], ["wtpt", white]]));
    expect(told).toMatchObject({
      Version: "4.3.0", Class: "display", "Colour space": "RGB", Made: "2024-02-29 12:00:01", "Rendering intent": "relative colorimetric",
      "Red curve": "gamma 2.199", "White point": "0.9642, 1, 0.8249",
    });
    expect(told.Copyright).toContain("nobody");
  });

  it("is no danger, whatever is in it", () => {
    const bytes = profile([["desc", text("x")]]);
    new DataView(bytes.buffer).setUint32(136, 0xfffffff0);
    expect(fields(bytes).Description).toContain("not within the profile");
    expect(iccFields(new Uint8Array(5))[0]?.value).toContain("shorter than a header");
    const types = fc.constantFrom("text", "desc", "mluc", "XYZ ", "curv", "para", "cicp", "sig ", "sf32");
    const tag = fc.tuple(types, fc.uint8Array({ maxLength: 60 })).map(([type, data]): [string, Uint8Array] => ["desc", new Uint8Array([...new TextEncoder().encode(type), 0, 0, 0, 0, ...data])]);
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 5 }), (tags) => {
        expect(iccFields(profile(tags)).length).toBeGreaterThan(5);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (wild) => {
        expect(iccFields(wild).every(({ value }) => typeof value === "string")).toBe(true);
      }),
    );
  });
});

describe("an XMP packet", () => {
  const packet = (inside: string): string =>
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="urn:a" xmlns:dc="urn:dc">${inside}</rdf:RDF></x:xmpmeta>`;

  it("is read into lines, lists and structures too", () => {
    const inside = `<rdf:Description rdf:about="" a:Rating="4"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">one</rdf:li><rdf:li xml:lang="de">eins</rdf:li></rdf:Alt></dc:title>
      <a:Deep rdf:parseType="Resource"><a:In>x</a:In></a:Deep><a:Link rdf:resource="urn:x"/><a:Node><rdf:Description a:Of="y"/></a:Node>
      <a:List><rdf:Seq><rdf:li rdf:parseType="Resource"><a:Name>first</a:Name></rdf:li></rdf:Seq></a:List></rdf:Description>`;
    expect(xmpFields(packet(inside)).map(({ name, value }) => `${name}=${value}`)).toEqual([
      "a:Rating=4", "dc:title=one; eins (de)", "a:Deep/a:In=x", "a:Link=urn:x", "a:Node/a:Of=y", "a:List[1]/a:Name=first",
    ]);
  });

  it("is no danger, whatever is in it", () => {
    const deep = "<a:b>".repeat(500) + "</a:b>".repeat(500);
    expect(xmpFields(packet(`<rdf:Description>${deep}</rdf:Description>`))).toEqual([]);
    expect(xmpFields(packet(`<rdf:Description>${"<a:b>x</a:b>".repeat(5000)}</rdf:Description>`))).toHaveLength(2000);
    expect(() => xmpFields("<x>")).toThrow();
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
    let length = 0;
    try {
      length = JSON.stringify(xmpFields(`${bomb}${packet('<rdf:Description a:x="1"><a:b>&b;</a:b></rdf:Description>')}`)).length;
    } catch (error) {
      // Entities of one's own may be refused, too.
      expect(error).toBeInstanceOf(Error);
    }
    expect(length).toBeLessThan(200);
    fc.assert(
      fc.property(fc.string(), (wild) => {
        try {
          expect(Array.isArray(xmpFields(packet(wild)))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});

describe("values", () => {
  it("are folded where they are long", () => {
    expect(folded("short")).toEqual({ head: "short", isLong: false });
    const long = "x".repeat(LONG + 1);
    expect(folded(long).isLong).toBe(true);
    expect(folded(long).head.length).toBeLessThanOrEqual(LONG + 1);
    expect(capped("y".repeat(MOST + 5))).toMatch(/… and 5 more characters$/);
  });

  it("are copied whole, but for bytes", () => {
    expect(JSON.parse(json({ name: "<b>", data: new Uint8Array(3), list: [{ a: 1 }] }))).toEqual({ name: "<b>", data: "3 bytes", list: [{ a: 1 }] });
  });

  it("of Exif are what their reader says", () => {
    const tags = { Make: { id: 271, value: ["Cam"], description: "Cam" }, Odd: { value: [1, 2] }, "Exif IFD Pointer": { value: 8, description: 8 } };
    expect(exifFields(tags, { Latitude: -1.5, Longitude: 2 })).toEqual([
      { name: "Make", value: "Cam" },
      { name: "Odd", value: "1, 2" },
      { name: "Place", value: "-1.500000°, 2.000000°" },
    ]);
  });
});

describe("all that a file says", () => {
  const found = {
    format: "jxl", width: 4, height: 4, bits_per_sample: 8, exponent_bits: 0, colour_channels: 3, colour: { space: "rgb", icc_embedded: false, white_xy: [0.3, 0.3] },
    orientation: 1, frames: [{ duration: 0.5, name: "one" }], extra_channels: [], metadata: {}, complete: true, jpeg_reconstruction: true,
    boxes: Array.from({ length: 300 }, () => ({ type: "jxlp", offset: 1, bytes: 2, complete: true })), more_boxes: 7,
    codestream_frames: [{ type: "regular", displayed: true, encoding: "modular", width: 4, height: 4, x: 0, y: 0, blending: { mode: "replace" }, bytes: 12, flags: ["noise"], name: "one" }],
  } as unknown as InspectResult;

  it("is told part by part, tables with a limit", () => {
    const parts = new Map(sections(found, { exif: undefined, xmp: [{ name: "dc:title", value: "x" }], icc: undefined, note: "" }).map((each) => [each.title, each]));
    expect([...parts.keys()]).toEqual(["Colour encoding", "XMP", "JPEG", "Frames", "Codestream frames", "Boxes"]);
    expect(parts.get("Colour encoding")?.fields).toContainEqual({ name: "white xy", value: "0.3, 0.3" });
    expect(parts.get("JPEG")?.fields).toEqual([{ name: "JPEG can be restored", value: "yes, bit for bit" }]);
    expect(parts.get("Frames")?.table?.rows).toEqual([["1", "0.5 s", "one"]]);
    expect(parts.get("Codestream frames")?.table?.rows[0]).toContain("noise");
    expect(parts.get("Boxes")?.table?.rows).toHaveLength(200);
    expect(parts.get("Boxes")?.table?.more).toBe(107);
  });
});

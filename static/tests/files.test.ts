import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Format } from "../client/index";
import { pieces } from "../viewer/controller/pieces";
import { formatOf, wanting } from "../viewer/model/accepted";
import { asked, nameAt } from "../viewer/model/address";
import { Cache } from "../viewer/model/cache";
import { Documents, MOST_DOCUMENTS } from "../viewer/model/documents";
import { flawOf, flawText } from "../viewer/model/flaw";
import { mayMove } from "../viewer/model/moving";
import { byNearness, revealing, type Row, seen, stepped } from "../viewer/model/row";
import { arranged, Strip } from "../viewer/model/strip";

const file = (name: string, type = ""): File => new File([], name, { type });

describe("a long row", () => {
  const row = fc.record({ count: fc.nat(20_000), stride: fc.integer({ min: 1, max: 300 }), length: fc.nat(4000), offset: fc.nat(1_000_000) });

  it("has few items in the page, and those that are seen among them", () => {
    fc.assert(
      fc.property(row, fc.nat(10), (each, margin) => {
        const { first, end } = seen(each, margin);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(each.count);
        expect(end - first).toBeLessThanOrEqual(each.length / each.stride + 2 + 2 * margin);
        for (let index = 0; index < each.count; index += Math.max(1, Math.floor(each.count / 50))) {
          const isSeen = index * each.stride < each.offset + each.length && (index + 1) * each.stride > each.offset;
          if (isSeen) expect(index >= first && index < end).toBe(true);
        }
      }),
    );
  });

  it("gives those that are seen first", () => {
    const each: Row = { count: 100, stride: 100, length: 300, offset: 1000 };
    const order = byNearness(seen(each, 3), each);
    expect([...order.slice(0, 3)].sort()).toEqual([10, 11, 12]);
    expect([...order].sort((a, b) => a - b)).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(order.slice(3, 5).sort()).toEqual([13, 9].sort());
  });

  it("is scrolled as little as can be to show one whole", () => {
    fc.assert(
      fc.property(row, fc.nat(20_000), (each, index) => {
        fc.pre(index < each.count && each.length >= each.stride);
        const offset = revealing(index, each);
        expect(offset).toBeLessThanOrEqual(index * each.stride);
        expect(offset + each.length).toBeGreaterThanOrEqual((index + 1) * each.stride);
        expect(revealing(index, { ...each, offset })).toBe(offset);
      }),
    );
  });

  it("is gone through by keys, never beyond its ends", () => {
    const each: Row = { count: 10, stride: 100, length: 350, offset: 0 };
    expect(["Home", "End", "PageDown", "PageUp", "ArrowRight", "ArrowLeft"].map((key) => stepped(key, 4, each))).toEqual([0, 9, 7, 1, 5, 3]);
    expect(stepped("PageDown", 9, each)).toBe(9);
    expect(stepped("ArrowLeft", 0, each)).toBe(0);
    expect(stepped("x", 4, each)).toBeUndefined();
    expect(stepped("Home", -1, { ...each, count: 0 })).toBeUndefined();
  });
});

describe("the strip", () => {
  const documents = new Documents();
  documents.add(["b10.jxl", "B2.png", "a.gif", "تصویر.jxl", "Été.png"].map((name) => file(name)));
  const names = (arrangement: Parameters<typeof arranged>[1]): string[] => arranged(documents.value.list, arrangement).map((each) => each.file.name);

  it("sorts by name as people do, or as files came", () => {
    expect(names({ sort: "added", filter: "" })).toEqual(["b10.jxl", "B2.png", "a.gif", "تصویر.jxl", "Été.png"]);
    expect(names({ sort: "name", filter: "" }).slice(0, 4)).toEqual(["a.gif", "B2.png", "b10.jxl", "Été.png"]);
  });

  it("finds names whatever their case and accents", () => {
    expect(names({ sort: "added", filter: "ete" })).toEqual(["Été.png"]);
    expect(names({ sort: "added", filter: " B " })).toEqual(["b10.jxl", "B2.png"]);
    expect(names({ sort: "added", filter: "تصویر" })).toEqual(["تصویر.jxl"]);
    expect(names({ sort: "added", filter: "none" })).toEqual([]);
  });

  it("goes around its ends, and on to the next one where one is closed", () => {
    const strip = new Strip(documents);
    strip.arrange({ sort: "name", filter: "b" });
    const [first, second] = strip.value;
    if (!first || !second) throw new Error("two were to be found");
    expect(strip.neighbour(second, 1)).toBe(first);
    expect(strip.neighbour(first, -1)).toBe(second);
    expect(strip.successor(first)).toBe(second);
    expect(strip.successor(second)).toBe(first);
  });
});

describe("what is kept", () => {
  it("never has more bytes than its budget, and gives back what it drops", () => {
    const sizes = fc.array(fc.record({ key: fc.nat(20), bytes: fc.integer({ min: 1, max: 100 }) }), { maxLength: 100 });
    fc.assert(
      fc.property(sizes, (puts) => {
        const held = new Set<object>();
        const cache = new Cache<number, { bytes: number }>(250, (value) => held.delete(value));
        for (const { key, bytes } of puts) {
          const value = { bytes };
          held.add(value);
          cache.put(key, value);
          expect(cache.get(key)).toBe(value);
          expect(cache.bytes).toBeLessThanOrEqual(250);
          expect([...held].reduce((sum, each) => sum + (each as { bytes: number }).bytes, 0)).toBe(cache.bytes);
        }
        cache.clear();
        expect([cache.bytes, cache.size, held.size]).toEqual([0, 0, 0]);
      }),
    );
  });

  it("is what was used last", () => {
    const cache = new Cache<string, { bytes: number }>(2, () => undefined);
    cache.put("a", { bytes: 1 });
    cache.put("b", { bytes: 1 });
    cache.get("a");
    cache.put("c", { bytes: 1 });
    expect([cache.get("a"), cache.get("b"), cache.get("c")].map((each) => each !== undefined)).toEqual([true, false, true]);
  });

  it("holds as many pictures as their budget allows, and the one that is shown", () => {
    const documents = new Documents(1000);
    const closed: string[] = [];
    const [a, b, c] = documents.add(["a", "b", "c"].map((name) => file(name)));
    for (const document of [a, b, c]) {
      if (!document) throw new Error("three were added");
      documents.select(document);
      const bitmap = { close: () => closed.push(document.file.name) } as unknown as ImageBitmap;
      document.picture = { width: 10, height: 12, loops: 0, frames: [{ tiles: [{ x: 0, y: 0, bitmap }], overview: undefined, duration: 0 }] };
      document.state = "ready";
      documents.changed();
    }
    // 480 bytes each.
    expect(closed).toEqual(["a"]);
    expect([a?.state, b?.state, c?.state]).toEqual(["waiting", "ready", "ready"]);
    documents.clear();
    expect(closed).toEqual(["a", "b", "c"]);
  });

  it("is so many documents and no more", () => {
    const documents = new Documents();
    const one = file("a");
    expect(documents.add(Array.from({ length: MOST_DOCUMENTS + 5 }, () => one))).toHaveLength(MOST_DOCUMENTS);
    expect(documents.room).toBe(0);
    expect(documents.addAddress("b", undefined)).toEqual([]);
  });
});

describe("a link to files", () => {
  const page = "https://pictures.example/viewer/";
  const of = (query: string): [string | undefined, boolean][] =>
    asked(new URL(`${page}?${query}`)).map(({ url, refused }) => [url?.href, refused !== undefined]);

  it("opens those of the page's own origin", () => {
    expect(of("src=a.jxl&x=1&src=/b/c.png")).toEqual([["https://pictures.example/viewer/a.jxl", false], ["https://pictures.example/b/c.png", false]]);
    expect(of(`src=${encodeURIComponent("https://pictures.example/d e.jxl?f=g")}`)).toEqual([["https://pictures.example/d%20e.jxl?f=g", false]]);
    expect(of("")).toEqual([]);
  });

  it.each([
    "https://other.example/a.jxl", "//other.example/a.jxl", "http://pictures.example/a.jxl", "https://pictures.example:444/a", "data:image/png,x",
    "blob:https://pictures.example/x", "javascript:alert(1)", "file:///etc/passwd", "https://me:secret@pictures.example/a.jxl", "http://[", "\\\\other.example\\a",
  ])("refuses %s", (src) => {
    const [found] = asked(new URL(`${page}?src=${encodeURIComponent(src)}`));
    // What a blob's address says its origin is may be this one; it is not fetched by that.
    const isOwn = found?.url?.origin === "https://pictures.example" && found.url.protocol === "https:";
    expect(isOwn).toBe(false);
    expect(found?.refused).toBeTypeOf("string");
  });

  it("never opens anything of another origin", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.webPath()), (src) => {
        const all = asked(new URL(`${page}?src=${encodeURIComponent(src)}`));
        expect(all).toHaveLength(1);
        for (const { url } of all) if (url) expect(`${url.protocol}//${url.host}`).toBe("https://pictures.example");
      }),
      { numRuns: 50 },
    );
  });

  it("names a file by its address", () => {
    expect(nameAt(new URL("https://a.example/b/%D8%AA%20c.jxl?d"))).toBe("ت c.jxl");
    expect(nameAt(new URL("https://a.example/%FF"))).toBe("%FF");
    expect(nameAt(new URL("https://a.example/"))).toBe("a.example");
  });
});

describe("files of a folder", () => {
  const formats = [
    { name: "jxl", title: "JPEG XL", media_type: "image/jxl", extensions: ["jxl"], read: true, write: true },
    { name: "jpeg", title: "JPEG", media_type: "image/jpeg", extensions: ["jpg", "jpeg"], read: true, write: true },
    { name: "old", title: "Old", media_type: "image/old", extensions: ["old"], read: false, write: true },
  ] satisfies Format[];

  it("are opened where they are pictures that can be read", () => {
    const isWanted = wanting(formats);
    const wanted = ["a.JXL", "b.jpeg", "c.txt", ".hidden.jxl", ".jxl", "jxl", "d.old"].filter((name) => isWanted(file(name)));
    expect(wanted).toEqual(["a.JXL", "b.jpeg"]);
    expect(isWanted(file("noend", "image/jxl"))).toBe(true);
    expect(formatOf(file("a.jpg"), formats)?.title).toBe("JPEG");
  });
});

describe("an animation that others read", () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));

  it("is told by its first bytes", () => {
    expect(mayMove(bytes("RIFF\0\0\0\0WEBPVP8X\n\0\0\0\x12"))).toBe(true);
    expect(mayMove(bytes("RIFF\0\0\0\0WEBPVP8X\n\0\0\0\x10"))).toBe(false);
    expect(mayMove(bytes("RIFF\0\0\0\0WEBPVP8L"))).toBe(false);
    expect(mayMove(bytes("\0\0\0\x1cftypavis\0\0\0\0"))).toBe(true);
    expect(mayMove(bytes("\0\0\0\x1cftypavif\0\0\0\0avifmif1"))).toBe(false);
  });

  it("is never told by anything shorter or wilder without failing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (head) => {
        expect(mayMove(head)).toBeTypeOf("boolean");
      }),
    );
  });
});

describe("the pieces of a file", () => {
  it("are all of it, in order, and few", async () => {
    const whole = new Uint8Array(1_000_003).map((_, index) => index % 251);
    const all = [...pieces(new Blob([whole]))];
    expect(all.length).toBeLessThan(10);
    expect(all[0]?.size).toBeLessThan(20_000);
    expect(Buffer.compare(Buffer.from(await new Blob(all).arrayBuffer()), whole)).toBe(0);
    expect([...pieces(new Blob([]))]).toEqual([]);
  });
});

describe("what is said of a part of a picture", () => {
  const facts = (count: number): Parameters<typeof flawOf>[3] => ({ codestream_frames: [{ displayed: true, passes: { count } }] });
  const said = (code: string, frames: number, stage: "dc" | "pass" | "full" | undefined, passes = 1): string =>
    flawText(flawOf({ code, message: "" }, { frames: Array.from({ length: frames }) }, stage, facts(passes)));

  it("is why, and how much of it is seen", () => {
    expect(said("truncated", 1, "dc")).toBe("The end of this file is missing: a coarse picture is shown, an eighth of its resolution.");
    expect(said("truncated", 1, "pass", 3)).toBe("The end of this file is missing: the picture is shown with what there is of its 3 passes.");
    expect(said("truncated", 1, "pass")).toBe("The end of this file is missing: the parts that are there are shown sharp, the others coarse.");
    expect(said("corrupt", 3, "full")).toBe("This file is damaged: 3 frames are shown.");
    expect(said("unreachable", 2, "dc")).toBe("The rest of this file did not come: 2 frames are shown, the last one at an eighth of its resolution.");
    expect(said("truncated", 1, undefined)).toContain("own decoder");
    expect(said("memory_limit", 1, "pass")).toContain("Not all of this file could be decoded");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureText, NO_BATCH, batchText } from "../viewer/model/batch";
import { safeName, UniqueNames } from "../viewer/model/names";

describe("names in an archive", () => {
  it("are as they were where that does no harm", () => {
    for (const name of ["photo.jxl", "Ferien 2024 (3).png", "صورة.jxl", "写真.jxl", "a.b.c"]) expect(safeName(name)).toBe(name);
  });

  it("stay in their folder, and show their ending", () => {
    expect(safeName("../../etc/passwd")).toBe("_.._etc_passwd");
    expect(safeName("C:\\x\\y.jxl")).toBe("C__x_y.jxl");
    expect(safeName("evil\u202egnp.exe")).toBe("evil_gnp.exe");
    expect(safeName("a\nb\u0000.jxl")).toBe("a_b_.jxl");
    expect(safeName("con.jxl")).toBe("_con.jxl");
    expect(safeName(" .. ")).toBe("image");
    expect(safeName("dot.")).toBe("dot");
  });

  it("are safe and short, whatever is given", () => {
    const anything = fc.string({ unit: fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)), maxLength: 90 });
    fc.assert(
      fc.property(anything, (name) => {
        const safe = safeName(name);
        expect(new TextEncoder().encode(safe).length).toBeLessThanOrEqual(202);
        // eslint-disable-next-line no-control-regex -- none of them may be left
        expect(safe).not.toMatch(/[\u0000-\u001f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]|^[ .]|[ .]$|^$/);
      }),
    );
  });

  it("keep their ending when they are cut", () => {
    expect(safeName(`${"長".repeat(300)}.jxl`)).toMatch(/^長{65}\.jxl$/);
  });

  it("are given once, whatever becomes of capitals", () => {
    const names = new UniqueNames();
    expect(["a.jxl", "A.jxl", "a.jxl", "a (2).jxl", "b.jxl", ".jxl", ".jxl"].map((name) => names.give(name))).toEqual([
      "a.jxl", "A (2).jxl", "a (3).jxl", "a (2) (2).jxl", "b.jxl", "jxl", "jxl (2)",
    ]);
  });

  it("differ, however many and however alike", () => {
    const few = fc.constantFrom("a.jxl", "A.jxl", "a (2).jxl", "a (2) (2).jxl", "ä.jxl", "a\u0308.jxl", "", "/", "ﬁ.jxl", "fi.jxl");
    fc.assert(
      fc.property(fc.array(few, { maxLength: 60 }), (all) => {
        const names = new UniqueNames();
        const given = all.map((name) => names.give(name).toLowerCase().normalize("NFKC"));
        expect(new Set(given).size).toBe(all.length);
      }),
    );
  });
});

describe("a batch", () => {
  it("is told in words", () => {
    expect(batchText(NO_BATCH)).toBe("");
    expect(batchText({ ...NO_BATCH, state: "running", done: 3, total: 10, name: "x.png" })).toBe("3 of 10 done, now x.png");
    const failures = [{ name: "b\nc: ok", message: "is\r\nbroken", code: "corrupt" }];
    expect(batchText({ ...NO_BATCH, state: "done", done: 2, total: 2, archive: "z.zip", bytesIn: 1000, bytesOut: 500, failures })).toBe(
      "z.zip: 1 file, 1.00 kB became 500 B (−50 %). 1 file could not be converted:",
    );
    expect(failureText(failures)).toBe("1 file could not be converted.\r\n\r\nb c: ok: is broken (corrupt)\r\n");
  });
});

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { splices } from "../../library/diff";
import { linkTo, newId, newKey, remoteOf } from "../../library/link";
import { isNearlyFull } from "../../library/quota";
import { digest } from "../../library/uploading";

function change(text: Y.Text, wanted: string): void {
  for (const { at, removed, inserted } of splices(text.toJSON(), wanted)) {
    text.delete(at, removed);
    text.insert(at, inserted);
  }
}

describe("the changes that make one text of another", () => {
  it("do so, whatever the texts are", () => {
    const words = fc.array(fc.constantFrom("a", "b", " ", "ä", "😀", "👩‍👧"), { maxLength: 12 }).map((found) => found.join(""));
    const text = fc.oneof(words, fc.string({ unit: "grapheme" }));
    fc.assert(
      fc.property(text, text, (old, wanted) => {
        const found = new Y.Doc().getText("text");
        found.insert(0, old);
        change(found, wanted);
        expect(found.toJSON()).toBe(wanted);
      }),
    );
  });

  it("replace no more than differs, so that what others write meanwhile stays", () => {
    const [here, there] = [new Y.Doc(), new Y.Doc()];
    here.getText("text").insert(0, "The boat at the beach");
    Y.applyUpdate(there, Y.encodeStateAsUpdate(here));
    change(here.getText("text"), "A boat at a beach");
    change(there.getText("text"), "The red boat at the beach, evening");
    Y.applyUpdate(here, Y.encodeStateAsUpdate(there));
    Y.applyUpdate(there, Y.encodeStateAsUpdate(here));
    expect(here.getText("text").toJSON()).toBe("A red boat at a beach, evening");
    expect(there.getText("text").toJSON()).toBe(here.getText("text").toJSON());
  });

  it("take no longer for long texts", () => {
    const [old, wanted] = ["a".repeat(20_000), "b".repeat(20_000)];
    expect(splices(old, wanted)).toEqual([{ at: 0, removed: 20_000, inserted: wanted }]);
  });
});

describe("a library's link", () => {
  it("leads back to the library, and is in no request", () => {
    const remote = { id: newId(), key: newKey() };
    const link = linkTo(new URL("https://example.org/app/?a=1#old"), remote);
    expect(remoteOf(link)).toEqual(remote);
    expect(`${link.origin}${link.pathname}${link.search}`).toBe("https://example.org/app/?a=1");
  });

  it("may be any address at all", () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        const page = new URL("https://example.org/");
        page.hash = hash;
        const found = remoteOf(page);
        expect(found === undefined || hash.includes(found.key)).toBe(true);
      }),
    );
    expect(remoteOf(new URL(`https://example.org/#library=${newId()}.${newKey()}x`))).toBeUndefined();
  });
});

it("a digest is announced as RFC 9530 has it", () => {
  // Its appendix B.1.
  const hex = createHash("sha256").update('{"hello": "world"}\n').digest("hex");
  expect(digest(hex)).toBe("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
});

it("storage is nearly full from four fifths on, or with less than 200 MiB left", () => {
  const gib = 1 << 30;
  expect([isNearlyFull(0, 0), isNearlyFull(7 * gib, 10 * gib), isNearlyFull(8 * gib, 10 * gib), isNearlyFull(0, 199 << 20)]).toEqual([false, false, true, true]);
});

import "fake-indexeddb/auto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { LibraryDocument } from "../../library/document";
import * as edits from "../../library/edits";
import { LIMITS } from "../../library/limits";
import { Model } from "../../library/model";
import * as reading from "../../library/reading";
import type { LibraryState } from "../../library/types";

const SHA = "ab".repeat(32);
const ID = reading.pictureId(SHA);
const RANDOM = "A".repeat(22);
const PICTURE = { sha256: SHA, name: "a.png", type: "image/png", bytes: 3, added: 5 };

/** A document of somebody who writes what they like. */
function written(write: (doc: Y.Doc) => void, limits = LIMITS): { document: LibraryDocument; state: () => LibraryState } {
  const theirs = new Y.Doc();
  write(theirs);
  const document = new LibraryDocument();
  const model = new Model(document, limits);
  Y.applyUpdate(document.doc, Y.encodeStateAsUpdate(theirs));
  return { document, state: () => model.state.value };
}

const MAPS = ["pictures", "seen", "ratings", "recipes", "collections", "members", "conversions", "stages"] as const;

describe("a document in which anything may be", () => {
  it("is read without a fault, and what is read is what it should be", () => {
    const key = fc.oneof(fc.constantFrom(ID, RANDOM, `${ID}/width`, `${RANDOM}/${ID}`, `${RANDOM}/done`, `${RANDOM}/failed`, "__proto__", "", "/"), fc.string());
    const value = fc.oneof(
      fc.constant(PICTURE),
      fc.constant({ picture: ID, sha256: SHA, fn: "f", options: {}, at: "here", by: RANDOM }),
      fc.record({ sha256: fc.oneof(fc.constant(SHA), fc.anything()), name: fc.oneof(fc.string(), fc.jsonValue()), type: fc.string(), bytes: fc.oneof(fc.integer(), fc.double()), added: fc.double(), title: fc.string(), made: fc.double(), result: fc.jsonValue() }),
      fc.jsonValue(),
      fc.double(),
      fc.uint8Array(),
    );
    const entries = fc.array(fc.tuple(fc.constantFrom(...MAPS), key, value.filter(isStorable)), { maxLength: 20 });
    fc.assert(
      fc.property(entries, fc.string(), (given, caption) => {
        const { state, document } = written((doc) => {
          for (const [map, name, each] of given) doc.getMap(map).set(name, each);
          doc.getText(`caption:${ID}`).insert(0, caption);
        });
        for (const picture of state().pictures.values()) {
          expect([reading.SHA256.test(picture.sha256), reading.PICTURE_ID.test(picture.id), picture.rating >= 0 && picture.rating <= 5]).toEqual([true, true, true]);
          expect(JSON.parse(JSON.stringify(picture))).toEqual(picture);
        }
        for (const { at, fn } of state().conversions.values()) expect([["here", "service"].includes(at), reading.NAME.test(fn)]).toEqual([true, true]);
        // What is written into it afterwards is what one reads.
        if (!state().pictures.has(ID)) edits.addPicture(document, PICTURE);
        edits.caption(document, ID, "fine", LIMITS);
        edits.rate(document, ID, 2);
        edits.recipe(document, ID, { width: 7 });
        expect(state().pictures.get(ID)).toMatchObject({ caption: "fine", rating: 2, recipe: { width: 7 } });
      }),
      { numRuns: 30 },
    );
  });

  it("may have types where values should be, and no text where a caption should be", () => {
    const { state, document } = written((doc) => {
      doc.getMap("pictures").set(ID, PICTURE);
      doc.getMap("pictures").set("x", new Y.Map());
      doc.getMap("ratings").set(ID, new Y.Text("5"));
      doc.getMap("recipes").set(`${ID}/crop`, new Y.Array());
      doc.getArray("members").push([1, 2]);
      doc.getMap("stages").set(`${RANDOM}/done`, new Y.Map());
      doc.getText(`caption:${ID}`).insert(0, "text");
      doc.getText(`caption:${ID}`).insertEmbed(1, { image: "x" });
      doc.getText(`caption:${ID}`).format(0, 3, { bold: true });
    });
    expect(state().pictures.get(ID)).toMatchObject({ caption: "text", rating: 0, recipe: {} });
    edits.caption(document, ID, "text again", LIMITS);
    expect(state().pictures.get(ID)?.caption).toBe("text again");
  });

  it("names no page a picture, and no line of controls a name", () => {
    expect(["image/png", "IMAGE/JXL; q=1", "text/html", "image/svg+xml", "application/pdf", "x", 5].map(reading.mediaType)).toEqual([
      "image/png", "image/jxl", reading.UNKNOWN_TYPE, reading.UNKNOWN_TYPE, reading.UNKNOWN_TYPE, reading.UNKNOWN_TYPE, reading.UNKNOWN_TYPE,
    ]);
    expect(reading.line("a\u202etxt.exe\n", 255)).toBe("a txt.exe");
    expect(reading.original(ID, { ...PICTURE, sha256: "cd".repeat(32) })).toBeUndefined();
  });

  it("is read as far as the limits go", () => {
    const limits = { ...LIMITS, entries: 3, caption: 4, title: 5 };
    const { state } = written((doc) => {
      for (let number = 0; number < 9; number++) {
        const sha256 = `${number}`.repeat(64);
        doc.getMap("pictures").set(reading.pictureId(sha256), { ...PICTURE, sha256 });
        doc.getText(`caption:${reading.pictureId(sha256)}`).insert(0, "longer");
        doc.getMap("collections").set(`${number}`.repeat(22), { title: "longer", made: number });
      }
    }, limits);
    expect([state().pictures.size, state().collections.length]).toEqual([3, 3]);
    expect([...state().pictures.values()].map(({ caption }) => caption)).toEqual(["long", "long", "long"]);
    expect(state().collections[0]?.title).toBe("longe");
  });
});

function isStorable(value: unknown): boolean {
  try {
    new Y.Doc().getMap("map").set("key", value);
    return true;
  } catch {
    return false;
  }
}

describe("clients that do not hear of each other", () => {
  it("agree when they do, and nothing that does not contradict is lost", () => {
    const step = fc.record({ client: fc.nat(2), kind: fc.constantFrom("caption", "rate", "recipe", "put", "add", "exchange" as const), number: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const clients = [0, 1, 2].map(() => {
          const document = new LibraryDocument();
          return { document, model: new Model(document, LIMITS) };
        });
        const words: string[] = [];
        const first = clients[0];
        if (!first) return;
        edits.addPicture(first.document, PICTURE);
        const collection = edits.makeCollection(first.document, "All", LIMITS);
        exchange(clients);
        for (const { client, kind, number } of steps) {
          const { document, model } = clients[client] ?? first;
          if (kind === "caption") {
            words.push(`w${words.length}`);
            edits.caption(document, ID, `${model.state.value.pictures.get(ID)?.caption ?? ""} ${words.at(-1) ?? ""} `, LIMITS);
          } else if (kind === "rate") edits.rate(document, ID, number % 6);
          else if (kind === "recipe") edits.recipe(document, ID, { [`o${client}`]: number });
          else if (kind === "put") edits.put(document, [ID], collection);
          else if (kind === "add") edits.addPicture(document, { ...PICTURE, sha256: `${number}`.repeat(64) }, collection);
          else exchange(clients);
        }
        exchange(clients);
        const states = clients.map(({ model }) => model.state.value);
        const told = states.map(({ pictures, collections }) => ({ pictures: [...pictures.values()], collections }));
        expect(told[1]).toEqual(told[0]);
        expect(told[2]).toEqual(told[0]);
        const caption = states[0]?.pictures.get(ID)?.caption.split(/\s+/) ?? [];
        for (const word of words) expect(caption).toContain(word);
      }),
      { numRuns: 30 },
    );
  });
});

function exchange(clients: readonly { readonly document: LibraryDocument }[]): void {
  for (const from of clients) for (const to of clients) Y.applyUpdate(to.document.doc, Y.encodeStateAsUpdate(from.document.doc, Y.encodeStateVector(to.document.doc)));
  const [first, ...others] = clients;
  for (const other of others) if (first) Y.applyUpdate(first.document.doc, Y.encodeStateAsUpdate(other.document.doc));
  for (const other of others) if (first) Y.applyUpdate(other.document.doc, Y.encodeStateAsUpdate(first.document.doc));
}

import { expect, test } from "vitest";
import type { LibraryState, PictureEntry } from "../library/index";
import { columns, lines, seenTiles, steppedTile } from "../viewer/model/grid";
import { type Box, boxBetween, boxChanged, isBox } from "../viewer/model/recipe";
import { Shelf } from "../viewer/model/shelf";

const GRID = { count: 10_000, across: 168, down: 184, width: 1000, height: 600, offset: 0 };

test("of a grid of ten thousand a few dozen tiles are there", () => {
  expect(columns(GRID)).toBe(5);
  expect(lines(GRID).count).toBe(2000);
  for (const offset of [0, 1, 184 * 1000 + 90, 184 * 2000 - 600, 1e9]) {
    const { first, end } = seenTiles({ ...GRID, offset }, 2);
    expect(end - first).toBeLessThanOrEqual(5 * 9);
    expect(first % 5).toBe(0);
  }
  expect(seenTiles({ ...GRID, count: 7 })).toEqual({ first: 0, end: 7 });
  expect(seenTiles({ ...GRID, count: 0 })).toEqual({ first: 0, end: 0 });
});

test("keys go along lines and across them, and never off the grid", () => {
  const steps: [string, number, number | undefined][] = [
    ["ArrowRight", 4, 5], ["ArrowLeft", 0, 0], ["ArrowDown", 4, 9], ["ArrowUp", 7, 2], ["PageDown", 0, 15], ["PageUp", 3, 0],
    ["Home", 77, 0], ["End", 77, 9999], ["ArrowDown", 9998, 9999], ["x", 3, undefined],
  ];
  for (const [key, from, to] of steps) expect(steppedTile(key, from, GRID)).toBe(to);
  expect(steppedTile("Home", 0, { ...GRID, count: 0 })).toBeUndefined();
});

function entry(id: string, more: Partial<PictureEntry> = {}): PictureEntry {
  return { id, sha256: id, name: `${id}.png`, type: "image/png", bytes: 1, added: 0, caption: "", rating: 0, recipe: {}, ...more };
}

function state(entries: readonly PictureEntry[], collections: LibraryState["collections"] = []): LibraryState {
  return { pictures: new Map(entries.map((each) => [each.id, each])), collections, conversions: new Map(), canUndo: false, canRedo: false };
}

const THREE = [entry("b10", { added: 1, rating: 3 }), entry("b9", { added: 2, caption: "Fjord at dawn" }), entry("a", { added: 3, rating: 5 })];
const ids = (shelf: Shelf): string[] => shelf.value.pictures.map(({ id }) => id);

test("pictures are filtered by words and stars, and ordered", () => {
  const shelf = new Shelf();
  shelf.follow(state(THREE, [{ id: "c", title: "Trip", pictures: ["a", "gone", "b9"] }]));
  expect(ids(shelf)).toEqual(["b10", "b9", "a"]);
  shelf.look({ order: "name" });
  expect(ids(shelf)).toEqual(["a", "b9", "b10"]);
  shelf.look({ order: "rating" });
  expect(ids(shelf)).toEqual(["a", "b10", "b9"]);
  shelf.look({ order: "added", stars: 3 });
  expect(ids(shelf)).toEqual(["b10", "a"]);
  shelf.look({ stars: 0, filter: "DAWN b9" });
  expect(ids(shelf)).toEqual(["b9"]);
  shelf.look({ filter: "", collection: "c" });
  expect(ids(shelf)).toEqual(["a", "b9"]);
  // Somebody removes the collection that is looked at.
  shelf.follow(state(THREE));
  expect(ids(shelf)).toHaveLength(3);
});

test("what is selected and no longer shown is not selected", () => {
  const shelf = new Shelf();
  shelf.follow(state(THREE));
  shelf.select("b10");
  expect(shelf.single?.id).toBe("b10");
  shelf.reach("a");
  expect(shelf.chosen).toHaveLength(3);
  expect(shelf.single).toBeUndefined();
  shelf.toggle("b9");
  shelf.follow(state(THREE.slice(1)));
  expect(shelf.chosen.map(({ id }) => id)).toEqual(["a"]);
  shelf.selectAll();
  expect(shelf.value.selected.size).toBe(2);
});

test("a crop stays inside of its picture, of whole pixels", () => {
  const size = { width: 100, height: 50 };
  expect(boxBetween({ x: 10.4, y: 45 }, { x: -3, y: 20.6 }, size)).toEqual([0, 20, 11, 25]);
  expect(boxBetween({ x: 500, y: 500 }, { x: 500, y: 500 }, size)).toEqual([99, 49, 1, 1]);
  const box: Box = [10, 10, 20, 20];
  expect(boxChanged(box, { x: -30, y: 100 }, size)).toEqual([0, 30, 20, 20]);
  expect(boxChanged(box, { width: 1000, height: -1000 }, size)).toEqual([10, 10, 90, 1]);
  expect(isBox([1, 2, 3])).toBe(false);
  expect(isBox([1, 2, 3, 4.5])).toBe(false);
});

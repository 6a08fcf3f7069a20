import { afterEach, describe, expect, it } from "vitest";
import { Library, type LibraryOptions, LIMITS } from "../../library/index";
import { added, file, freshName, open as opened } from "./opened";

const libraries: Library[] = [];

async function open(options: Partial<LibraryOptions> = {}): Promise<Library> {
  const library = await opened(options);
  libraries.push(library);
  return library;
}

afterEach(async () => {
  await Promise.all(libraries.splice(0).map((library) => library.close()));
});

describe("a library on this device", () => {
  it("has everything again when it is opened again", async () => {
    const name = freshName();
    const library = await open({ name });
    const collection = await library.makeCollection("Holidays");
    const [a = "", b = ""] = (await library.add([file("a"), file("b")], collection)).ids;
    await library.caption(a, "On the beach");
    await library.rate(a, 4);
    await library.recipe(a, { width: 100, crop: [1, 2, 3, 4] });
    await library.recipe(a, { width: undefined, turn: 90 });
    await library.describe(a, { width: 640, height: 480, format: "png" });
    await library.take([b], collection);
    const asked = await library.ask(b, "someFunction", { to: "x" }, "here");
    const { value } = library.model;
    await library.close();

    const again = await open({ name });
    expect(again.model.value.pictures).toEqual(value.pictures);
    expect(again.model.value.pictures.get(a)).toMatchObject({ name: "a.png", caption: "On the beach", rating: 4, recipe: { crop: [1, 2, 3, 4], turn: 90 }, width: 640, height: 480, format: "png" });
    expect(again.model.value.collections).toEqual([{ id: collection, title: "Holidays", pictures: [a] }]);
    expect(again.pending().map(({ id, fn, options }) => ({ id, fn, options }))).toEqual([{ id: asked, fn: "someFunction", options: { to: "x" } }]);
    expect(await (await again.file(again.model.value.pictures.get(a)?.sha256 ?? "")).text()).toBe("a");
  });

  it("keeps equal bytes once, and tells why files are refused", async () => {
    const library = await open({ limits: { file: 10 } });
    const told: number[] = [];
    const first = await library.add([file("same", "1.png"), file("same", "2.png"), file(""), file("more than ten")], undefined, (done) => told.push(done));
    expect([first.ids.length, first.already.length, told]).toEqual([1, 0, [1, 2, 3, 4]]);
    expect(first.refused.map(({ why }) => why)).toEqual(["It is empty.", "It has 13 bytes, a file may have 10."]);
    expect((await library.add([file("same")])).already).toEqual(first.ids);
    expect(library.model.value.pictures.size).toBe(1);
    expect(LIMITS.file).toBe(256 << 20);
  });

  it("takes back what was done, step by step, and only that", async () => {
    const library = await open();
    const id = await added(library, "a");
    await library.rate(id, 3);
    await library.describe(id, { width: 5 });
    await library.remove([id]);
    expect(library.model.value.pictures.size).toBe(0);
    expect(await library.undo()).toBe(true);
    expect(library.model.value.pictures.get(id)).toMatchObject({ rating: 3, width: 5, name: "a.png" });
    expect(await (await library.file(library.model.value.pictures.get(id)?.sha256 ?? "")).text()).toBe("a");
    await library.undo();
    expect(library.model.value.pictures.get(id)?.rating).toBe(0);
    await library.undo();
    expect(library.model.value).toMatchObject({ canUndo: false, canRedo: true });
    expect(await library.undo()).toBe(false);
    await library.redo();
    await library.redo();
    expect(library.model.value.pictures.get(id)).toMatchObject({ rating: 3 });
  });

  it("keeps results, and what becomes of conversions", async () => {
    const library = await open();
    const id = await added(library, "a");
    const [done, failed, cancelled] = await Promise.all(["f", "g", "h"].map((fn) => library.ask(id, fn, {}, "here")));
    await library.finish(done ?? "", { file: new Blob(["result"], { type: "image/jxl" }), place: "browser", milliseconds: 7 });
    await library.fail(failed ?? "", { code: "bad_image", title: "No image" });
    await library.cancel(cancelled ?? "");
    await library.fail(cancelled ?? "", { code: "late", title: "Too late" });
    const { conversions } = library.model.value;
    expect([done, failed, cancelled].map((each) => conversions.get(each ?? "")?.state)).toEqual(["done", "failed", "cancelled"]);
    const { result, place, milliseconds } = conversions.get(done ?? "") ?? {};
    expect([place, milliseconds, result?.bytes, result?.type]).toEqual(["browser", 7, 6, "image/jxl"]);
    expect(await (await library.file(result?.sha256 ?? "")).text()).toBe("result");
    expect(library.pending()).toEqual([]);
  });

  it("tells what it cannot do", async () => {
    const library = await open();
    const id = await added(library, "a");
    await expect(library.rate("0".repeat(32), 1)).rejects.toMatchObject({ code: "not_found" });
    await expect(library.rate(id, 6)).rejects.toMatchObject({ code: "bad_value" });
    await expect(library.recipe(id, { "not a name": 1 })).rejects.toMatchObject({ code: "bad_value" });
    await expect(library.recipe(id, { deep: { f: () => 1 } })).rejects.toMatchObject({ code: "bad_value" });
    await expect(library.add([file("b")], "nowhere")).rejects.toMatchObject({ code: "not_found" });
    await expect(library.ask(id, "f", {}, "service")).rejects.toMatchObject({ code: "unpublished" });
    await expect(library.file("0".repeat(64))).rejects.toMatchObject({ code: "not_found" });
    expect(library.model.value.conversions.size).toBe(0);
    expect(library.sync.value.commands).toEqual([]);
  });
});

import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { VERSION } from "../../library/database";
import { Library, type LibraryOptions } from "../../library/index";
import { added, file, freshName, open as opened, until } from "./opened";

const libraries: Library[] = [];

async function open(options: Partial<LibraryOptions> = {}): Promise<Library> {
  const library = await opened(options);
  libraries.push(library);
  return library;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(libraries.splice(0).map((library) => library.close()));
});

/** The browser has no room for files of more than so many bytes. */
function fill(most: number): void {
  const { value: add } = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, "add") as { value: (this: IDBObjectStore, value: unknown, key?: IDBValidKey) => IDBRequest<IDBValidKey> };
  vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(function (this: IDBObjectStore, value: unknown, key?: IDBValidKey) {
    if (value instanceof Blob && value.size > most) throw new DOMException("no room", "QuotaExceededError");
    return add.call(this, value, key);
  });
}

async function stored(name: string, store: string): Promise<unknown[]> {
  const database = await openDB(`eitherside-library-${name}`);
  const found: unknown[] = await database.getAll(store);
  database.close();
  return found;
}

describe("a browser without room", () => {
  it("refuses what does not fit, keeps nothing of it, and keeps the rest", async () => {
    const name = freshName();
    const library = await open({ name });
    const first = await added(library, "a");
    fill(5);
    const { ids, refused } = await library.add([file("b"), file("too large"), file("c")]);
    expect(refused.map(({ file: { name: each }, why }) => [each, why])).toEqual([["too large.png", "This browser has no room left for the library: nothing of this was kept."]]);
    expect([...library.model.value.pictures.keys()].sort()).toEqual([first, ...ids].sort());
    expect(await stored(name, "files")).toHaveLength(3);
    await library.caption(first, "still works");
    const asked = await library.ask(first, "f", {}, "here");
    await expect(library.finish(asked, { file: new Blob(["too large"]), place: "browser" })).rejects.toMatchObject({ code: "storage_full" });
    expect(library.model.value.conversions.get(asked)?.state).toBe("asked");
    await library.close();
    const again = await open({ name });
    expect(again.model.value.pictures).toEqual(library.model.value.pictures);
    expect(again.pending().map(({ id }) => id)).toEqual([asked]);
  });
});

describe("several tabs", () => {
  it("have the same library at once, and each takes back its own changes", async () => {
    const name = freshName();
    const [first, second] = [await open({ name }), await open({ name })];
    const id = await added(first, "a");
    await until(() => second.model.value.pictures.has(id));
    await second.rate(id, 2);
    await first.caption(id, "from the first");
    await until(() => first.model.value.pictures.get(id)?.rating === 2 && second.model.value.pictures.get(id)?.caption !== "");
    expect(await second.undo()).toBe(true);
    await until(() => first.model.value.pictures.get(id)?.rating === 0);
    expect(first.model.value.pictures.get(id)?.caption).toBe("from the first");
    expect(await second.undo()).toBe(false);
    const asked = await first.ask(id, "f", {}, "here");
    await until(() => second.pending().some((each) => each.id === asked));
  });

  it("lose nothing when one of them joins what is logged", async () => {
    const name = freshName();
    const [first, second] = [await open({ name }), await open({ name })];
    const id = await added(first, "a");
    await until(() => second.model.value.pictures.has(id));
    for (let number = 0; number < 230; number++) await (number % 2 ? first : second).recipe(id, { [`o${number}`]: number });
    await until(() => Object.keys(first.model.value.pictures.get(id)?.recipe ?? {}).length === 230);
    await until(() => Object.keys(second.model.value.pictures.get(id)?.recipe ?? {}).length === 230);
    expect((await stored(name, "updates")).length).toBeLessThan(210);
    const third = await open({ name });
    expect(third.model.value.pictures.get(id)).toEqual(first.model.value.pictures.get(id));
  });

  it("of an older version make room for a newer one, with all that they were told is kept", async () => {
    const name = freshName();
    const library = await open({ name });
    const id = await added(library, "a");
    const last = library.caption(id, "just in time");
    const newer = openDB(`eitherside-library-${name}`, VERSION + 1, { upgrade: () => undefined });
    await last;
    (await newer).close();
    await until(() => library.sync.value.lastError?.includes("newer version") ?? false);
    await expect(library.rate(id, 1)).rejects.toMatchObject({ code: "storage_lost" });
    expect(await stored(name, "updates")).toHaveLength(2);
    await expect(open({ name })).rejects.toMatchObject({ code: "storage_lost" });
  });

  it("of another library do not mix with this one", async () => {
    const name = freshName();
    const library = await open({ name });
    await added(library, "a");
    const remote = { id: "A".repeat(22), key: "B".repeat(43) };
    await expect(open({ name, remote })).rejects.toMatchObject({ code: "other_library" });
    const other = await open({ name: freshName(), remote });
    expect(other.sync.value.remote).toEqual(remote);
  });
});

describe("files that nothing refers to", () => {
  it("stay as long as undo may want them, and go after that", async () => {
    const name = freshName();
    const library = await open({ name });
    const [a, b] = [await added(library, "a"), await added(library, "b")];
    await library.remove([a]);
    expect(await library.undo()).toBe(true);
    await library.remove([b]);
    await library.close();
    const soon = await open({ name });
    await soon.close();
    expect(await stored(name, "files")).toHaveLength(2);
    const later = await open({ name, limits: { loose: -1 } });
    await until(async () => (await stored(name, "files")).length === 1);
    expect([...later.model.value.pictures.keys()]).toEqual([a]);
    // What only this device has is never removed to make room.
    expect(await later.freeUp()).toBe(0);
    expect(await (await later.file(later.model.value.pictures.get(a)?.sha256 ?? "")).text()).toBe("a");
  });
});

import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";
import { Library, type LibraryOptions } from "../../library/index";
import { added, freshName, open as opened, until } from "./opened";

const ID = "L".repeat(22);

/** Answers in the place of a service that is in trouble; what a real one does, the tests in Chromium show. */
class Trouble {
  readonly asked: string[] = [];
  readonly keys = new Set<string>();
  answer: (request: string) => Response | undefined = () => undefined;

  readonly fetch: typeof fetch = (input, init) => {
    const path = (input as URL).pathname.replace(ID, "-").replace(/[0-9a-f]{64}/, "#");
    const request = `${init?.method ?? "GET"} ${path}`;
    this.asked.push(request);
    this.keys.add(new Headers(init?.headers).get("Authorization") ?? "");
    const found = this.answer(request);
    return found ? Promise.resolve(found) : Promise.reject(new TypeError("no network"));
  };

  count(request: string): number {
    return this.asked.filter((each) => each === request).length;
  }
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers });
}

const problem = (status: number, code: string, headers: Record<string, string> = {}): Response => json(status, { code, title: "No", detail: "It is so." }, headers);

const libraries: Library[] = [];

async function open(options: Partial<LibraryOptions>): Promise<Library> {
  const library = await opened({ limits: { pause: 20 }, ...options });
  libraries.push(library);
  return library;
}

afterEach(async () => {
  await Promise.all(libraries.splice(0).map((library) => library.close()));
});

const kinds = (library: Library): string[] => library.sync.value.commands.map(({ kind, state }) => `${kind} ${state}`).sort();

describe("the outbox", () => {
  it("keeps everything while nobody can be reached, and a request that is made again has the same key", async () => {
    const trouble = new Trouble();
    const name = freshName();
    const library = await open({ name, fetch: trouble.fetch });
    const id = await added(library, "a");
    expect(trouble.asked).toEqual([]);
    await library.publish();
    await library.caption(id, "text");
    await until(() => trouble.count("POST /v1/libraries") > 2);
    expect(library.sync.value).toMatchObject({ online: false, listening: false, remote: undefined });
    expect(library.link(new URL("http://page.test/"))).toBeUndefined();
    await library.close();
    const again = await open({ name, fetch: trouble.fetch });
    expect(again.sync.value.commands.map(({ kind }) => kind).sort()).toEqual(["change", "library", "upload"]);
    await until(() => trouble.count("POST /v1/libraries") > 5);
    expect(trouble.keys.size).toBe(1);
    // From now on there is one.
    trouble.answer = (request) => (request === "POST /v1/libraries" ? json(201, { id: ID }) : undefined);
    await until(() => again.sync.value.remote !== undefined);
    expect(again.link(new URL("http://page.test/"))?.hash).toContain(`library=${ID}.`);
    expect(trouble.keys).toEqual(new Set([`Bearer ${again.sync.value.remote?.key ?? ""}`]));
  });

  it("shows what is refused, goes on with what does not depend on it, and has ways out", async () => {
    const trouble = new Trouble();
    const files = new Set<string>();
    trouble.answer = (request) => {
      if (request === "POST /v1/libraries") return json(201, { id: ID });
      if (request === "HEAD /v1/libraries/-/blobs/#") return new Response(null, { status: 404 });
      if (request === "POST /v1/libraries/-/blobs") return files.size === 0 ? problem(413, "library_full") : json(201, {});
      return problem(500, "internal");
    };
    const library = await open({ fetch: trouble.fetch });
    const id = await added(library, "a");
    await library.publish();
    const conversion = await library.ask(id, "f", {}, "service");
    await until(() => kinds(library).includes("upload refused"));
    const refused = library.sync.value.commands.find(({ kind }) => kind === "upload");
    expect(refused?.problem).toEqual({ status: 413, code: "library_full", title: "No", detail: "It is so." });
    // Its job waits, and the other file is sent.
    files.add("room");
    await added(library, "b");
    await until(() => library.sync.value.commands.filter(({ kind }) => kind === "upload").length === 1);
    expect(kinds(library)).toEqual(["change waiting", "job waiting", "upload refused"].map((each) => expect.stringContaining(each.split(" ")[0] ?? "") as unknown));
    expect(trouble.count("POST /v1/jobs")).toBe(0);
    await library.retry(refused?.key ?? "");
    await until(() => !library.sync.value.commands.some(({ kind }) => kind === "upload"));
    await until(() => trouble.count("GET /v1/interface") > 0);
    // What was never sent is cancelled by not sending it.
    await library.cancel(conversion);
    expect(library.model.value.conversions.get(conversion)?.state).toBe("cancelled");
    await expect(library.discard("upload:nothing")).rejects.toMatchObject({ code: "not_found" });
  });

  it("waits as long as it is asked to", async () => {
    const trouble = new Trouble();
    trouble.answer = (request) => (request === "POST /v1/libraries" ? problem(429, "too_many", { "Retry-After": "1" }) : undefined);
    const library = await open({ fetch: trouble.fetch });
    await library.publish();
    await until(() => library.sync.value.lastError !== undefined);
    const asked = trouble.count("POST /v1/libraries");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(trouble.count("POST /v1/libraries")).toBe(asked);
    expect(library.sync.value.commands[0]).toMatchObject({ kind: "library", state: "waiting", attempts: 1 });
    trouble.answer = (request) => (request === "POST /v1/libraries" ? json(201, { id: ID }) : undefined);
    await until(() => library.sync.value.remote !== undefined);
  });

  it("waits, and says so, where the service has no such library any more", async () => {
    const trouble = new Trouble();
    trouble.answer = (request) => (request === "POST /v1/libraries" ? json(201, { id: ID }) : problem(404, "not_found"));
    const library = await open({ fetch: trouble.fetch });
    const id = await added(library, "a");
    await library.publish();
    await until(() => library.sync.value.lastError?.includes("no such library") ?? false);
    await library.rate(id, 3);
    expect(library.sync.value.commands.map(({ kind }) => kind).sort()).toEqual(["change", "upload"]);
    expect(library.sync.value.commands.some(({ state }) => state === "refused")).toBe(false);
    expect(library.model.value.pictures.get(id)?.rating).toBe(3);
  });

  it("can be given up before there is a library of the service: everything stays on this device", async () => {
    const trouble = new Trouble();
    trouble.answer = () => problem(405, "method_not_allowed");
    const library = await open({ fetch: trouble.fetch });
    const id = await added(library, "a");
    await library.publish();
    await until(() => kinds(library).includes("library refused"));
    await library.discard("library");
    await until(() => library.sync.value.commands.length === 0);
    expect(library.model.value.pictures.has(id)).toBe(true);
    await expect(library.ask(id, "f", {}, "service")).rejects.toMatchObject({ code: "unpublished" });
  });
});

import { cacheName, SHARE, SHARED, SHARED_FILES, UNSHARED } from "./messages";

/** Files and bytes that are taken of one share. */
const MOST_FILES = 1000;
const MOST_BYTES = 2 ** 30;
/** Milliseconds after which files are removed that no page has come for. */
const OLD = 3_600_000;
const NAME = "Eitherside-Name";
const AT = "Eitherside-At";

/** Files that another application has shared, from when the service worker gets them until a page has them. */
export class Shared {
  private readonly name: string;

  constructor(private readonly scope: string) {
    this.name = cacheName(scope, "shared");
  }

  /** Keeps the files of a form, and leads to the page that takes them. */
  async receive(request: Request): Promise<Response> {
    try {
      const form = await request.formData();
      const files = form.getAll(SHARED_FILES).filter((each) => each instanceof File).filter(({ name, size }) => name !== "" || size > 0);
      if (files.length === 0) return this.lead(UNSHARED, "nothing");
      if (files.length > MOST_FILES || files.reduce((sum, { size }) => sum + size, 0) > MOST_BYTES) return this.lead(UNSHARED, "much");
      return this.lead(SHARED, await this.keep(files));
    } catch {
      return this.lead(UNSHARED, "failed");
    }
  }

  /** Gives the files of one share, and forgets them. */
  async take(id: string): Promise<File[]> {
    const cache = await caches.open(this.name);
    const prefix = `${this.scope}${SHARE}/${encodeURIComponent(id)}/`;
    const requests = (await cache.keys()).filter(({ url }) => url.startsWith(prefix));
    const files = await Promise.all(
      requests.map(async (request) => {
        const answer = await cache.match(request);
        await cache.delete(request);
        if (!answer) return [];
        const name = decodeURIComponent(answer.headers.get(NAME) ?? "");
        return [new File([await answer.blob()], name, { type: answer.headers.get("Content-Type") ?? "" })];
      }),
    );
    return files.flat();
  }

  async tidy(): Promise<void> {
    if (!(await caches.has(this.name))) return;
    const cache = await caches.open(this.name);
    for (const request of await cache.keys()) {
      const at = Number((await cache.match(request))?.headers.get(AT));
      if (Date.now() - at > OLD) await cache.delete(request);
    }
  }

  private async keep(files: readonly File[]): Promise<string> {
    const cache = await caches.open(this.name);
    const id = crypto.randomUUID();
    for (const [index, file] of files.entries()) {
      const headers = { "Content-Type": file.type, [NAME]: encodeURIComponent(file.name), [AT]: String(Date.now()) };
      await cache.put(`${this.scope}${SHARE}/${id}/${index}`, new Response(file, { headers }));
    }
    return id;
  }

  private lead(parameter: string, value: string): Response {
    return Response.redirect(`${this.scope}?${parameter}=${encodeURIComponent(value)}`, 303);
  }
}

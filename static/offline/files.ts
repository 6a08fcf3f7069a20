import type { Build } from "./build";
import { cacheName } from "./messages";

const ASSETS = "assets/";

/** Whether a path has a digest of the file's contents in it, so that it is the same file in whichever build. */
export function isDigested(path: string): boolean {
  return path.startsWith(ASSETS);
}

/** The files of builds, each build in a cache of its own. What is kept of this one was checked against its digest. */
export class Files {
  private readonly own: string;
  private readonly prefix: string;

  constructor(private readonly scope: string, private readonly build: Build) {
    this.prefix = cacheName(scope, "build ");
    this.own = this.prefix + build.digest;
  }

  has(path: string): boolean {
    return Object.hasOwn(this.build.files, path);
  }

  /**
   * Keeps every file of the build that is not kept yet.
   *
   * @param isSaving nothing is fetched that the browser does not have: what it lacks stays away until it is needed.
   * @throws TypeError where a file cannot be had, or is another one by now.
   */
  async complete(isSaving: boolean): Promise<void> {
    const cache = await caches.open(this.own);
    for (const path of Object.keys(this.build.files)) {
      const address = this.scope + path;
      if (await cache.match(address, { ignoreVary: true })) continue;
      const found = (isDigested(path) ? await this.match(path) : undefined) ?? (await this.fetch(path, isSaving));
      if (found) await cache.put(address, found);
    }
  }

  async isComplete(): Promise<boolean> {
    const cache = await caches.open(this.own);
    const kept = await cache.keys();
    return kept.length >= Object.keys(this.build.files).length;
  }

  /** A file as it is kept; one with a digest in its name may be of another build, whose page still lives. */
  async match(path: string): Promise<Response | undefined> {
    const address = this.scope + path;
    const mine = await caches.match(address, { cacheName: this.own, ignoreVary: true });
    if (mine || !isDigested(path)) return mine;
    for (const cacheName of await this.others()) {
      const found = await caches.match(address, { cacheName, ignoreVary: true });
      if (found) return found;
    }
    return undefined;
  }

  /** Keeps an answer that has come anyway, if it is the build's file. */
  async keep(path: string, answer: Response): Promise<void> {
    const bytes = await answer.clone().arrayBuffer();
    if ((await integrity(bytes)) !== this.build.files[path]) return;
    const cache = await caches.open(this.own);
    await cache.put(this.scope + path, answer);
  }

  /** Removes the builds that no page lives on. */
  async tidy(living: ReadonlySet<string>): Promise<void> {
    for (const name of await this.others()) {
      if (!living.has(name.slice(this.prefix.length))) await caches.delete(name);
    }
  }

  private async others(): Promise<string[]> {
    return (await caches.keys()).filter((name) => name.startsWith(this.prefix) && name !== this.own);
  }

  /** Out of the browser's own cache where it is there, as most is after a first visit. */
  private async fetch(path: string, isSaving: boolean): Promise<Response | undefined> {
    const request = (cache: RequestCache): Request => new Request(this.scope + path, { cache, mode: "same-origin", integrity: this.build.files[path] ?? "" });
    try {
      return good(await fetch(request(isSaving ? "only-if-cached" : "force-cache")));
    } catch (error) {
      if (isSaving) return undefined;
      if (isDigested(path)) throw error;
      // What has kept its name may lie there as an older build had it.
      return good(await fetch(request("no-cache")));
    }
  }
}

function good(answer: Response): Response {
  if (!answer.ok || answer.redirected) throw new TypeError(`${answer.url} cannot be kept: status ${answer.status}`);
  return answer;
}

async function integrity(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}

import { KEPT } from "../client/kept";
import { cacheName } from "./messages";

/** Path of the interface below the scope. */
export const INTERFACE = "v1/interface";
const MODULE = /^module\/([0-9a-f]{64})\.wasm$/;
/** Milliseconds that the service has to tell of itself, where it has done so earlier. */
const PATIENCE = 3000;

/** SHA-256 of the module that a path below the scope names, if it names one. */
export function moduleAt(path: string): string | undefined {
  return MODULE.exec(path)?.[1];
}

/** The modules that pages have run, each with what the service then said of itself. */
export class Modules {
  private readonly name: string;

  constructor(private readonly scope: string) {
    this.name = cacheName(scope, "modules");
  }

  /**
   * What the service says of itself now or, where it is not there or takes too long, what it said when it last had a module that is kept.
   *
   * @param later takes what goes on after the answer.
   * @throws TypeError where it cannot be reached and nothing is kept.
   */
  async interface(request: Request, later: (work: Promise<unknown>) => void): Promise<Response> {
    const fetching = fetch(request);
    const keeping = fetching.then((answer) => (answer.ok ? this.keepInterface(answer.clone()) : undefined));
    later(keeping.catch(() => undefined));
    const answer = await Promise.race([fetching.catch(() => undefined), pause(PATIENCE)]);
    if (answer?.ok === true) return answer;
    return (await this.latest()) ?? fetching;
  }

  /** The module with a hash; kept from now on. */
  async module(request: Request, sha256: string, later: (work: Promise<unknown>) => void): Promise<Response> {
    const found = await caches.match(request.url, { cacheName: this.name, ignoreVary: true });
    if (found) return found;
    const answer = await fetch(request);
    if (answer.ok) later(this.keepModule(request.url, sha256, answer.clone()));
    return answer;
  }

  /**
   * Keeps a module and what belongs to it, out of the browser's own cache as a rule: its page has fetched both.
   *
   * @param isSaving nothing is fetched that is not there.
   * @returns whether both are kept.
   */
  async keep(url: string, sha256: string, isSaving: boolean): Promise<boolean> {
    const cache = await caches.open(this.name);
    const options: RequestInit = { mode: "same-origin", cache: isSaving ? "only-if-cached" : "force-cache" };
    const got = async (address: string): Promise<Response | undefined> => {
      const answer = await fetch(address, options).catch(() => undefined);
      return answer?.ok === true ? answer : undefined;
    };
    if (!(await cache.match(url, { ignoreVary: true }))) {
      const answer = await got(url);
      if (answer) await this.keepModule(url, sha256, answer);
    }
    if (!(await cache.match(this.interfaceOf(sha256)))) {
      const answer = await got(this.scope + INTERFACE);
      if (answer) await this.keepInterface(answer);
    }
    const [module, description] = await Promise.all([cache.match(url, { ignoreVary: true }), cache.match(this.interfaceOf(sha256))]);
    return module !== undefined && description !== undefined;
  }

  /** Removes the modules that no page runs, but for the one that would be run without the service. */
  async tidy(living: ReadonlySet<string>): Promise<void> {
    const cache = await caches.open(this.name);
    const next = (await this.kept())[0]?.sha256;
    const keys = await cache.keys();
    for (const { url } of keys) {
      const sha256 = moduleAt(url.slice(this.scope.length)) ?? new URL(url).searchParams.get("module");
      if (sha256 !== null && sha256 !== next && !living.has(sha256)) await cache.delete(url, { ignoreVary: true });
    }
  }

  private interfaceOf(sha256: string): string {
    return `${this.scope}${INTERFACE}?module=${sha256}`;
  }

  private async latest(): Promise<Response | undefined> {
    return (await this.kept())[0]?.answer;
  }

  /** What is kept of the service for modules that are kept, the latest first. */
  private async kept(): Promise<{ sha256: string; answer: Response; at: number }[]> {
    const cache = await caches.open(this.name);
    const urls = (await cache.keys()).map(({ url }) => url);
    const modules = urls.flatMap((url) => moduleAt(url.slice(this.scope.length)) ?? []);
    const found = await Promise.all(
      modules.map(async (sha256) => {
        const answer = await cache.match(this.interfaceOf(sha256));
        return answer ? [{ sha256, answer, at: Number(answer.headers.get(KEPT)) }] : [];
      }),
    );
    return found.flat().sort((one, other) => other.at - one.at);
  }

  private async keepModule(url: string, sha256: string, answer: Response): Promise<void> {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await answer.clone().arrayBuffer()));
    if ([...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") !== sha256) return;
    const cache = await caches.open(this.name);
    await cache.put(url, answer);
  }

  private async keepInterface(answer: Response): Promise<void> {
    const text = await answer.text();
    const { module } = JSON.parse(text) as { module?: { sha256?: unknown } };
    if (typeof module?.sha256 !== "string") return;
    const headers = new Headers(answer.headers);
    for (const name of ["Content-Encoding", "Content-Length", "Eitherside-Load"]) headers.delete(name);
    headers.set(KEPT, String(Date.now()));
    const cache = await caches.open(this.name);
    await cache.put(this.interfaceOf(module.sha256), new Response(text, { headers }));
  }
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined));
}

/** The service worker: the page, the client and the module without a network. docs/offline.md tells what it does, and what it leaves alone. */
import type { Build } from "./build";
import { Files, isDigested } from "./files";
import { living } from "./living";
import { type Hello, SHARE, type ToWorker, type Welcome } from "./messages";
import { INTERFACE, moduleAt, Modules } from "./modules";
import { Shared } from "./shared";

declare const self: ServiceWorkerGlobalScope;
/** Put in by the build. */
declare const BUILD: Build;

/** Paths of the page itself. */
const PAGES: ReadonlySet<string> = new Set(["", "index.html"]);

const scope = new URL(self.registration.scope);
const files = new Files(scope.href, BUILD);
const modules = new Modules(scope.href);
const shared = new Shared(scope.href);

self.addEventListener("install", (event) => {
  leaveAlone(event);
  // The first one keeps files when its page says hello, and whether data is to be saved. A later one has them all before it may take over.
  if (self.registration.active) event.waitUntil(files.complete(isSaving()));
});

self.addEventListener("activate", (event) => {
  // The first page came without a worker. No page is made to change its build by this: its files are found by their digests.
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const answer = answerTo(event);
  if (answer) event.respondWith(answer);
});

self.addEventListener("message", (event) => {
  const message = event.data as ToWorker;
  if (message.type === "take over") event.waitUntil(self.skipWaiting());
  else event.waitUntil(welcome(message, event.ports[0]));
});

function answerTo(event: FetchEvent): Promise<Response> | undefined {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return undefined;
  const path = url.pathname.slice(scope.pathname.length);
  const later = (work: Promise<unknown>): void => event.waitUntil(work);
  if (request.method === "POST" && request.mode === "navigate" && path === SHARE) return shared.receive(request);
  if (request.method !== "GET" || request.headers.has("Range")) return undefined;
  if (request.mode === "navigate") return PAGES.has(path) ? file("", request, later) : undefined;
  if (url.search !== "") return undefined;
  if (path === INTERFACE) return modules.interface(request, later);
  const sha256 = moduleAt(path);
  if (sha256 !== undefined) return modules.module(request, sha256, later);
  if (isDigested(path)) return file(path, request, later);
  return files.has(path) ? stable(path, request, later) : undefined;
}

/** A file of the build: as kept, or as the service has it. */
async function file(path: string, request: Request, later: (work: Promise<unknown>) => void): Promise<Response> {
  return (await files.match(path)) ?? fetched(path, request, later);
}

/** Other pages import these by their names, and get the service's as long as it is there. */
async function stable(path: string, request: Request, later: (work: Promise<unknown>) => void): Promise<Response> {
  try {
    return await fetched(path, request, later);
  } catch (error) {
    const found = await files.match(path);
    if (found) return found;
    throw error;
  }
}

async function fetched(path: string, request: Request, later: (work: Promise<unknown>) => void): Promise<Response> {
  const answer = await fetch(request);
  if (answer.ok && files.has(path)) later(files.keep(path, answer.clone()));
  return answer;
}

async function welcome({ module, isSaving: asked }: Hello, port: MessagePort | undefined): Promise<void> {
  const isLean = asked || isSaving();
  await files.complete(isLean).catch(() => undefined);
  const isKept = await modules.keep(module.url, module.sha256, isLean);
  const answer: Welcome = { build: BUILD.digest, isReady: isKept && (await files.isComplete()) };
  port?.postMessage(answer);
  await tidy();
}

/** Removes what nobody needs. Pages that have not said what they live on may need anything. */
async function tidy(): Promise<void> {
  await shared.tidy();
  const pages = await living(self.clients, (url) => url.startsWith(scope.href) && PAGES.has(new URL(url).pathname.slice(scope.pathname.length)));
  if (!pages) return;
  await files.tidy(new Set(pages.map(({ build }) => build)));
  await modules.tidy(new Set(pages.map(({ module }) => module)));
}

/** Calls go to the network without waiting for this worker to start, where the browser can be told so. */
function leaveAlone(event: ExtendableEvent): void {
  const { addRoutes } = event as ExtendableEvent & { addRoutes?: (rules: unknown[]) => Promise<void> };
  if (!addRoutes) return;
  // What the prefix is made of means itself, not a pattern.
  const prefix = scope.pathname.replaceAll(/[\\+?*:(){}]/g, "\\$&");
  const rule = (path: string, source: string): unknown => ({ condition: { urlPattern: new URLPattern({ pathname: prefix + path, baseURL: scope.origin }) }, source });
  event.waitUntil(addRoutes.call(event, [rule(INTERFACE, "fetch-event"), rule("v1/*", "network")]).catch(() => undefined));
}

/** Whether the user wants to save data. */
function isSaving(): boolean {
  return (self.navigator as WorkerNavigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

import type { Codec } from "../../client/index";
import type { Hello, Living, Welcome, Which } from "../../offline/messages";
import type { Calls } from "../model/calls";
import type { Documents } from "../model/documents";
import type { Reach } from "../model/reach";
import { remember, remembered } from "../model/remembered";
import { renderReady } from "../view/offline";
import { Renewal } from "./renewal";

/** Milliseconds between two looks for a new version, at least. */
const PERIOD = 3_600_000;
/** Milliseconds that an idle moment is waited for. */
const IDLE = 10_000;

/** What of the viewer this needs. */
export interface Host {
  readonly calls: Calls;
  readonly documents: Documents;
  readonly reach: Reach;
}

/** Has a service worker keep what this page needs without a network, once nobody waits for anything. */
export class Offline {
  private readonly renewal: Renewal;
  private registration: ServiceWorkerRegistration | undefined;
  private lookedAt = performance.now();
  /** The worker that was told, and the SHA-256 of which module. */
  private told: [ServiceWorker | null, string] | undefined;

  constructor(private readonly codec: Codec, host: Host) {
    this.renewal = new Renewal(host.calls, host.documents);
    // A page that is of no build is served for this once.
    if (!isSupported() || build() === "") return;
    navigator.serviceWorker.addEventListener("message", (event: MessageEvent<Which>) => event.ports[0]?.postMessage(this.living));
    void this.start(host);
  }

  private async start(host: Host): Promise<void> {
    try {
      await this.codec.connection.ready;
      await idle();
      this.registration = await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
      this.renewal.watch(this.registration);
      await this.greet();
    } catch {
      // No module, or a browser that forbids it: the page works as it does without.
      return;
    }
    // Another module may have come into use.
    host.calls.watch(() => void this.greet());
    let wasReachable = true;
    host.reach.watch((isReachable) => {
      // A server that was away may come back as a newer one.
      if (isReachable && !wasReachable) this.look(0);
      wasReachable = isReachable;
    });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.look(PERIOD));
    navigator.serviceWorker.addEventListener("controllerchange", () => void this.greet());
  }

  /** Tells the worker in charge what this page runs, and hears whether all of it is kept. */
  private async greet(): Promise<void> {
    const { module } = this.codec.connection;
    const { active } = await navigator.serviceWorker.ready;
    if (this.told?.[0] === active && this.told[1] === module.sha256) return;
    this.told = [active, module.sha256];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<Welcome>) => this.welcome(data);
    active?.postMessage({ type: "hello", module: { url: module.url, sha256: module.sha256 }, isSaving: isSaving() } satisfies Hello, [port2]);
  }

  private welcome({ build: theirs, isReady }: Welcome): void {
    if (theirs !== build()) this.renewal.tell();
    if (!isReady) return;
    renderReady(remembered("offline") === undefined);
    remember("offline", "told");
  }

  private look(period: number): void {
    if (performance.now() - this.lookedAt < period) return;
    this.lookedAt = performance.now();
    this.registration?.update().catch(() => undefined);
  }

  private get living(): Living {
    return { build: build(), module: this.codec.connection.module.sha256 };
  }
}

function isSupported(): boolean {
  return (navigator as Partial<Navigator>).serviceWorker !== undefined;
}

/** Digest of the build that this page is of. */
function build(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=build]")?.content ?? "";
}

function isSaving(): boolean {
  return (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof (globalThis as Partial<typeof globalThis>).requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: IDLE });
    else setTimeout(resolve, 1000);
  });
}

import type { Priors } from "../planner/types";
import { MemoryStore, type Store } from "../store";
import { watchBattery } from "./battery";
import { BrowserWorker } from "./browser-worker";
import { hardware } from "./hardware";
import { IndexedStore } from "./indexed";
import { watchNetwork } from "./network";
import type { Platform, Surrounded } from "./platform";
import { watchPressure } from "./pressure";

/** A page, or a worker of one. */
export const browser: Platform = {
  startWorker: (setup, limits, events, address) => new BrowserWorker(setup, limits, events, address),
  store: (): Store => (typeof indexedDB === "undefined" ? new MemoryStore() : new IndexedStore()),
  get base(): string | undefined {
    return (globalThis.document as Document | undefined)?.baseURI ?? globalThis.location.href;
  },
  get hasPictures(): boolean {
    return typeof createImageBitmap === "function" && typeof ImageData === "function";
  },
  isCrossOrigin: (url) => new URL(url).origin !== globalThis.location.origin,
  get cores(): number {
    return navigator.hardwareConcurrency;
  },
  get sharesMemory(): boolean {
    return globalThis.crossOriginIsolated;
  },
  watch,
};

function watch({ hidden, online, priors }: Surrounded): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let known: Priors = { ...hardware(), online: navigator.onLine };
  const tell = (more: Priors): void => {
    known = { ...known, ...more };
    if (!signal.aborted) priors(known);
  };
  tell({});
  const heard = (isOnline: boolean) => (): void => {
    tell({ online: isOnline });
    online(isOnline);
  };
  // In a worker none of these is ever fired, but online and offline are.
  addEventListener("pagehide", hidden, { signal });
  addEventListener("online", heard(true), { signal });
  addEventListener("offline", heard(false), { signal });
  watchNetwork(tell, signal);
  // Either may be forbidden by the page's permissions policy.
  watchBattery(tell, signal).catch(() => undefined);
  watchPressure(tell, signal).catch(() => undefined);
  return () => controller.abort();
}

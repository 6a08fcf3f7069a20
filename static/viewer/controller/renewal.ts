import type { TakeOver } from "../../offline/messages";
import type { Calls } from "../model/calls";
import type { Documents } from "../model/documents";
import { button } from "../view/dom";
import { renderRenewal } from "../view/offline";

/** The change to a new version of the page: it waits for the user, and then for the calls that run. */
export class Renewal {
  private registration: ServiceWorkerRegistration | undefined;
  private isWaiting = false;
  private isWanted = false;

  constructor(private readonly calls: Calls, private readonly documents: Documents) {
    button("renewal-reload").addEventListener("click", () => this.want());
    calls.watch(() => this.changed());
    documents.watch(() => this.render());
  }

  /** Follows what the browser finds of new versions. */
  watch(registration: ServiceWorkerRegistration): void {
    this.registration = registration;
    const look = (): void => {
      // The first one of all is no news.
      if (registration.waiting && registration.active) this.tell();
    };
    const follow = (): void => registration.installing?.addEventListener("statechange", look);
    registration.addEventListener("updatefound", follow);
    follow();
    look();
  }

  /** There is a newer version than this page's. */
  tell(): void {
    this.isWaiting = true;
    this.render();
  }

  private want(): void {
    if (this.isWanted || this.calls.active.length === 0) this.reload();
    this.isWanted = true;
    this.render();
  }

  private changed(): void {
    if (!this.isWanted) return;
    if (this.calls.active.length === 0) this.reload();
    else this.render();
  }

  /** With the waiting worker in charge where there is one: other pages stay as they are. */
  private reload(): void {
    const waiting = this.registration?.waiting;
    if (!waiting) {
      location.reload();
      return;
    }
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage({ type: "take over" } satisfies TakeOver);
  }

  private render(): void {
    renderRenewal(this.isWaiting, this.isWanted ? this.calls.active.length : undefined, this.documents.value.list.length);
  }
}

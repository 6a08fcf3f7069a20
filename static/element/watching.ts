/** What happens around the images of a page, watched once for all of them. */

/** What an image is told. */
export interface Watcher {
  /** It has come near the part of the page that is seen, or gone. */
  near(isNear: boolean): void;
  /** It is to be seen itself, or not any more. */
  seen(isSeen: boolean): void;
  /** Its box, or the screen's resolution, has changed. */
  resized(): void;
  /** The page is shown or hidden, or its user wants less motion, or more. */
  around(): void;
}

/** How far away an image is near: browsers load their own from about there. */
const MARGIN = "1250px";

class Watching {
  private readonly watchers = new Map<Element, Watcher>();
  private readonly nearby = new IntersectionObserver((entries) => this.crossed(entries, "near"), { rootMargin: MARGIN });
  private readonly sight = new IntersectionObserver((entries) => this.crossed(entries, "seen"));
  private readonly sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) this.watchers.get(target)?.resized();
  });
  private readonly motion = matchMedia("(prefers-reduced-motion: reduce)");

  constructor() {
    document.addEventListener("visibilitychange", this.tell);
    // A page that was left, and its calls stopped, may come back.
    addEventListener("pageshow", this.tell);
    this.motion.addEventListener("change", this.tell);
    this.followResolution();
  }

  get isHidden(): boolean {
    return document.visibilityState === "hidden";
  }

  get isStill(): boolean {
    return this.motion.matches;
  }

  add(element: Element, watcher: Watcher): void {
    this.watchers.set(element, watcher);
    this.nearby.observe(element);
    this.sight.observe(element);
    this.sizes.observe(element);
  }

  remove(element: Element): void {
    this.watchers.delete(element);
    for (const each of [this.nearby, this.sight, this.sizes]) each.unobserve(element);
  }

  private crossed(entries: readonly IntersectionObserverEntry[], what: "near" | "seen"): void {
    for (const { target, isIntersecting } of entries) this.watchers.get(target)?.[what](isIntersecting);
  }

  private readonly tell = (): void => {
    for (const watcher of this.watchers.values()) watcher.around();
  };

  /** A window is moved to another screen, or zoomed. */
  private followResolution(): void {
    const media = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const change = (): void => {
      for (const watcher of this.watchers.values()) watcher.resized();
      this.followResolution();
    };
    media.addEventListener("change", change, { once: true });
  }
}

let made: Watching | undefined;

/** The page's own. */
export function watching(): Watching {
  return (made ??= new Watching());
}

import type { DecodeResult, Size } from "../client/index";
import type { Animation } from "./animation";
import { nameOf, placesOf } from "./attributes";
import { Budget, type Holder } from "./budget";
import { asImageError, type ImageError } from "./errors";
import { HELD } from "./limits";
import { type ImageProvenance, load, type Loading } from "./loader";
import { absolute, ImageProperties } from "./properties";
import { View } from "./view";
import { type Watcher, watching } from "./watching";

/** How much of a picture is to be seen. */
export type ImageStage = DecodeResult["stage"];

/** Milliseconds between two events that tell of bytes, and those for which a size must stay before a picture is made anew for it. */
const PACE = 50;
const SETTLED = 200;

const budget = new Budget(HELD);

/** Where an image is on its way; "idle" is one without an address. */
type Status = "idle" | "waiting" | "loading" | "complete" | "broken";

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** An image as `<img>` is one, of a file that not every browser decodes. docs/element.md tells what each member does. */
export class EithersideImage extends ImageProperties implements Holder {
  readonly #internals = this.attachInternals();
  readonly #view = new View(this);
  #status: Status = "idle";
  #natural: Size | undefined;
  #stage: ImageStage | undefined;
  #source = "";
  #error: ImageError | undefined;
  #provenance: ImageProvenance | undefined;
  #loading: AbortController | undefined;
  #animation: Animation | undefined;
  #waiters: Waiter[] = [];
  /** What the picture was made for; nothing where it is whole. */
  #needed: Size | undefined;
  #isPlanned = false;
  #isNear = false;
  #isSeen = false;
  #isEvicted = false;
  #wasStill = false;
  #hasComplained = false;
  #toldAt = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;

  /** Whether there is nothing to wait for: no address, all of the picture, or an error. */
  get complete(): boolean {
    return this.#status !== "waiting" && this.#status !== "loading";
  }

  /** The picture's own size in pixels, from its header on; 0 before. */
  get naturalWidth(): number {
    return this.#natural?.width ?? 0;
  }

  get naturalHeight(): number {
    return this.#natural?.height ?? 0;
  }

  /** Address of what is shown or loaded; empty before. */
  get currentSrc(): string {
    return this.#source;
  }

  /** How much is to be seen. */
  get stage(): ImageStage | undefined {
    return this.#stage;
  }

  /** Why it is not shown, or not whole. */
  get error(): ImageError | undefined {
    return this.#error;
  }

  /** Where it was decoded; nothing before. */
  get provenance(): ImageProvenance | undefined {
    return this.#provenance;
  }

  /** For the page's memory: whether it may soon be in sight. */
  get isNear(): boolean {
    return this.#isNear || this.#isSeen;
  }

  /**
   * Waits until the picture is whole, which a lazy one begins to be loaded for.
   *
   * @throws ImageError where it cannot be; DOMException `AbortError` where another one takes its place, `EncodingError` where there is none.
   */
  decode(): Promise<void> {
    if (this.#status === "complete") return Promise.resolve();
    if (this.#error) return Promise.reject(this.#error);
    if (!this.isConnected || !this.getAttribute("src")) return Promise.reject(new DOMException("there is no image to decode", "EncodingError"));
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#wake();
    });
  }

  connectedCallback(): void {
    this.adopt();
    watching().add(this, this.#watcher);
    this.#describe();
    this.#shape();
    if (this.#status === "idle") this.#plan();
  }

  disconnectedCallback(): void {
    // One that is only moved stays as it is.
    queueMicrotask(() => {
      if (this.isConnected) return;
      watching().remove(this);
      this.#isNear = this.#isSeen = false;
      this.#reset();
      this.#status = "idle";
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected) return;
    if (name === "alt" || name === "aria-label") this.#describe();
    else if (name === "width" || name === "height") this.#shape();
    else if (name === "still") this.#around();
    else if (name === "loading") this.#wake();
    else if (name === "src" || before !== after) this.#plan();
  }

  /** For the page's memory: gives the pixels up. */
  evict(): void {
    if (!this.#isOver || !this.#view.hasPixels) return;
    this.#free();
    this.#isEvicted = true;
  }

  readonly #watcher: Watcher = {
    near: (isNear) => {
      this.#isNear = isNear;
      if (!isNear) budget.trim();
      else if (this.#isEvicted) void this.#renew();
      else this.#wake();
    },
    seen: (isSeen) => {
      this.#isSeen = isSeen;
      this.#move();
    },
    resized: () => this.#resized(),
    around: () => this.#around(),
  };

  /** Several attributes may change at a time. */
  #plan(): void {
    this.#reset();
    this.#status = this.getAttribute("src") ? "waiting" : "idle";
    this.#shape();
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (!this.isConnected || this.#status !== "waiting") return;
      this.#complain();
      this.#wake();
    });
  }

  /** Begins what waits, where there is a reason to. */
  #wake(): void {
    if (this.#status !== "waiting" || this.#isPlanned) return;
    if (this.loading === "eager" || this.#isNear || this.#waiters.length > 0) void this.#start();
  }

  async #start(): Promise<void> {
    this.#status = "loading";
    try {
      const provenance = await this.#load(false);
      if (!provenance) return;
      this.#provenance = provenance;
      this.#status = "complete";
      this.#settle(({ resolve }) => resolve());
      this.dispatchEvent(new Event("load"));
    } catch (thrown) {
      const error = asImageError(thrown);
      if (error.code === "cancelled") {
        // The page was left. It may come back.
        this.#status = "waiting";
        return;
      }
      this.#error = error;
      this.#status = "broken";
      if (!this.#view.hasPixels) this.#view.clear();
      this.#settle(({ reject }) => reject(error));
      this.#shape();
      this.dispatchEvent(new ErrorEvent("error", { error, message: error.message }));
    }
  }

  /** Makes the pixels anew: they were given up, or more of them are needed, or moving ones, or still ones. Nobody is told. */
  async #renew(): Promise<void> {
    if (!this.#isOver || this.#loading) return;
    this.#isEvicted = false;
    try {
      this.#provenance = (await this.#load(true)) ?? this.#provenance;
    } catch {
      // What there is has to do; where there is nothing, it is asked for again when it comes near again.
      this.#isEvicted = !this.#view.hasPixels;
    }
  }

  /** Nothing where it was stopped. */
  async #load(isQuiet: boolean): Promise<ImageProvenance | undefined> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#loading = controller;
    const { places, unknown } = placesOf(this.getAttribute("order"));
    if (unknown.length > 0) console.error(`<eitherside-image>: "${unknown.join(" ")}" in the attribute order is no place; places are native, local, server`, this);
    this.#source = this.src;
    this.#wasStill = this.#isStill;
    try {
      const url = this.#source;
      return await load({
        url, order: places, crossOrigin: this.crossOrigin, referrerPolicy: this.referrerPolicy, isStill: this.#wasStill,
        service: absolute(this.service), worker: this.workerAddress, signal, isUrgent: () => this.#isSeen,
      }, this.#sink(signal, isQuiet));
    } catch (thrown) {
      if (signal.aborted) return undefined;
      throw thrown;
    } finally {
      if (this.#loading === controller) this.#loading = undefined;
      if (!signal.aborted) this.#hold();
    }
  }

  /** What a load may do with this element; nothing any more once it has been stopped. */
  #sink(signal: AbortSignal, isQuiet: boolean): Loading {
    const stage = (reached: ImageStage): void => {
      if (signal.aborted || this.#stage === reached) return;
      this.#stage = reached;
      if (!isQuiet) this.#tell(0, 0, true);
    };
    const paint = (bitmap: ImageBitmap): void => {
      if (!signal.aborted) this.#view.paint(bitmap);
    };
    return {
      header: (size) => {
        if (signal.aborted || (size.width === this.#natural?.width && size.height === this.#natural.height)) return;
        this.#natural = size;
        this.#shape();
        if (!isQuiet) stage("header");
      },
      needed: (size) => (this.#needed = this.#view.needed(size)),
      still: (bitmap, reached) => {
        // What is seen already is not to become coarse again.
        if (!isQuiet || reached === "full" || !this.#view.hasPixels) paint(bitmap);
        bitmap.close();
        stage(reached);
        this.#hold();
      },
      frame: paint,
      animated: (animation) => {
        this.#animation?.free();
        this.#animation = animation;
        if (signal.aborted) animation.free();
        this.#move();
      },
      stage,
      loaded: (loaded, total) => {
        if (!signal.aborted && !isQuiet) this.#tell(loaded, total, false);
      },
      native: (image) => {
        if (!signal.aborted && !this.#wasStill) this.#view.show(image);
      },
      ready: async (image) => {
        if (this.#wasStill) await this.#first(image, paint);
        stage("full");
      },
    };
  }

  /** The first frame of what the browser has decoded, which it would play otherwise. */
  async #first(image: HTMLImageElement, paint: (bitmap: ImageBitmap) => void): Promise<void> {
    const size = this.#view.needed({ width: image.naturalWidth, height: image.naturalHeight });
    this.#needed = size;
    const bitmap = await createImageBitmap(image, size ? { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: "high" } : {});
    paint(bitmap);
    bitmap.close();
  }

  /** Stops what goes on and forgets what came of it. */
  #reset(): void {
    this.#loading?.abort(new DOMException("another image takes its place", "AbortError"));
    this.#loading = undefined;
    this.#free();
    this.#view.clear();
    this.#natural = this.#stage = this.#error = this.#provenance = this.#needed = undefined;
    this.#source = "";
    this.#isEvicted = false;
    const reason = new DOMException("another image took its place", "AbortError");
    this.#settle(({ reject }) => reject(reason));
  }

  #free(): void {
    clearTimeout(this.#settling);
    this.#animation?.free();
    this.#animation = undefined;
    budget.release(this);
    this.#view.blank();
  }

  #hold(): void {
    if (this.#view.hasPixels) budget.hold(this, this.#view.bytes + (this.#animation?.bytes ?? 0));
  }

  #settle(settle: (waiter: Waiter) => void): void {
    for (const waiter of this.#waiters.splice(0)) settle(waiter);
  }

  #tell(loaded: number, total: number, isStage: boolean): void {
    const now = performance.now();
    if (!isStage && loaded !== total && now - this.#toldAt < PACE) return;
    if (!isStage) this.#toldAt = now;
    this.dispatchEvent(new ProgressEvent("progress", { lengthComputable: total > 0, loaded, total }));
  }

  /** Whether all has come of it that will. */
  get #isOver(): boolean {
    return this.#status === "complete" || this.#status === "broken";
  }

  get #isStill(): boolean {
    return this.still || watching().isStill;
  }

  #move(): void {
    this.#animation?.allow(this.#isSeen && !watching().isHidden);
  }

  #around(): void {
    this.#move();
    this.#wake();
    if (this.#status === "complete" && this.#isStill !== this.#wasStill) void this.#renew();
  }

  #resized(): void {
    clearTimeout(this.#settling);
    if (!this.#needed || this.#isEvicted) return;
    this.#settling = setTimeout(() => {
      const natural = this.#natural;
      const made = this.#needed;
      if (!natural || !made) return;
      const wanted = this.#view.needed(natural) ?? natural;
      if (wanted.width > made.width || wanted.height > made.height) void this.#renew();
    }, SETTLED);
  }

  #shape(): void {
    const isText = this.#status === "broken" && this.#natural === undefined;
    this.#view.shape({ width: this.getAttribute("width"), height: this.getAttribute("height"), natural: this.#natural, isText });
  }

  /** An image with a name; with an empty one, nothing that anybody needs to be told of. */
  #describe(): void {
    const alt = this.getAttribute("alt");
    const name = alt ?? nameOf(this.getAttribute("src") ?? "");
    this.#internals.role = alt === "" ? "presentation" : "img";
    this.#internals.ariaLabel = name === "" ? null : name;
    this.#view.description = name;
  }

  #complain(): void {
    this.#describe();
    if (this.#hasComplained || this.hasAttribute("alt") || this.hasAttribute("aria-label") || this.hasAttribute("aria-labelledby")) return;
    this.#hasComplained = true;
    console.error(`<eitherside-image src="${this.getAttribute("src") ?? ""}"> has no alt: say what the image shows, or alt="" where it is decoration. Until then it is called "${nameOf(this.src)}".`, this);
  }
}

import { placesOf } from "./attributes";

// On a server that renders pages there is nothing to inherit from.
const Base = (globalThis.HTMLElement as typeof HTMLElement | undefined) ?? (Object as unknown as typeof HTMLElement);

/** Attributes that are properties, too, and may have been set as such before the element was defined. */
const PROPERTIES = ["src", "alt", "width", "height", "loading", "order", "service", "crossOrigin", "referrerPolicy", "still"] as const;

/** The attributes of an image, as properties. */
export class ImageProperties extends Base {
  static readonly observedAttributes = ["src", "alt", "aria-label", "width", "height", "loading", "order", "service", "crossorigin", "referrerpolicy", "still"];
  /** Address of the service whose codec decodes where the browser does not, unless an element names its own. */
  static service: string | undefined;
  /** Address of the worker's script, where a policy of the page allows none of the service's. */
  static worker: string | undefined;
  /** For the entry: where it came from. */
  static home = "";

  get src(): string {
    const given = this.getAttribute("src");
    return given === null ? "" : absolute(given);
  }

  set src(value: string) {
    this.setAttribute("src", value);
  }

  get alt(): string {
    return this.getAttribute("alt") ?? "";
  }

  set alt(value: string) {
    this.setAttribute("alt", value);
  }

  /** In CSS pixels, as it is laid out. */
  get width(): number {
    return Math.round(this.getBoundingClientRect().width);
  }

  set width(value: number) {
    this.setAttribute("width", String(value));
  }

  get height(): number {
    return Math.round(this.getBoundingClientRect().height);
  }

  set height(value: number) {
    this.setAttribute("height", String(value));
  }

  get loading(): "eager" | "lazy" {
    return this.getAttribute("loading")?.toLowerCase() === "lazy" ? "lazy" : "eager";
  }

  set loading(value: "eager" | "lazy") {
    this.setAttribute("loading", value);
  }

  /** Places to decode at, tried one after the other. */
  get order(): string {
    return placesOf(this.getAttribute("order")).places.join(" ");
  }

  set order(value: string) {
    this.setAttribute("order", value);
  }

  get service(): string {
    return this.getAttribute("service") ?? this.#own.service ?? this.#own.home;
  }

  set service(value: string) {
    this.setAttribute("service", value);
  }

  get crossOrigin(): "anonymous" | "use-credentials" | null {
    const given = this.getAttribute("crossorigin");
    if (given === null) return null;
    return given.toLowerCase() === "use-credentials" ? "use-credentials" : "anonymous";
  }

  set crossOrigin(value: "anonymous" | "use-credentials" | null) {
    if (value === null) this.removeAttribute("crossorigin");
    else this.setAttribute("crossorigin", value);
  }

  get referrerPolicy(): string {
    return this.getAttribute("referrerpolicy") ?? "";
  }

  set referrerPolicy(value: string) {
    this.setAttribute("referrerpolicy", value);
  }

  /** Whether an animation is shown by its first frame. */
  get still(): boolean {
    return this.hasAttribute("still");
  }

  set still(value: boolean) {
    this.toggleAttribute("still", value);
  }

  /** Where the worker's script is, if not beside the library: browsers start none of another origin by themselves. */
  protected get workerAddress(): string | undefined {
    const { home, worker } = this.#own;
    if (worker !== undefined) return absolute(worker);
    return home !== "" && new URL(home).origin !== location.origin ? `${home}worker.js` : undefined;
  }

  /** Takes over what was set before the element was defined. */
  protected adopt(): void {
    for (const name of PROPERTIES) {
      if (!Object.hasOwn(this, name)) continue;
      const value: unknown = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  /** What is set for all elements is set at the class that they are of. */
  get #own(): typeof ImageProperties {
    return this.constructor as typeof ImageProperties;
  }
}

export function absolute(address: string): string {
  try {
    return new URL(address, document.baseURI).href;
  } catch {
    return address;
  }
}

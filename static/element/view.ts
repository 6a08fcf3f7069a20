import type { Size } from "../client/index";
import { needed, rules, SHEET, type Shape } from "./layout";

let common: CSSStyleSheet | undefined;

/** What is inside of an element: a canvas or the browser's own image, else text. It knows nothing of how either came to be. */
export class View {
  private readonly root: ShadowRoot;
  private readonly own = new CSSStyleSheet();
  private readonly text = document.createElement("slot");
  private canvas: HTMLCanvasElement | undefined;
  private isPainted = false;
  private image: HTMLImageElement | undefined;

  constructor(private readonly host: HTMLElement) {
    if (!common) (common = new CSSStyleSheet()).replaceSync(SHEET);
    this.root = host.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [common, this.own];
    // The page's own content stands in where there is no picture, and the description where there is no content.
    this.text.hidden = true;
    this.text.part.add("alt");
    this.root.append(this.text);
  }

  /** Whether there are pixels of this library's. */
  get hasPixels(): boolean {
    return this.isPainted;
  }

  /** Bytes of the canvas. */
  get bytes(): number {
    return this.canvas && this.isPainted ? this.canvas.width * this.canvas.height * 4 : 0;
  }

  set description(alt: string) {
    this.text.textContent = alt;
  }

  shape(shape: Shape): void {
    this.text.hidden = !shape.isText;
    this.own.replaceSync(rules(shape));
    // It keeps the room.
    if (shape.natural && !this.image) this.surface();
  }

  /** The pixels that a picture is needed in; none where it is needed whole. */
  needed(natural: Size): Size | undefined {
    const { width, height } = this.host.getBoundingClientRect();
    const style = getComputedStyle(this.host);
    return needed({ width: width * devicePixelRatio, height: height * devicePixelRatio }, natural, style.objectFit);
  }

  /** Paints a bitmap, which is the caller's still. */
  paint(bitmap: ImageBitmap): void {
    const canvas = this.surface();
    const { width, height } = bitmap;
    // Either clears it.
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context?.clearRect(0, 0, width, height);
    context?.drawImage(bitmap, 0, 0);
    this.isPainted = true;
  }

  /** Shows the browser's own image, or where it is to load. */
  show(image: HTMLImageElement): void {
    this.clear();
    image.alt = "";
    image.part.add("image");
    this.image = image;
    this.root.prepend(image);
  }

  /** Gives the pixels' memory back, sooner than garbage collection would; the room stays. */
  blank(): void {
    if (this.canvas) this.canvas.width = this.canvas.height = 1;
    this.isPainted = false;
  }

  /** Shows nothing, and takes no room. */
  clear(): void {
    this.blank();
    this.image?.remove();
    this.canvas?.remove();
    this.image = this.canvas = undefined;
  }

  private surface(): HTMLCanvasElement {
    if (this.canvas) return this.canvas;
    this.clear();
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    canvas.part.add("image");
    canvas.ariaHidden = "true";
    this.root.prepend(canvas);
    return (this.canvas = canvas);
  }
}

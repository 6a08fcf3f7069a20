/**
 * `<eitherside-image src="photo.jxl" alt="…">`: an image in JPEG XL for every browser.
 *
 * Importing this defines the element, in a page; elsewhere, as on a server that renders pages, it does nothing.
 */
import { EithersideImage } from "./image";

export { EithersideImage, type ImageStage } from "./image";
export { ImageError } from "./errors";
export type { ImageProvenance } from "./loader";

const NAME = "eitherside-image";

declare global {
  interface HTMLElementTagNameMap {
    "eitherside-image": EithersideImage;
  }
}

if (typeof customElements !== "undefined" && !customElements.get(NAME)) {
  // The service that this script came from, unless the page names another one.
  EithersideImage.home = import.meta.url.slice(0, import.meta.url.lastIndexOf("/") + 1);
  customElements.define(NAME, EithersideImage);
}

/** The browser's own decoder. */
import type { Size } from "../client/index";
import { ImageError } from "./errors";

/** One black pixel as JPEG XL. */
export const PIXEL: readonly number[] = [255, 10, 0, 16, 16, 9, 8, 4, 1, 0, 28, 0, 75, 24, 139, 21, 130, 3, 0];

let known: Promise<boolean> | undefined;

/** Whether this browser shows JPEG XL: found by trying, because there is no way to ask. */
export function decodesHere(): Promise<boolean> {
  return (known ??= tried());
}

async function tried(): Promise<boolean> {
  try {
    (await createImageBitmap(new Blob([Uint8Array.from(PIXEL)], { type: "image/jxl" }))).close();
    return true;
  } catch {
    return false;
  }
}

export interface NativeRequest {
  url: string;
  crossOrigin: string | null;
  referrerPolicy: string;
  signal: AbortSignal;
  /** Called as soon as the size is known. */
  header: (size: Size) => void;
}

/**
 * Lets the browser fetch and decode a file.
 *
 * @throws ImageError `not_decoded`: the browser does not say whether it could not fetch or not decode.
 */
export async function loadNative(image: HTMLImageElement, { url, crossOrigin, referrerPolicy, signal, header }: NativeRequest): Promise<void> {
  let isOver = false;
  const look = (): void => {
    if (isOver) return;
    const { naturalWidth: width, naturalHeight: height } = image;
    // There is no event for it.
    if (width > 0 && height > 0) header({ width, height });
    else requestAnimationFrame(look);
  };
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      image.onload = () => resolve();
      image.onerror = () => reject(new ImageError("not_decoded", "the browser cannot load or decode this file", false));
      image.crossOrigin = crossOrigin;
      image.referrerPolicy = referrerPolicy;
      image.decoding = "async";
      image.src = url;
      look();
    });
    const { naturalWidth: width, naturalHeight: height } = image;
    header({ width, height });
  } catch (error) {
    // Its download goes on otherwise.
    image.removeAttribute("src");
    throw error;
  } finally {
    isOver = true;
    image.onload = image.onerror = null;
  }
}

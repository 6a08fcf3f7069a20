/** Small files of bitmaps, and bitmaps of files that break off: what the browser itself makes of them, away from the page's main thread. */
import type { BitmapReply, BitmapRequest } from "./controller/bitmaps";

interface Scope {
  postMessage: (message: BitmapReply, transfer?: Transferable[]) => void;
  onmessage: ((event: MessageEvent<BitmapRequest>) => void) | null;
}

/** Milliseconds that a decoder is given which may wait for bytes that never come. */
const PATIENCE = 10_000;

const scope = self as unknown as Scope;
scope.onmessage = ({ data }) => void answer(data);

async function answer({ id, shrink, rest }: BitmapRequest): Promise<void> {
  try {
    const image = shrink ? await shrunk(shrink.picture, shrink.side) : undefined;
    const picture = rest ? await partial(rest.file, rest.type) : undefined;
    scope.postMessage({ id, image, picture }, picture ? [picture] : []);
  } catch (error) {
    scope.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  } finally {
    shrink?.picture.close();
  }
}

async function shrunk(picture: ImageBitmap, side: number): Promise<Blob> {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("there is no canvas to draw on");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/png" });
}

/** The first frame of a file whose end is missing: to the decoder it is one that is still on its way. */
async function partial(file: Blob, type: string): Promise<ImageBitmap> {
  if (typeof ImageDecoder === "undefined") throw new Error("this browser shows no parts of files");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const data = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes) });
  const decoder = new ImageDecoder({ type, data });
  // What it waits for then fails.
  const timer = setTimeout(() => decoder.close(), PATIENCE);
  try {
    const { image } = await decoder.decode({ completeFramesOnly: false });
    const bitmap = await createImageBitmap(image);
    image.close();
    return bitmap;
  } finally {
    clearTimeout(timer);
    decoder.close();
  }
}

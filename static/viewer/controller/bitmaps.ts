import { Asked } from "./asked";

export interface BitmapRequest {
  id: number;
  /** A bitmap to be made a small file of, and the pixels that its longer side may have. */
  shrink?: { picture: ImageBitmap; side: number };
  /** A file of which as much is to be decoded as is there, and its media type. */
  rest?: { file: Blob; type: string };
}

export type BitmapReply = { id: number; image: Blob | undefined; picture: ImageBitmap | undefined } | { id: number; error: string };

type Answer = { id: number; error?: string } & Partial<Extract<BitmapReply, { image: unknown }>>;

/** What the browser itself makes of bitmaps and broken files, in a worker of its own that is started when it is first needed. */
export class Bitmaps {
  private readonly worker = new Asked<Omit<BitmapRequest, "id">, Answer>(
    () => new Worker(new URL("../bitmaps.worker.ts", import.meta.url), { type: "module", name: "bitmaps" }),
  );

  /** Makes a PNG file of a bitmap, which is taken away from the caller. @throws Error where it cannot be drawn. */
  async shrunk(picture: ImageBitmap, side: number): Promise<Blob> {
    const { image } = await this.worker.ask({ shrink: { picture, side } }, [picture]);
    return given(image);
  }

  /** Decodes as much of a file as is there. @throws Error where that is nothing, or the browser cannot. */
  async partial(file: Blob, type: string): Promise<ImageBitmap> {
    const { picture } = await this.worker.ask({ rest: { file, type } });
    return given(picture);
  }
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the worker that draws gave nothing");
  return value;
}

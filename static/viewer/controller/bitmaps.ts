export interface BitmapRequest {
  id: number;
  /** A bitmap to be made a small file of, and the pixels that its longer side may have. */
  shrink?: { picture: ImageBitmap; side: number };
  /** A file of which as much is to be decoded as is there, and its media type. */
  rest?: { file: Blob; type: string };
}

export type BitmapReply = { id: number; image: Blob | undefined; picture: ImageBitmap | undefined } | { id: number; error: string };

interface Pending {
  resolve: (reply: { image: Blob | undefined; picture: ImageBitmap | undefined }) => void;
  reject: (error: Error) => void;
}

/** What the browser itself makes of bitmaps and broken files, in a worker of its own that is started when it is first needed. */
export class Bitmaps {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private ids = 0;

  /** Makes a PNG file of a bitmap, which is taken away from the caller. @throws Error where it cannot be drawn. */
  async shrunk(picture: ImageBitmap, side: number): Promise<Blob> {
    const { image } = await this.ask({ shrink: { picture, side } }, [picture]);
    return given(image);
  }

  /** Decodes as much of a file as is there. @throws Error where that is nothing, or the browser cannot. */
  async partial(file: Blob, type: string): Promise<ImageBitmap> {
    const { picture } = await this.ask({ rest: { file, type } });
    return given(picture);
  }

  private ask(request: Omit<BitmapRequest, "id">, transfer: Transferable[] = []): ReturnType<Bitmaps["answered"]> {
    const worker = (this.worker ??= this.start());
    const id = (this.ids += 1);
    const answer = this.answered(id);
    worker.postMessage({ ...request, id } satisfies BitmapRequest, transfer);
    return answer;
  }

  private answered(id: number): Promise<Parameters<Pending["resolve"]>[0]> {
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL("../bitmaps.worker.ts", import.meta.url), { type: "module", name: "bitmaps" });
    worker.onmessage = ({ data }: MessageEvent<BitmapReply>) => {
      const pending = this.pending.get(data.id);
      this.pending.delete(data.id);
      if ("error" in data) pending?.reject(new Error(data.error));
      else pending?.resolve(data);
    };
    worker.onerror = worker.onmessageerror = () => {
      worker.terminate();
      this.worker = undefined;
      const all = [...this.pending.values()];
      this.pending.clear();
      for (const each of all) each.reject(new Error("the worker that draws stopped"));
    };
    return worker;
  }
}

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the worker that draws gave nothing");
  return value;
}

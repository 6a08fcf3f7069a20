import { type Frame, isSmall } from "../model/picture";
import type { PaintReply, PaintRequest, Samples } from "../painter.worker";

type Painted = Pick<Frame, "tiles" | "overview">;

interface Pending {
  resolve: (painted: Painted) => void;
  reject: (error: Error) => void;
}

/** Makes bitmaps of samples, and tiles of large bitmaps, in a worker of its own. */
export class Painter {
  // Started at once: its script could not be had any more where the server is gone by then.
  private worker: Worker | undefined = this.start();
  private readonly pending = new Map<number, Pending>();
  private ids = 0;

  /** Takes the samples away from the caller. */
  paint(samples: Samples): Promise<Painted> {
    return this.send({ samples }, samples.samples);
  }

  /** Takes the bitmap away from the caller: it is one of the tiles, or closed. */
  cut(picture: ImageBitmap): Promise<Painted> {
    if (isSmall(picture)) return Promise.resolve({ tiles: [{ x: 0, y: 0, bitmap: picture }], overview: undefined });
    return this.send({ picture }, picture);
  }

  private send(request: Omit<PaintRequest, "id">, transfer: Transferable): Promise<Painted> {
    this.worker ??= this.start();
    const { worker } = this;
    const id = (this.ids += 1);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      worker.postMessage({ ...request, id } satisfies PaintRequest, [transfer]);
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL("../painter.worker.ts", import.meta.url), { type: "module", name: "painter" });
    worker.onmessage = ({ data }: MessageEvent<PaintReply>) => {
      const pending = this.pending.get(data.id);
      this.pending.delete(data.id);
      if ("error" in data) pending?.reject(new Error(`the picture cannot be drawn: ${data.error}`));
      else pending?.resolve(data);
    };
    worker.onerror = worker.onmessageerror = () => {
      worker.terminate();
      this.worker = undefined;
      const all = [...this.pending.values()];
      this.pending.clear();
      for (const each of all) each.reject(new Error("the picture cannot be drawn: its worker stopped"));
    };
    return worker;
  }
}

interface Reply {
  id: number;
  error?: string;
}

interface Pending<T> {
  resolve: (reply: T) => void;
  reject: (error: Error) => void;
}

/** A worker that answers questions by their ids. It is made anew after it stopped. */
export class Asked<Question extends object, Answer extends Reply> {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending<Answer>>();
  private ids = 0;

  /** @param start makes the worker. */
  constructor(private readonly start: () => Worker) {}

  /** @throws Error what the worker reports, or that it stopped. */
  ask(question: Question, transfer: Transferable[] = []): Promise<Answer> {
    const worker = (this.worker ??= this.make());
    const id = (this.ids += 1);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      worker.postMessage({ ...question, id }, transfer);
    });
  }

  /** Ends the worker and what it holds. */
  stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    const all = [...this.pending.values()];
    this.pending.clear();
    for (const each of all) each.reject(new Error("its worker stopped"));
  }

  private make(): Worker {
    const worker = this.start();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const pending = this.pending.get(data.id);
      this.pending.delete(data.id);
      if (data.error === undefined) pending?.resolve(data);
      else pending?.reject(new Error(data.error));
    };
    worker.onerror = worker.onmessageerror = () => this.stop();
    return worker;
  }
}

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { FromWorker, Setup, ToWorker } from "../protocol";
import { MemoryStore } from "../store";
import type { LifeLimits, Platform, WorkerEvents, WorkerHandle } from "./platform";

/** Node 20 and later. */
export const node: Platform = {
  startWorker: (setup, limits, events) => new NodeWorker(setup, limits, events),
  store: () => new MemoryStore(),
  base: undefined,
  hasPictures: false,
  isCrossOrigin: () => false,
  get cores(): number {
    return availableParallelism();
  },
  sharesMemory: true,
  watch: ({ priors }) => {
    priors({ hardwareConcurrency: availableParallelism() });
    return () => undefined;
  },
};

/** A thread. Node tells of its end itself. */
class NodeWorker implements WorkerHandle {
  private readonly worker: Worker;
  private readonly starting: NodeJS.Timeout;
  private isOver = false;

  constructor(setup: Setup, limits: LifeLimits, private readonly events: WorkerEvents) {
    // The program's own flags, such as --eval, are none of a thread's.
    this.worker = new Worker(new URL("../worker-node.ts", import.meta.url), { name: "eitherside", execArgv: [] });
    this.worker.on("message", (message: FromWorker) => this.receive(message));
    this.worker.on("messageerror", () => this.end("an answer could not be read"));
    this.worker.on("error", (error: unknown) => this.end(error instanceof Error ? error.message : String(error)));
    this.worker.on("exit", () => this.end("it has ended"));
    this.starting = setTimeout(() => this.end(`it did not start within ${limits.start / 1000} s`), limits.start);
    this.post(setup, []);
    this.setBusy(false);
  }

  post(message: ToWorker, transfer: Transferable[]): void {
    // Node's own declaration of what can be transferred knows less than Node.
    this.worker.postMessage(message, transfer as ArrayBuffer[]);
  }

  setBusy(isBusy: boolean): void {
    if (isBusy) this.worker.ref();
    else this.worker.unref();
    this.starting[isBusy ? "ref" : "unref"]();
  }

  terminate(): void {
    this.isOver = true;
    clearTimeout(this.starting);
    void this.worker.terminate();
  }

  private receive(message: FromWorker): void {
    if (this.isOver) return;
    clearTimeout(this.starting);
    this.events.heard(message);
  }

  private end(why: string): void {
    if (this.isOver) return;
    this.terminate();
    this.events.ended(why);
  }
}

import { callId } from "../id";
import type { FromWorker, Setup, ToWorker } from "../protocol";
import { awaitDeath, Heartbeat } from "./lifeline";
import type { LifeLimits, WorkerEvents, WorkerHandle } from "./platform";

/** A module worker of a browser, watched so that its death is noticed however it comes. */
export class BrowserWorker implements WorkerHandle {
  private readonly worker: Worker;
  private readonly lock = `eitherside-${callId()}`;
  private readonly starting: ReturnType<typeof setTimeout>;
  private heartbeat: Heartbeat | undefined;
  private stopWaiting: (() => void) | undefined;
  private isOver = false;

  constructor(setup: Setup, private readonly limits: LifeLimits, private readonly events: WorkerEvents, address: string | undefined) {
    // Bundlers know the first by its form.
    this.worker = address === undefined ? new Worker(new URL("../worker.ts", import.meta.url), { type: "module", name: "eitherside" }) : workerAt(address);
    this.worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.end(event.message);
    };
    this.worker.onmessageerror = () => this.end("an answer could not be read");
    this.starting = setTimeout(() => this.end(`it did not start within ${limits.start / 1000} s`), limits.start);
    this.post({ ...setup, lock: this.lock });
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  setBusy(): void {
    // A browser's page does not end while a worker is idle or busy.
  }

  terminate(): void {
    this.isOver = true;
    clearTimeout(this.starting);
    this.heartbeat?.end();
    this.stopWaiting?.();
    this.worker.terminate();
  }

  private receive(message: FromWorker): void {
    if (this.isOver) return;
    if (message.type === "alive") this.watch(message.isLocked);
    this.heartbeat?.heard(message);
    this.events.heard(message);
  }

  private watch(isLocked: boolean): void {
    clearTimeout(this.starting);
    if (isLocked) this.stopWaiting = awaitDeath(this.lock, () => this.end("it has ended"));
    else this.heartbeat = new Heartbeat(() => this.post({ type: "ping" }), (why) => this.end(why), this.limits.compute);
  }

  private end(why: string | undefined): void {
    if (this.isOver) return;
    this.terminate();
    this.events.ended(why);
  }
}

/**
 * Starts a worker whose script may be on another origin. A browser starts none of those; a script of the page's own that imports
 * it, which asks for it with CORS, is one of the page's.
 */
function workerAt(address: string): Worker {
  const options: WorkerOptions = { type: "module", name: "eitherside" };
  if (new URL(address).origin === globalThis.location.origin) return new Worker(address, options);
  const shim = URL.createObjectURL(new Blob([`import ${JSON.stringify(address)};`], { type: "text/javascript" }));
  try {
    return new Worker(shim, options);
  } finally {
    // What the constructor has begun to fetch is not taken away.
    URL.revokeObjectURL(shim);
  }
}

import { CodecError, type ErrorFields, hostError, messageOf } from "./errors";
import { sha256 } from "./hash";
import { help } from "./help";
import { withPicture } from "./picture";
import { LocalPlace } from "./places/local";
import { NativePlace } from "./places/native";
import type { Report, RunningPlace } from "./places/place";
import { ServerPlace } from "./places/server";
import type { Answer, CallRequest, Code, FromWorker, Place, Setup, ToWorker } from "./protocol";

type Post = (message: FromWorker, transfer?: Transferable[]) => void;

/** What a worker does with the messages it gets: runs one call at a time, in the place that the request names. */
export class Server {
  private places: (Record<Place, RunningPlace> & { local: LocalPlace }) | undefined;
  /** The pushed call that has this worker for itself. */
  private opened: CallRequest | undefined;
  /** The module, as soon as it is there. */
  private readonly code = new Later<Code>();

  constructor(private readonly post: Post) {}

  receive(message: ToWorker): void {
    switch (message.type) {
      case "setup":
        this.places = { native: new NativePlace(), local: new LocalPlace(message, this.code.promise), server: new ServerPlace(message) };
        { hold(message, this.post); return; }
      case "code":
        this.code.resolve(message.code);
        return;
      case "failed":
        this.code.reject(new CodecError(message.error));
        return;
      case "help":
        { void this.help(message.memory, message.block); return; }
      case "ping":
        { this.post({ type: "pong" }); return; }
      case "call":
        { void this.serve(message.request, () => this.run(message.request)); return; }
      case "open":
        this.opened = message.request;
        { void this.serve(message.request, () => this.open(message.request)); return; }
      case "push":
        if (this.opened) void this.serve(this.opened, () => this.push(message.piece, message.isLast));
        return;
      case "end":
        this.end();
    }
  }

  private async serve(request: CallRequest, run: () => Promise<Answer>): Promise<void> {
    try {
      const answer = await run();
      const buffers: Transferable[] = answer.outputs.map((each) => each.data);
      this.post({ type: "answer", answer }, answer.picture ? [...buffers, answer.picture] : buffers);
    } catch (thrown) {
      const sources = request.giveBack ? request.sources : [];
      const buffers = sources.map(({ data }) => data).filter((data) => data instanceof ArrayBuffer);
      this.post({ type: "error", error: fieldsOf(thrown), ...(request.giveBack ? { sources } : {}) }, [...new Set(buffers)]);
    }
  }

  private async run(request: CallRequest): Promise<Answer> {
    const answer = await this.ready[request.place].run(request, this.report);
    return answer.known === false || request.ask === "head" ? answer : shown(request, answer, request.picture);
  }

  private async open(request: CallRequest): Promise<Answer> {
    return this.ready.local.open(request, this.report);
  }

  private async push(piece: Blob | ArrayBuffer, isLast: boolean): Promise<Answer> {
    const { opened } = this;
    if (!opened) throw hostError("internal", "a piece came without a call");
    try {
      const answer = await this.ready.local.push(opened, piece, isLast, this.report);
      // There may be news without a picture.
      const hasPicture = opened.picture && answer.outputs.some(({ name }) => name === opened.fn.picture?.output);
      const found = await shown(opened, answer, hasPicture);
      if (isLast) this.end();
      return found;
    } catch (thrown) {
      this.end();
      throw thrown;
    }
  }

  private end(): void {
    this.opened = undefined;
    this.places?.local.end();
  }

  private get ready(): Record<Place, RunningPlace> & { local: LocalPlace } {
    if (!this.places) throw hostError("internal", "the worker was called before it was set up");
    return this.places;
  }

  private get report(): Report {
    return {
      progress: (progress) => this.post({ type: "progress", progress }),
      note: (note) => this.post({ type: "note", note }),
      team: (shared) => {
        try {
          this.post({ type: "team", shared });
          return true;
        } catch {
          this.post({ type: "alone" });
          return false;
        }
      },
    };
  }

  private async help(memory: WebAssembly.Memory, block: number): Promise<void> {
    // It is there: the call that needs help runs in it.
    const { module } = await this.code.promise;
    this.post({ type: "helped", fault: help(module, memory, block) });
  }
}

/** A promise that is settled from outside. */
class Later<T> {
  resolve: (value: T) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    // Whoever waits for it is told; there may be nobody.
    this.promise.catch(() => undefined);
  }
}

/** An answer as it was asked for: with digests, with a picture. */
async function shown(request: CallRequest, answer: Answer, hasPicture: boolean): Promise<Answer> {
  if (request.digest) for (const output of answer.outputs) output.sha256 = await sha256(output.data);
  return hasPicture ? withPicture(request, answer) : answer;
}

/** Holds a lock as long as the worker lives: whoever waits for it learns of the worker's end, however it comes. */
function hold({ lock }: Setup, post: Post): void {
  // Absent where the context is not secure, and in Node; the promise fails in an opaque origin.
  const { locks } = (globalThis as { navigator?: Partial<Navigator> }).navigator ?? {};
  if (lock === undefined || !locks) { post({ type: "alive", isLocked: false }); return; }
  const forever = (): Promise<never> => {
    post({ type: "alive", isLocked: true });
    return new Promise(() => undefined);
  };
  locks.request(lock, forever).catch(() => post({ type: "alive", isLocked: false }));
}

function fieldsOf(thrown: unknown): ErrorFields {
  return thrown instanceof CodecError ? thrown.fields : { code: "internal", message: messageOf(thrown) };
}

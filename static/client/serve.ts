import { CodecError, type ErrorFields, hostError, messageOf } from "./errors";
import { sha256 } from "./hash";
import { withPicture } from "./picture";
import { LocalPlace } from "./places/local";
import { NativePlace } from "./places/native";
import type { Report, RunningPlace } from "./places/place";
import { ServerPlace } from "./places/server";
import type { Answer, CallRequest, FromWorker, Place, Setup, ToWorker } from "./protocol";

type Post = (message: FromWorker, transfer?: Transferable[]) => void;

/** What a worker does with the messages it gets: runs one call at a time, in the place that the request names. */
export class Server {
  private places: Record<Place, RunningPlace> | undefined;

  constructor(private readonly post: Post) {}

  receive(message: ToWorker): void {
    switch (message.type) {
      case "setup":
        this.places = { native: new NativePlace(), local: new LocalPlace(message), server: new ServerPlace(message) };
        { hold(message, this.post); return; }
      case "ping":
        { this.post({ type: "pong" }); return; }
      case "call":
        void this.serve(message.request);
    }
  }

  private async serve(request: CallRequest): Promise<void> {
    try {
      const answer = await this.run(request);
      const buffers: Transferable[] = answer.outputs.map((each) => each.data);
      this.post({ type: "answer", answer }, answer.picture ? [...buffers, answer.picture] : buffers);
    } catch (thrown) {
      const sources = request.giveBack ? request.sources : [];
      const buffers = sources.map(({ data }) => data).filter((data) => data instanceof ArrayBuffer);
      this.post({ type: "error", error: fieldsOf(thrown), ...(request.giveBack ? { sources } : {}) }, [...new Set(buffers)]);
    }
  }

  private async run(request: CallRequest): Promise<Answer> {
    if (!this.places) throw hostError("internal", "the worker was called before it was set up");
    const report: Report = {
      progress: (progress) => this.post({ type: "progress", progress }),
      note: (note) => this.post({ type: "note", note }),
    };
    let answer = await this.places[request.place].run(request, report);
    if (answer.known === false || request.ask === "head") return answer;
    if (request.digest) for (const output of answer.outputs) output.sha256 = await sha256(output.data);
    if (request.picture) answer = await withPicture(request, answer);
    return answer;
  }
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

import { type CodecError, hostError } from "./errors";
import type { Answer, ToWorker } from "./protocol";

/** What a line's pool does for it. */
export interface LineOwner {
  /** Sends to the worker. @throws Error where the message cannot be sent. */
  post: (message: ToWorker, transfer: Transferable[]) => void;
  /** Gives the worker back, or stops it where it still works. */
  end: () => void;
}

/**
 * A worker that one pushed call has for itself: a message, an answer, and so on until its end.
 *
 * Every promise settles: with an answer, or with what ended the line.
 */
export class Line {
  private waiting: { resolve: (answer: Answer) => void; reject: (error: CodecError) => void } | undefined;
  private readonly controller = new AbortController();
  private owner: LineOwner | undefined;

  /** Aborted when the line has ended, with the CodecError that says why. */
  get over(): AbortSignal {
    return this.controller.signal;
  }

  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** For the pool: who serves the line. */
  attach(owner: LineOwner): void {
    this.owner = owner;
  }

  /** Sends a message and waits for its answer; one at a time. @throws CodecError what the line ended with. */
  async send(message: ToWorker, transfer: Transferable[] = []): Promise<Answer> {
    const answer = this.next();
    try {
      this.owner?.post(message, transfer);
    } catch (error) {
      this.end(hostError("internal", "the piece could not be sent to a worker", error));
    }
    return answer;
  }

  /** Waits for the answer to what the pool has sent. */
  next(): Promise<Answer> {
    if (this.over.aborted) return Promise.reject(this.over.reason as CodecError);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  /** For the pool: the worker has answered. */
  answer(answer: Answer): void {
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.resolve(answer);
  }

  /** Ends the line; what is waited for, and all that comes, fails with `reason`. */
  end(reason: CodecError): void {
    if (this.over.aborted) return;
    this.controller.abort(reason);
    this.owner?.end();
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(reason);
  }
}

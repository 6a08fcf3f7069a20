/// <reference lib="esnext.disposable" preserve="true" />
import type { Call } from "./call";
import { disposing } from "./disposing";
import { CodecError, hostError } from "./errors";
import { Held } from "./held";
import { type Bytes, isBytes, isImageData } from "./inputs";
import type { Line } from "./line";
import { type Source, sourceOf } from "./pieces";
import type { Answer } from "./protocol";
import { shape } from "./result";
import type { Session } from "./session";

/** Pieces that may wait for the one before them. */
const WAITING = 256;

/**
 * A call whose main input comes in pieces, with a result whenever there is something new to show. It runs here, in a worker
 * that it has for itself until it ends: with `finish`, an error, an abort, the end of its time, `close`, or that of a block that is `using` it.
 */
export interface Stream<R> extends Disposable {
  /**
   * Gives the next bytes. Settles when they are worked off: with one result where there is something new, else with none. Wait for
   * it before the next piece, and memory stays bounded.
   *
   * @throws CodecError as a call; then the stream has ended.
   */
  push(piece: Bytes): Promise<R[]>;
  /**
   * Gives what a source yields, piece by piece, and yields the results. The source is read no faster than the pieces are worked
   * off. Leaving the loop early ends the stream; at the source's end `finish` is still to be called.
   *
   * @throws CodecError as `push`, and `unreachable` where the source fails.
   */
  from(source: Source): AsyncGenerator<R, void, undefined>;
  /**
   * Says that there are no more bytes after these, and gives the last result.
   *
   * @throws CodecError as `push`; that the input ends too early is told here.
   */
  finish(piece?: Bytes): Promise<R>;
  /** Ends the stream, wherever it is; what is waited for fails as `cancelled`. */
  close(): void;
}

/** A stream on the line to its worker. */
export class PushedCall implements Stream<unknown> {
  declare readonly [Symbol.dispose]: () => void;
  private readonly line: Line;
  private tail: Promise<unknown>;
  private waiting = 0;
  private bytes = 0;

  constructor(
    private readonly session: Session,
    private readonly call: Call,
    private readonly limit: number,
    over: () => void,
  ) {
    disposing(this, () => this.close());
    const { fn, options, settings, held, id } = call;
    this.line = session.open({
      request: {
        id, place: "local", fn, options, memoryLimit: settings.memoryLimit, digest: settings.digest ?? false, picture: call.isPicture, within: call.within,
        giveBack: false, ask: "no", isPinned: false, priority: settings.priority ?? "auto",
      },
      held,
      signal: call.signal,
      onprogress: settings.onprogress,
    });
    this.tail = this.line.next().catch(() => undefined);
    if (this.line.over.aborted) over();
    else this.line.over.addEventListener("abort", over);
  }

  async push(piece: Bytes): Promise<unknown[]> {
    const { answer, busy } = await this.give(piece, false);
    const isNews = answer.outputs.length > 0 || Object.keys(answer.result).length > 0;
    return isNews ? [this.result(answer, busy)] : [];
  }

  async finish(piece: Bytes = new ArrayBuffer(0)): Promise<unknown> {
    const { answer, busy } = await this.give(piece, true);
    this.line.end(hostError("cancelled", "the stream has ended"));
    return this.result(answer, busy);
  }

  async *from(source: Source): AsyncGenerator<unknown, void, undefined> {
    let isWhole = false;
    try {
      for await (const piece of sourceOf(source, this.line.over)) yield* await this.push(piece);
      isWhole = true;
    } finally {
      if (!isWhole) this.close();
    }
  }

  close(): void {
    this.line.end(hostError("cancelled", "the stream was closed"));
  }

  /** One piece after the other, in the order they were given. */
  private async give(piece: Bytes, isLast: boolean): Promise<{ answer: Answer; busy: number }> {
    if (!isBytes(piece)) throw new TypeError("a piece must be a Blob, an ArrayBuffer or a typed array");
    if (this.waiting >= WAITING) throw hostError("over_capacity", `${WAITING} pieces are waiting already: wait for each of them`);
    this.waiting += 1;
    const turn = this.tail.then(() => this.send(piece, isLast));
    this.tail = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.waiting -= 1;
    }
  }

  private async send(piece: Bytes, isLast: boolean): Promise<{ answer: Answer; busy: number }> {
    // Copied when it is its turn, not before, as the buffers of calls are.
    const held = new Held([{ input: 0, data: isImageData(piece) ? piece.data : piece }], this.call.settings.transfer ?? false);
    this.bytes += held.bytes;
    if (this.bytes > this.limit) this.line.end(tooMuch(this.session, this.limit));
    const { sources, transfer } = held.load();
    const began = performance.now();
    const answer = await this.line.send({ type: "push", piece: sources[0]?.data ?? new ArrayBuffer(0), isLast }, transfer);
    return { answer, busy: performance.now() - began };
  }

  private result(answer: Answer, busy: number): unknown {
    const { fn, options, id, startedAt } = this.call;
    const times = { queue: 0, compute: answer.compute, transfer: Math.max(0, busy - answer.compute), total: busy };
    return shape(fn, { answer, waited: 0, busy, boot: 0 }, {
      place: "local", why: "Pushed calls run here.", options, call: id, predicted: undefined,
      attempts: [{ place: "local", outcome: "ok", why: "Pushed calls run here.", times }],
      total: performance.now() - startedAt,
    });
  }
}

function tooMuch({ loaded }: Session, limit: number): CodecError {
  const code = "memory_limit";
  const kind = loaded.description.errors.find((each) => each.code === code);
  return new CodecError({ code, message: `more than ${limit} bytes were pushed, the most allowed`, title: kind?.title, status: kind?.status });
}

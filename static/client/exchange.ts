import { CodecError, hostError, messageOf } from "./errors";

/** A request's answer, its body read. */
export interface Received {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** Milliseconds until the headers came, and from there to the end of the body. */
  firstByte: number;
  download: number;
}

export interface Patience {
  /** Milliseconds until an answer begins. */
  answerLimit: number;
  /** Milliseconds between two pieces of it. */
  silenceLimit: number;
}

export interface Hooks {
  signal?: AbortSignal | undefined;
  headers?: (headers: Headers) => void;
  /** Takes the answer over before its body is read; what is read here is a clone. */
  response?: (response: Response) => void;
  /** How far the answer has come; `total` is 0 where the service does not say. */
  loaded?: (loaded: number, total: number) => void;
}

/**
 * One request and the whole of its answer.
 *
 * @throws CodecError `unreachable` where nobody answers, the connection breaks, or the service says nothing for too long;
 *   what the signal says where that is aborted.
 */
export async function exchange(url: URL, options: RequestInit, patience: Patience, hooks: Hooks = {}): Promise<Received> {
  const silence = new Silence(hooks.signal);
  silence.allow(patience.answerLimit);
  const began = performance.now();
  try {
    const response = await fetch(url, { ...options, signal: silence.signal });
    const { status, headers } = response;
    const firstByte = performance.now() - began;
    hooks.headers?.(headers);
    // The reader gets the copy: browsers keep compiled code for the answer itself.
    const own = hooks.response ? response.clone() : response;
    hooks.response?.(response);
    const body = await read(own, (loaded, total) => {
      silence.allow(patience.silenceLimit);
      hooks.loaded?.(loaded, total);
    });
    return { status, headers, body, firstByte, download: performance.now() - began - firstByte };
  } catch (error) {
    if (error instanceof CodecError) throw error;
    const reason: unknown = silence.signal.reason;
    if (reason instanceof CodecError) throw reason;
    if (silence.signal.aborted) throw hostError("cancelled", "the request was cancelled", reason);
    throw hostError("unreachable", `the service does not answer: ${messageOf(error)}`, error);
  } finally {
    silence.end();
  }
}

/** Gives a request up that the service says nothing to for too long. */
class Silence {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stop = (): void => this.controller.abort(this.outer?.reason);

  constructor(private readonly outer: AbortSignal | undefined) {
    if (outer?.aborted) this.stop();
    outer?.addEventListener("abort", this.stop);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something was heard, or is awaited anew: from now on so many milliseconds may pass. */
  allow(limit: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.controller.abort(hostError("unreachable", `the service has said nothing for ${(limit / 1000).toFixed(1)} s`));
    }, limit);
  }

  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.stop);
  }
}

/** Reads a body piece by piece, so that a connection that has gone dead in its middle is noticed. */
async function read(response: Response, heard: (loaded: number, total: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const total = Number(response.headers.get("Content-Length") ?? 0);
  const pieces: Uint8Array[] = [];
  let loaded = 0;
  heard(0, total);
  const reader = response.body?.getReader();
  for (let piece = await reader?.read(); piece?.value; piece = await reader?.read()) {
    pieces.push(piece.value);
    loaded += piece.value.length;
    heard(loaded, total);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

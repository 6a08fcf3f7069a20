import { ImageError } from "./errors";

/** Milliseconds without a byte after which a server counts as gone. */
const SILENCE = 30_000;
const ACCEPT = "image/jxl,image/*;q=0.8,*/*;q=0.5";

export interface BodyRequest {
  url: string;
  /** The attribute `crossorigin`. */
  crossOrigin: string | null;
  referrerPolicy: string;
  signal: AbortSignal;
  /** Bytes that have come; `total` is 0 where the server does not say. */
  loaded: (loaded: number, total: number) => void;
}

/** A file on its way here: asked for with CORS, so that another origin has a say. */
export class Body {
  private loaded = 0;

  private constructor(
    private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    private readonly total: number,
    private readonly request: BodyRequest,
  ) {}

  /** @throws ImageError `unreachable`. */
  static async open(request: BodyRequest): Promise<Body> {
    const { url, crossOrigin, referrerPolicy, signal } = request;
    let response: Response;
    try {
      response = await heard(signal, fetch(url, {
        signal, mode: "cors", headers: { Accept: ACCEPT },
        credentials: crossOrigin === "use-credentials" ? "include" : "same-origin",
        referrerPolicy: referrerPolicy as ReferrerPolicy,
      }));
    } catch (error) {
      throw failure(request, error);
    }
    if (!response.ok || !response.body) {
      void response.body?.cancel();
      throw new ImageError("unreachable", `${shortened(url)} cannot be fetched: status ${response.status}`, true);
    }
    // What is coded on its way has another length.
    const total = response.headers.has("Content-Encoding") ? 0 : Number(response.headers.get("Content-Length") ?? 0);
    return new Body(response.body.getReader(), total, request);
  }

  /** The next bytes; none at the end. @throws ImageError `unreachable`. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { request } = this;
    try {
      const { done, value } = await heard(request.signal, this.reader.read());
      if (done) return undefined;
      this.loaded += value.length;
      request.loaded(this.loaded, this.total);
      return value;
    } catch (error) {
      this.cancel();
      throw failure(request, error);
    }
  }

  /** Nothing more is wanted. */
  cancel(): void {
    this.reader.cancel().catch(() => undefined);
  }
}

/** What is awaited, unless it takes longer than silence may. */
async function heard<T>(signal: AbortSignal, awaited: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ImageError("unreachable", `the server has said nothing for ${SILENCE / 1000} s`, true)), SILENCE);
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([awaited, silent]);
  } finally {
    clearTimeout(timer);
  }
}

function failure({ url, signal }: BodyRequest, error: unknown): unknown {
  if (signal.aborted || error instanceof ImageError) return signal.aborted ? signal.reason : error;
  const isOther = new URL(url).origin !== location.origin;
  const hint = isOther ? "; a server of another origin must allow it (CORS)" : "";
  return new ImageError("unreachable", `${shortened(url)} cannot be fetched: ${error instanceof Error ? error.message : String(error)}${hint}`, true, { cause: error });
}

/** An address as messages name it: some have a whole file in them. */
function shortened(url: string): string {
  return url.length > 200 ? `${url.slice(0, 200)}…` : url;
}

import { CodecError } from "../../client/index";
import { bytes as sized } from "../model/format";

/** Most bytes of a file that a link opens, as of one that is pushed. */
const LARGEST = 2 ** 30;

/** A file on its way here from the page's own server. What has come is kept, and the rest is read as it is wanted. */
export class Arriving {
  private readonly chunks: Uint8Array<ArrayBuffer>[] = [];
  loaded = 0;

  private constructor(
    private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
    /** Bytes of the whole, where the server tells. */
    readonly total: number | undefined,
    private readonly type: string,
    private readonly most: number,
    private readonly onprogress: (arriving: Arriving) => void,
  ) {}

  /** @throws CodecError `cancelled`, `unreachable`, `not_found`, `too_large`. */
  static async from(url: URL, signal: AbortSignal, onprogress: (arriving: Arriving) => void, most = LARGEST): Promise<Arriving> {
    const response = await answered(fetch(url, { signal, mode: "same-origin" }), signal);
    if (!response.ok) throw refused(url, response);
    const length = Number(response.headers.get("Content-Length") ?? NaN);
    // What is sent compressed has another length here.
    const total = Number.isFinite(length) && !response.headers.has("Content-Encoding") ? length : undefined;
    if (total !== undefined && total > most) throw tooLarge(most);
    const type = (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim() ?? "";
    const body = response.body ?? new Blob([]).stream();
    return new Arriving(body.getReader(), total, type, most, onprogress);
  }

  /** Reads on; false at the end. @throws CodecError as `from`. */
  async more(signal: AbortSignal): Promise<boolean> {
    const { done, value } = await answered(this.reader.read(), signal);
    if (done) {
      // A connection that breaks off must not look like the end of the file.
      if (this.total !== undefined && this.loaded < this.total) throw lost();
      return false;
    }
    this.chunks.push(value);
    this.loaded += value.length;
    if (this.loaded > this.most) {
      void this.reader.cancel().catch(() => undefined);
      throw tooLarge(this.most);
    }
    this.onprogress(this);
    return true;
  }

  /** Gives what has come, and then what comes. @throws CodecError as `from`. */
  async *pieces(signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (let at = 0; at < this.chunks.length || (await this.more(signal)); at += 1) {
      const chunk = this.chunks[at];
      if (chunk) yield chunk;
    }
  }

  /** As much as has come, as a file. */
  file(name: string): File {
    return new File(this.chunks, name, { type: this.type });
  }
}

async function answered<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted) throw new CodecError({ code: "cancelled", message: "the download was stopped" }, { cause: error });
    throw lost(error);
  }
}

function lost(cause?: unknown): CodecError {
  return new CodecError({ code: "unreachable", message: "the server does not answer, or the connection broke off" }, { cause });
}

function refused(url: URL, { status }: Response): CodecError {
  const what = status === 404 || status === 410 ? "there is no such file" : `the server answered with the status ${status}`;
  return new CodecError({ code: "not_found", message: `${what} at ${url.pathname}`, status });
}

function tooLarge(most: number): CodecError {
  return new CodecError({ code: "body_too_large", message: `the file is larger than ${sized(most)}, the most that a link opens` });
}

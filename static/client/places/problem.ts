import { type Announced, CodecError } from "../errors";
import type { Received } from "../exchange";
import { isRecord } from "../interface";
import type { CallRequest } from "../protocol";

/** Turns an HTTP error into the error that a local call would give (RFC 9457). */
export function problem(request: CallRequest, { status, headers, body }: Received): CodecError {
  let details: unknown;
  try {
    details = JSON.parse(new TextDecoder().decode(body));
  } catch {
    details = undefined;
  }
  const retryAfter = seconds(headers.get("Retry-After"));
  if (!isRecord(details) || typeof details.code !== "string") {
    return new CodecError({ code: codeOf(status), message: `the service answered ${status}`, status, retryAfter });
  }
  const { code, title, detail, option } = details;
  return new CodecError({
    code,
    message: typeof detail === "string" ? detail : typeof title === "string" ? title : code,
    title: typeof title === "string" ? title : undefined,
    option: typeof option === "string" ? option : undefined,
    input: rowOf(request, details),
    status,
    retryAfter,
    announced: announced(details.module),
  });
}

/** What a status means that came from something else than the service: a proxy, or nobody behind it. */
function codeOf(status: number): string {
  if (status === 502 || status === 504) return "unreachable";
  return status === 503 || status === 429 ? "over_capacity" : "bad_answer";
}

/** Retry-After in seconds; it may also be a date (RFC 9110, 10.2.3). */
function seconds(header: string | null): number | undefined {
  if (header === null) return undefined;
  const value = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(value) ? Math.max(0, value) : undefined;
}

/** The module that a service announces, where that is what the value says. */
export function announced(value: unknown): Announced | undefined {
  if (!isRecord(value) || typeof value.sha256 !== "string" || typeof value.url !== "string") return undefined;
  return { sha256: value.sha256, url: value.url, bytes: typeof value.bytes === "number" ? value.bytes : undefined };
}

/** Index of the buffer at fault: the service tells its input's name, and which of several buffers of that name it was. */
function rowOf({ fn, sources }: CallRequest, { input, index }: Record<string, unknown>): number | undefined {
  const first = sources.findIndex((source) => fn.inputs[source.input]?.name === input);
  return first < 0 ? undefined : first + (typeof index === "number" ? index : 0);
}

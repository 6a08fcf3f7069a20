/** Codes that the client adds to those of the interface. */
export type HostCode =
  | "cancelled"
  | "time_limit"
  | "over_capacity"
  | "worker_crashed"
  | "unreachable"
  | "bad_answer"
  | "bad_module"
  | "other_module"
  | "not_decoded"
  | "unavailable"
  | "internal";

/** The module that a service says it has. */
export interface Announced {
  sha256: string;
  url: string;
  bytes?: number | undefined;
}

/** What is known of a failed call; survives structured cloning. */
export interface ErrorFields {
  code: string;
  message: string;
  title?: string | undefined;
  /** JSON Pointer (RFC 6901) of the option at fault. */
  option?: string | undefined;
  /** Index of the input buffer at fault. */
  input?: number | undefined;
  /** HTTP status that the service answered or would answer with. */
  status?: number | undefined;
  /** Seconds after which the service may have room again (`over_capacity`). */
  retryAfter?: number | undefined;
  /** The service's module, where it is not the one asked for (`other_module`). */
  announced?: Announced | undefined;
}

/** A call failed: `code` is one of the interface's error codes or a {@link HostCode}. */
export class CodecError extends Error implements ErrorFields {
  readonly code: string;
  readonly title: string | undefined;
  readonly option: string | undefined;
  readonly input: number | undefined;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;
  readonly announced: Announced | undefined;

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super(fields.message, options);
    // The names that the platform's own abortable promises use.
    this.name =
      fields.code === "cancelled" ? "AbortError" : fields.code === "time_limit" ? "TimeoutError" : "CodecError";
    this.code = fields.code;
    this.title = fields.title;
    this.option = fields.option;
    this.input = fields.input;
    this.status = fields.status;
    this.retryAfter = fields.retryAfter;
    this.announced = fields.announced;
  }

  /** The plain fields, fit for `postMessage`. */
  get fields(): ErrorFields {
    const { code, message, title, option, input, status, retryAfter, announced } = this;
    return { code, message, title, option, input, status, retryAfter, announced };
  }
}

/** An error of the client itself. */
export function hostError(code: HostCode, message: string, cause?: unknown): CodecError {
  return new CodecError({ code, message }, cause === undefined ? undefined : { cause });
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What an aborted signal means for a call: its own reason where that is a CodecError, else `time_limit` or `cancelled`. */
export function abortError(signal: AbortSignal | undefined): CodecError {
  const reason: unknown = signal?.reason;
  if (reason instanceof CodecError) return reason;
  // AbortSignal.timeout() says by its reason that time ran out.
  const isTimeout = reason instanceof DOMException && reason.name === "TimeoutError";
  return isTimeout
    ? hostError("time_limit", "the call took longer than it was given", reason)
    : hostError("cancelled", "the call was cancelled", reason);
}

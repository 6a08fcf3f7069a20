/** Codes that the client adds to those of the interface. */
export type HostCode =
  | "cancelled"
  | "time_limit"
  | "over_capacity"
  | "worker_crashed"
  | "unreachable"
  | "bad_answer"
  | "bad_module"
  | "internal";

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
}

/** A call failed: `code` is one of the interface's error codes or a {@link HostCode}. */
export class CodecError extends Error implements ErrorFields {
  readonly code: string;
  readonly title: string | undefined;
  readonly option: string | undefined;
  readonly input: number | undefined;
  readonly status: number | undefined;

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
  }

  /** The plain fields, fit for `postMessage`. */
  get fields(): ErrorFields {
    const { code, message, title, option, input, status } = this;
    return { code, message, title, option, input, status };
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

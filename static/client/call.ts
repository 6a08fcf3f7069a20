import { abortError, CodecError, hostError } from "./errors";
import type { Held } from "./held";
import { callId } from "./id";
import type { Prepared } from "./inputs";
import type { FunctionDescription } from "./interface";
import type { AnySettings, PlaceChoice, Size } from "./settings";

/** Longest delay that timers can hold. */
const LONGEST = 2 ** 31 - 1;

/** One call of a method, from its arguments to its end. */
export class Call {
  readonly id = callId();
  readonly startedAt = performance.now();
  readonly given: Readonly<Record<string, unknown>>;
  readonly options: string;
  readonly held: Held;
  readonly isPicture: boolean;
  /** What a picture is to fit in. */
  readonly within: Size | undefined;
  /** As `Date.now()` counts. */
  readonly deadline: number | undefined;
  private readonly controller = new AbortController();
  private readonly timers: ReturnType<typeof setTimeout>[] = [];
  private readonly onAbort = (): void => this.end(abortError(this.settings.signal));

  /** @throws CodecError `bad_option` where a picture is wanted and options say otherwise, `unavailable` where there is none to be had. */
  constructor(
    readonly fn: FunctionDescription,
    prepared: Prepared,
    readonly settings: AnySettings,
    readonly place: PlaceChoice,
    hasPictures: boolean,
  ) {
    this.isPicture = settings.as === "picture";
    this.within = settings.as === "picture" ? sizeOf(settings.within) : undefined;
    this.given = this.isPicture ? pictured(fn, prepared.options, hasPictures) : prepared.options;
    this.options = JSON.stringify(this.given);
    this.held = prepared.held;
    this.deadline = settings.deadline === undefined ? undefined : Number(settings.deadline);
  }

  /** Aborted when the call is to stop, with the error that it rejects with. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Starts the clocks. */
  begin(): void {
    const { signal, timeLimit } = this.settings;
    if (signal?.aborted) this.onAbort();
    signal?.addEventListener("abort", this.onAbort);
    if (timeLimit !== undefined) this.endIn(timeLimit, `the call took longer than ${timeLimit} ms`);
    if (this.deadline !== undefined) this.endIn(this.deadline - Date.now(), "the call did not make its deadline");
  }

  /** Stops the call. */
  end(reason: CodecError): void {
    this.controller.abort(reason);
  }

  /** The call has settled. */
  release(): void {
    this.settings.signal?.removeEventListener("abort", this.onAbort);
    for (const timer of this.timers) clearTimeout(timer);
  }

  private endIn(milliseconds: number, message: string): void {
    const reason = hostError("time_limit", message);
    if (milliseconds <= 0) this.end(reason);
    else if (milliseconds <= LONGEST) this.timers.push(setTimeout(() => this.end(reason), milliseconds));
  }
}

/** @throws TypeError where a size is none. */
function sizeOf(within: Size | undefined): Size | undefined {
  if (!within) return undefined;
  const { width, height } = within;
  if (!(width >= 1 && height >= 1)) throw new TypeError(`a picture cannot be within ${width} × ${height} pixels`);
  return { width, height };
}

/** The options of a call that gives a picture. */
function pictured(fn: FunctionDescription, given: Record<string, unknown>, hasPictures: boolean): Record<string, unknown> {
  const { picture } = fn;
  if (!picture) throw new TypeError(`${fn.name} gives nothing that could be shown as a picture`);
  if (!hasPictures) throw hostError("unavailable", "this platform has no ImageBitmap; ask for samples instead");
  for (const [name, value] of Object.entries(picture.options)) {
    if (!(name in given) || given[name] === value) continue;
    throw new CodecError({ code: "bad_option", message: `${name} must be ${JSON.stringify(value)} in a picture`, option: `/${name}` });
  }
  return { ...given, ...picture.options };
}

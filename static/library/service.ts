import type { CommandProblem, Limits, Remote } from "./types";

/** The service could not be reached, did not answer in time, or asks to come again: another try may succeed. */
export class Later extends Error {
  override readonly name = "Later";

  constructor(
    message: string,
    /** Whether it answered at all. */
    readonly isReached: boolean,
    /** Milliseconds that it asks to wait. */
    readonly after?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The service says no; the same again would have the same answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(readonly problem: CommandProblem) {
    super(problem.detail || problem.title);
  }
}

export interface Asking {
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds, where it is not what an answer without a file may take. */
  readonly time?: number;
  /** Statuses that are no problem, beside those of success. */
  readonly expected?: readonly number[];
}

const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);
const IN_FLIGHT = "idempotency_in_flight";

/** Requests to the service about one library. */
export class Service {
  constructor(
    private readonly site: URL,
    private readonly key: string,
    private readonly limits: Limits,
    private readonly fetcher: typeof fetch,
    private readonly reached: (is: boolean) => void,
    /** Ends all requests. */
    private readonly ended: AbortSignal,
  ) {}

  /** @throws Later, Refusal. */
  async ask(method: string, path: string, { body, headers, time = this.limits.answer, expected = [] }: Asking = {}): Promise<Response> {
    const response = await this.send(method, path, { body: body ?? null, headers: headers ?? {} }, AbortSignal.any([AbortSignal.timeout(time), this.ended]));
    if (response.ok || expected.includes(response.status)) return response;
    const problem = await problemOf(response);
    if (RETRIED.has(response.status) || problem.code === IN_FLIGHT) throw new Later(problem.detail || problem.title, true, this.after(response));
    throw new Refusal(problem);
  }

  /** Opens a stream, of which only the head has to come in time. */
  async stream(path: string): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.limits.answer);
    try {
      const response = await this.send("GET", path, { body: null, headers: { Accept: "text/event-stream" } }, AbortSignal.any([late.signal, this.ended]));
      if (response.ok && response.body) return response;
      const problem = await problemOf(response);
      if (response.status >= 500 || RETRIED.has(response.status)) throw new Later(problem.detail || problem.title, true, this.after(response));
      throw new Refusal(problem);
    } finally {
      clearTimeout(timer);
    }
  }

  private async send(method: string, path: string, { body, headers }: { body: BodyInit | null; headers: Readonly<Record<string, string>> }, signal: AbortSignal): Promise<Response> {
    try {
      const response = await this.fetcher(new URL(path.replace(/^\//, ""), this.site), {
        method,
        body,
        headers: { ...headers, Authorization: `Bearer ${this.key}` },
        signal,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
      });
      this.reached(true);
      return response;
    } catch (error) {
      if (!this.ended.aborted) this.reached(false);
      throw new Later("The service cannot be reached.", false, undefined, { cause: error });
    }
  }

  private after(response: Response): number | undefined {
    const seconds = Number(response.headers.get("Retry-After") ?? "");
    return seconds > 0 ? Math.min(seconds * 1000, this.limits.asked) : undefined;
  }
}

/** The path of a library, and what is below it. */
export function pathOf({ id }: Pick<Remote, "id">, rest = ""): string {
  return `v1/libraries/${id}${rest}`;
}

/** What an answer says that was wrong; it is shown, so it is text of limited length. */
async function problemOf(response: Response): Promise<CommandProblem> {
  let told: unknown;
  try {
    told = JSON.parse((await response.text()).slice(0, 100_000));
  } catch {
    told = undefined;
  }
  const fields = typeof told === "object" && told !== null ? (told as Record<string, unknown>) : {};
  const text = (name: string, most: number): string => (typeof fields[name] === "string" ? fields[name].slice(0, most) : "");
  return { status: response.status, code: text("code", 64) || `http_${response.status}`, title: text("title", 200) || response.statusText || `Status ${response.status}`, detail: text("detail", 2000) };
}

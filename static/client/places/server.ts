import { hostError } from "../errors";
import { exchange, type Received } from "../exchange";
import { resultKey } from "../key";
import type { Answer, CallRequest, Setup } from "../protocol";
import { contents, serverTiming } from "./answer";
import type { Report, RunningPlace } from "./place";
import { problem } from "./problem";

type Service = Pick<Setup, "url" | "description" | "sha256" | "silenceLimit" | "answerLimit">;

/** Bytes per millisecond of an upload below which a connection counts as dead. */
const SLOWEST_UPLOAD = 8;

/** Runs calls on the service, over HTTP. */
export class ServerPlace implements RunningPlace {
  constructor(private readonly service: Service) {}

  /** @throws CodecError with the service's problem details, `unreachable` or `bad_answer`. */
  async run(request: CallRequest, report: Report): Promise<Answer> {
    return request.ask === "no" ? this.post(request, report) : this.ask(request, request.ask, report);
  }

  private async post(request: CallRequest, report: Report): Promise<Answer> {
    report.progress({ stage: "sending" });
    const form = body(request);
    const bytesUp = size(request);
    const headers: Record<string, string> = { Accept: accept(request) };
    if (request.isPinned) Object.assign(headers, { "Eitherside-Module": this.service.sha256, "Eitherside-Call": request.id });
    const options = { method: "POST", body: form, headers };
    const received = await this.exchange(request, report, bytesUp, `v1/${request.fn.name}`, options);
    if (received.status < 200 || received.status >= 300) throw problem(request, received);
    return this.answer(request, received, bytesUp);
  }

  /** Asks for a result that the service may have kept; inputs are not sent, only what they hash to. */
  private async ask(request: CallRequest, how: "head" | "get", report: Report): Promise<Answer> {
    const key = await resultKey(this.service.sha256, request);
    const options = { method: how.toUpperCase(), headers: { Accept: accept(request) } };
    const received = await this.exchange(request, report, 0, `v1/results/${key}`, options);
    const isKnown = received.status === 200;
    // A module's hash is part of the key, so whoever answers has computed with ours.
    if (isKnown && how === "get") return { ...(await this.answer(request, received, 0)), queued: 0, compute: 0, known: true };
    const nothing = { bytesIn: 0, bytesUp: 0, bytesDown: 0, queued: 0, start: 0, compute: 0, download: 0 };
    return { result: {}, outputs: [], module: this.service.sha256, ...nothing, known: isKnown };
  }

  private async answer(request: CallRequest, received: Received, bytesUp: number): Promise<Answer> {
    const { headers, body: bytes, download } = received;
    const bytesDown = bytes.byteLength;
    const module = headers.get("Eitherside-Module") ?? this.service.sha256;
    // A service that knows no pinning computes with what it has.
    if (module !== this.service.sha256) throw hostError("other_module", `the service computed with the module ${module}`);
    const content = await contents(this.service.description, request, received);
    const times = serverTiming(headers.get("Server-Timing"));
    return {
      ...content,
      module,
      bytesIn: size(request),
      bytesUp,
      bytesDown,
      queued: times.get("queue") ?? 0,
      start: 0,
      compute: times.get("compute") ?? 0,
      download,
    };
  }

  private exchange(request: CallRequest, report: Report, bytesUp: number, path: string, options: RequestInit): Promise<Received> {
    const { url, silenceLimit, answerLimit } = this.service;
    // fetch does not tell how far an upload has got.
    const patience = { silenceLimit, answerLimit: answerLimit + bytesUp / SLOWEST_UPLOAD };
    return exchange(new URL(path, url), { ...options, priority: request.priority }, patience, {
      headers: (headers) => {
        report.note({ load: headers.get("Eitherside-Load") ?? undefined, module: headers.get("Eitherside-Module") ?? undefined });
      },
      loaded: (loaded, total) => report.progress({ stage: "receiving", loaded, ...(total > 0 ? { total } : {}) }),
    });
  }
}

function accept({ fn }: CallRequest): string {
  return fn.outputs.length === 0 ? "application/json" : "multipart/form-data";
}

function size({ sources }: CallRequest): number {
  return sources.reduce((sum, { data }) => sum + (data instanceof Blob ? data.size : data.byteLength), 0);
}

/** Options travel as JSON, so that the service's module sees the very text that a local call would. */
export function body(request: CallRequest): FormData {
  const form = new FormData();
  form.append("options", new Blob([request.options], { type: "application/json" }), "options");
  for (const { input, data } of request.sources) {
    const description = request.fn.inputs[input];
    if (!description) throw hostError("internal", `the function has no input ${input}`);
    const type = description.media_type ?? "application/octet-stream";
    // The file's own name and type are nobody's business but the user's.
    form.append(description.name, new Blob([data], { type }), description.name);
  }
  return form;
}

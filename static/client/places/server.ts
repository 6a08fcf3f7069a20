import { CodecError, hostError, messageOf } from "../errors";
import { isRecord } from "../interface";
import { formatMediaType } from "../media";
import type { Answer, CallRequest, Output, Progress, Setup } from "../protocol";

type Service = Pick<Setup, "url" | "description">;

/** Runs calls on the service, over HTTP. */
export class ServerPlace {
  constructor(private readonly service: Service) {}

  /** @throws CodecError with the service's problem details, `unreachable` or `bad_answer`. */
  async run(request: CallRequest, report: (progress: Progress) => void): Promise<Answer> {
    report({ stage: "sending" });
    const response = await post(this.service, request);
    if (!response.ok) throw await problem(request, response);
    report({ stage: "receiving" });
    return answer(this.service, request, response);
  }
}

async function post(service: Service, request: CallRequest): Promise<Response> {
  try {
    return await fetch(new URL(`v1/${request.fn.name}`, service.url), {
      method: "POST",
      body: body(request),
      headers: { Accept: request.fn.outputs.length === 0 ? "application/json" : "multipart/form-data" },
    });
  } catch (error) {
    throw hostError("unreachable", `the service does not answer: ${messageOf(error)}`, error);
  }
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

/** Reads a successful response: JSON alone, one raw output with the result in a header, or multipart. */
export async function answer(service: Service, request: CallRequest, response: Response): Promise<Answer> {
  const type = (response.headers.get("Content-Type") ?? "").split(";")[0]?.trim().toLowerCase();
  const read = type === "multipart/form-data" ? multipart : request.fn.outputs.length === 0 ? json : raw;
  let content: Pick<Answer, "result" | "outputs">;
  try {
    content = await read(service, request, response);
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw hostError("bad_answer", `the service's answer cannot be read: ${messageOf(error)}`, error);
  }
  const times = serverTiming(response.headers.get("Server-Timing"));
  return {
    ...content,
    module: response.headers.get("Eitherside-Module") ?? "",
    bytesIn: request.sources.reduce((sum, { data }) => sum + (data instanceof Blob ? data.size : data.byteLength), 0),
    queued: times.get("queue") ?? 0,
    compute: times.get("compute") ?? 0,
  };
}

async function json(_service: Service, _request: CallRequest, response: Response): Promise<Pick<Answer, "result" | "outputs">> {
  return { result: object(await response.text()), outputs: [] };
}

async function raw(_service: Service, { fn }: CallRequest, response: Response): Promise<Pick<Answer, "result" | "outputs">> {
  const header = response.headers.get("Eitherside-Result");
  const output = fn.outputs[0];
  if (header === null || !output) throw hostError("bad_answer", "the service left the result out of its answer");
  const mediaType = (response.headers.get("Content-Type") ?? "application/octet-stream").split(";")[0]?.trim() ?? "";
  return { result: object(header), outputs: [{ name: output.name, mediaType, data: await response.arrayBuffer() }] };
}

async function multipart({ description }: Service, { fn }: CallRequest, response: Response): Promise<Pick<Answer, "result" | "outputs">> {
  const form = await response.formData();
  const first = form.get("result");
  if (first === null) throw hostError("bad_answer", "the service left the result out of its answer");
  const result = object(typeof first === "string" ? first : await first.text());
  const outputs: Output[] = [];
  for (const each of fn.outputs) {
    for (const part of form.getAll(each.name)) {
      if (typeof part === "string") throw hostError("bad_answer", `the output "${each.name}" is text`);
      outputs.push({ name: each.name, mediaType: part.type || formatMediaType(each, result, description), data: await part.arrayBuffer() });
    }
  }
  return { result, outputs };
}

function object(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw hostError("bad_answer", "the service's result is not an object");
  return value;
}

/** Turns an HTTP error into the error that a local call would give (RFC 9457). */
export async function problem(request: CallRequest, response: Response): Promise<CodecError> {
  const text = await response.text().catch(() => "");
  let details: unknown;
  try {
    details = JSON.parse(text);
  } catch {
    details = undefined;
  }
  if (!isRecord(details) || typeof details.code !== "string") {
    return new CodecError({
      code: response.status === 502 || response.status === 504 ? "unreachable" : "bad_answer",
      message: `the service answered ${response.status} ${response.statusText}`.trim(),
      status: response.status,
    });
  }
  const { code, title, detail, option } = details;
  return new CodecError({
    code,
    message: typeof detail === "string" ? detail : typeof title === "string" ? title : code,
    title: typeof title === "string" ? title : undefined,
    option: typeof option === "string" ? option : undefined,
    input: rowOf(request, details),
    status: response.status,
  });
}

/** Index of the buffer at fault: the service tells its input's name, and which of several buffers of that name it was. */
function rowOf({ fn, sources }: CallRequest, { input, index }: Record<string, unknown>): number | undefined {
  const first = sources.findIndex((source) => fn.inputs[source.input]?.name === input);
  return first < 0 ? undefined : first + (typeof index === "number" ? index : 0);
}

/** Durations of a Server-Timing header in milliseconds, by name. */
export function serverTiming(header: string | null): Map<string, number> {
  const times = new Map<string, number>();
  for (const metric of (header ?? "").split(",")) {
    const [name = "", ...parameters] = metric.split(";").map((each) => each.trim());
    const duration = parameters.find((each) => each.startsWith("dur="))?.slice(4);
    if (name !== "" && duration !== undefined && Number.isFinite(Number(duration))) times.set(name, Number(duration));
  }
  return times;
}

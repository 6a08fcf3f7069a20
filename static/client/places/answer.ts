import { CodecError, hostError, messageOf } from "../errors";
import type { Received } from "../exchange";
import { type Interface, isRecord } from "../interface";
import { formatMediaType } from "../media";
import type { Answer, CallRequest, Output } from "../protocol";

type Content = Pick<Answer, "result" | "outputs">;

/**
 * Reads a successful response: JSON alone, one raw output with the result in a header, or multipart.
 *
 * @throws CodecError `bad_answer` where it is none of these.
 */
export async function contents(description: Interface, request: CallRequest, received: Received): Promise<Content> {
  const type = mediaType(received.headers);
  // Without a header for it, JSON is the result itself, where there may be no outputs.
  const alone = request.fn.outputs.every((output) => output.optional) && !received.headers.has("Eitherside-Result");
  const read = type.toLowerCase() === "multipart/form-data" ? multipart : alone ? json : raw;
  try {
    return await read(description, request, received);
  } catch (error) {
    if (error instanceof CodecError) throw error;
    throw hostError("bad_answer", `the service's answer cannot be read: ${messageOf(error)}`, error);
  }
}

function mediaType(headers: Headers): string {
  return (headers.get("Content-Type") ?? "application/octet-stream").split(";")[0]?.trim() ?? "";
}

function json(_description: Interface, _request: CallRequest, { body }: Received): Content {
  return { result: object(new TextDecoder().decode(body)), outputs: [] };
}

function raw(_description: Interface, { fn }: CallRequest, { headers, body }: Received): Content {
  const header = headers.get("Eitherside-Result");
  const output = fn.outputs[0];
  if (header === null || !output) throw hostError("bad_answer", "the service left the result out of its answer");
  return { result: object(header), outputs: [{ name: output.name, mediaType: mediaType(headers), data: body.buffer }] };
}

async function multipart(description: Interface, { fn }: CallRequest, { headers, body }: Received): Promise<Content> {
  const form = await new Response(body, { headers: { "Content-Type": headers.get("Content-Type") ?? "" } }).formData();
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

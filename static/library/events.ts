/** One server-sent event. */
export interface StreamEvent {
  readonly kind: string;
  readonly data: string;
}

/** Characters of an event, beyond which the stream is given up. */
const MOST = 1 << 22;

/**
 * Reads a stream of events (the HTML standard, 9.2.6), with LF or CRLF as ends of lines.
 *
 * @param silence milliseconds without a byte after which the connection counts as dead.
 * @throws Error where it is; whatever breaks the stream.
 */
export async function* events(body: ReadableStream<Uint8Array<ArrayBuffer>>, silence: number): AsyncGenerator<StreamEvent | "opened"> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    yield "opened";
    for (;;) {
      const { done, value } = await within(reader.read(), silence);
      if (done) return;
      rest += value.replaceAll("\r", "");
      if (rest.length > MOST) throw new Error("an event of the service is too long");
      const blocks = rest.split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = parsed(block);
        if (event) yield event;
      }
    }
  } finally {
    // It may be broken already, which is why we are here.
    reader.cancel().catch(() => undefined);
  }
}

function parsed(block: string): StreamEvent | undefined {
  let kind = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (name === "event") kind = value;
    else if (name === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { kind, data: data.join("\n") };
}

async function within<T>(work: Promise<T>, time: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the service is silent")), time);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

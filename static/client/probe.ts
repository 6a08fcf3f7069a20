import { Held, type Item } from "./held";
import { callId } from "./id";
import type { Session } from "./session";

/** The first run compiles the module's hot functions; it is not counted. */
const RUNS = 4;
const LONGEST = 3000;

/**
 * Finds out how fast this machine is by the short call that the interface names, run while nobody else wants the workers.
 *
 * @returns the time of the fastest run and the interface's `work`, or nothing where there is no probe or it does not end in time.
 */
export async function probe(session: Session, signal: AbortSignal): Promise<{ ms: number; work: number } | undefined> {
  const described = session.loaded.description.probe;
  const fn = described && session.functions.get(described.function);
  if (!described || !fn) return undefined;
  const items = fn.inputs.flatMap(({ name }, input): Item[] => {
    const given = Object.hasOwn(described.inputs, name) ? described.inputs[name] : undefined;
    return given ? [{ input, data: noise(given.noise) }] : [];
  });
  const limited = new AbortController();
  const stop = (): void => limited.abort();
  const timer = setTimeout(stop, LONGEST);
  signal.addEventListener("abort", stop);
  try {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const request = {
        id: callId(), place: "local", fn, options: JSON.stringify(described.options), memoryLimit: undefined,
        digest: false, picture: false, giveBack: false, ask: "no", isPinned: false, priority: "low",
      } as const;
      const { answer } = await session.run("local", { request, held: new Held(items, false), signal: limited.signal });
      if (run > 0) times.push(answer.compute);
    }
    return { ms: Math.min(...times), work: described.work };
  } catch {
    // Too slow, closed, or out of order: calls will tell.
    return undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Bytes that look random and are the same everywhere: xorshift32. */
export function noise(length: number): ArrayBuffer {
  const bytes = new Uint8Array(length);
  let state = 2463534242;
  for (let at = 0; at < length; at += 1) {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    bytes[at] = state & 255;
  }
  return bytes.buffer;
}

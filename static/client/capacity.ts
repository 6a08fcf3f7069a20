import { exchange, type Patience } from "./exchange";
import { isRecord } from "./interface";
import type { Exchange, ServerLoad } from "./planner/types";

/** Milliseconds after which what was heard of the service's load says little. */
const STALE = 30_000;

export interface CapacityEvents {
  load: (load: ServerLoad) => void;
  exchange: (exchange: Exchange) => void;
  /** SHA-256 of the module that the service has now. */
  module: (sha256: string) => void;
}

/** Follows what the service tells of its load: `GET /v1/capacity` at first and when nothing was heard for long, and a header of each answer. */
export class Capacity {
  /** Whether the service knows this address, and with it the headers that pin the module and name the call. */
  isKnown: boolean | undefined;
  threads: number | undefined;
  memory: number | undefined;
  body: number | undefined;
  latest: ServerLoad | undefined;
  private heardAt = -Infinity;
  private asking = false;

  constructor(
    private readonly url: string,
    private readonly patience: Patience,
    private readonly events: CapacityEvents,
  ) {}

  /** Asks again where nothing was heard for a while; never throws. */
  async refresh(signal: AbortSignal): Promise<void> {
    if (this.asking || this.isKnown === false || performance.now() - this.heardAt < STALE) return;
    this.asking = true;
    // Also after a failure: whether the service is there, calls find out sooner.
    this.heardAt = performance.now();
    try {
      const received = await exchange(new URL("v1/capacity", this.url), { cache: "no-store" }, this.patience, { signal });
      if (received.status === 404 || received.status === 405) this.isKnown = false;
      if (received.status !== 200) return;
      this.isKnown = true;
      const { firstByte, download, body } = received;
      this.events.exchange({ bytesUp: 0, bytesDown: body.length, firstByte, download });
      this.read(JSON.parse(new TextDecoder().decode(body)));
    } catch {
      // Unreachable, or no JSON: nothing is known.
    } finally {
      this.asking = false;
    }
  }

  /** The service may be another one now. */
  forget(): void {
    this.isKnown = undefined;
    this.heardAt = -Infinity;
  }

  /** Header `Eitherside-Load`: a dictionary of numbers (RFC 9651). */
  header(text: string): void {
    const values = new Map(text.split(",").map((member) => member.split(";")[0]?.split("=") ?? []).map(([name = "", value]) => [name.trim(), Number(value)]));
    const [running, waiting, threads, wait] = ["running", "waiting", "threads", "wait"].map((name) => values.get(name));
    this.hear({ running, waiting, threads, wait });
  }

  private read(value: unknown): void {
    if (!isRecord(value)) return;
    const { module, memory } = value;
    if (isRecord(module) && typeof module.sha256 === "string") this.events.module(module.sha256);
    this.memory = isRecord(memory) ? number(memory.per_call) : undefined;
    this.body = number(value.max_body);
    this.hear(value);
  }

  private hear(told: Record<string, unknown>): void {
    const [running, waiting, threads, wait] = [told.running, told.waiting, told.threads, told.wait].map(number);
    if (running === undefined || waiting === undefined || threads === undefined || wait === undefined) return;
    this.heardAt = performance.now();
    this.threads = Math.max(1, threads);
    // A header has no speed; what was told before still holds.
    const speed = number(told.speed) ?? this.latest?.speed;
    this.latest = { running, waiting, threads, wait: wait * 1000, speed };
    this.events.load(this.latest);
  }
}

function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

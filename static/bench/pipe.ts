import type { Clock } from "./clock";

interface Flow {
  left: number;
  readonly done: () => void;
}

/** One direction of a network: the bytes under way share its bandwidth evenly. */
export class Pipe {
  private readonly flows = new Set<Flow>();
  private at = 0;
  private generation = 0;

  /** @param rate bytes per millisecond. */
  constructor(
    private readonly clock: Clock,
    private rate: number,
  ) {}

  /** @returns what takes the flow off again. */
  send(bytes: number, done: () => void): () => void {
    this.advance();
    const flow = { left: bytes, done };
    this.flows.add(flow);
    this.schedule();
    return () => {
      this.advance();
      this.flows.delete(flow);
      this.schedule();
    };
  }

  set(rate: number): void {
    this.advance();
    this.rate = rate;
    this.schedule();
  }

  /** Milliseconds that so many bytes would take from now, if no others came. */
  time(bytes: number): number {
    this.advance();
    let total = bytes;
    for (const { left } of this.flows) total += Math.min(bytes, left);
    return total / this.rate;
  }

  private advance(): void {
    const passed = this.clock.now - this.at;
    this.at = this.clock.now;
    if (this.flows.size === 0) return;
    const each = (passed * this.rate) / this.flows.size;
    for (const flow of this.flows) flow.left -= each;
  }

  private schedule(): void {
    this.generation += 1;
    const { generation } = this;
    let least = Number.POSITIVE_INFINITY;
    for (const { left } of this.flows) least = Math.min(least, left);
    if (this.flows.size === 0) return;
    this.clock.after(Math.max(0, (least * this.flows.size) / this.rate), () => {
      if (generation === this.generation) this.finish();
    });
  }

  private finish(): void {
    this.advance();
    const least = Math.min(...[...this.flows].map(({ left }) => left));
    const finished = [...this.flows].filter(({ left }) => left <= least + 1e-6);
    for (const flow of finished) this.flows.delete(flow);
    this.schedule();
    for (const flow of finished) flow.done();
  }
}

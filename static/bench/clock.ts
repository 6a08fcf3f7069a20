interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** The simulated clock: a heap of events, run in the order of their times. */
export class Clock {
  now = 0;
  private readonly heap: Event[] = [];
  private order = 0;

  at(time: number, run: () => void): void {
    this.order += 1;
    this.heap.push({ at: Math.max(time, this.now), order: this.order, run });
    this.up(this.heap.length - 1);
  }

  after(delay: number, run: () => void): void {
    this.at(this.now + delay, run);
  }

  /** Runs the next event; false where there is none. */
  step(): boolean {
    const first = this.heap[0];
    if (first === undefined) return false;
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      this.down(0);
    }
    this.now = first.at;
    first.run();
    return true;
  }

  private before(a: number, b: number): boolean {
    const [one, other] = [this.heap[a], this.heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  private swap(a: number, b: number): void {
    const [one, other] = [this.heap[a], this.heap[b]];
    if (one === undefined || other === undefined) return;
    this.heap[a] = other;
    this.heap[b] = one;
  }

  private up(index: number): void {
    for (let i = index; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.before(i, parent)) return;
      this.swap(i, parent);
      i = parent;
    }
  }

  private down(index: number): void {
    for (let i = index; ; ) {
      let least = 2 * i + 1;
      if (this.before(least + 1, least)) least += 1;
      if (!this.before(least, i)) return;
      this.swap(i, least);
      i = least;
    }
  }
}

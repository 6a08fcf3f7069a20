/** Something whose pictures take memory that can be had again. */
export interface Holder {
  /** Whether it is, or may soon be, in sight. */
  readonly isNear: boolean;
  /** Gives its pixels up; it asks for them anew when it comes near. */
  evict(): void;
}

/** Bounds the pixels that are held for pictures out of sight: those that were touched longest ago go first. */
export class Budget {
  // In the order in which they were touched.
  private readonly held = new Map<Holder, number>();

  constructor(readonly limit: number) {}

  get bytes(): number {
    return [...this.held.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  hold(holder: Holder, bytes: number): void {
    this.held.delete(holder);
    this.held.set(holder, bytes);
    this.trim();
  }

  release(holder: Holder): void {
    this.held.delete(holder);
  }

  /** Who has just gone out of sight may be asked for its pixels. */
  trim(): void {
    let { bytes } = this;
    for (const [holder, own] of [...this.held]) {
      if (bytes <= this.limit) return;
      if (holder.isNear) continue;
      this.held.delete(holder);
      bytes -= own;
      holder.evict();
    }
  }
}

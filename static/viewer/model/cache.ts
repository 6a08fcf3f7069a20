/** Something that takes memory. */
export interface Sized {
  readonly bytes: number;
}

/** Keeps what was used last, up to so many bytes; what is dropped can be had again. */
export class Cache<K, V extends Sized> {
  private readonly kept = new Map<K, V>();
  private total = 0;

  /**
   * @param budget most bytes; the newest entry is kept even if it has more.
   * @param dropped gives back what an entry holds.
   */
  constructor(
    private readonly budget: number,
    private readonly dropped: (value: V) => void,
  ) {}

  get bytes(): number {
    return this.total;
  }

  get size(): number {
    return this.kept.size;
  }

  /** What is kept under a key, which counts as used. */
  get(key: K): V | undefined {
    const value = this.kept.get(key);
    if (value === undefined) return undefined;
    // A map iterates in the order in which its keys were set.
    this.kept.delete(key);
    this.kept.set(key, value);
    return value;
  }

  put(key: K, value: V): void {
    this.delete(key);
    this.kept.set(key, value);
    this.total += value.bytes;
    for (const oldest of this.kept.keys()) {
      if (this.total <= this.budget || oldest === key) return;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const value = this.kept.get(key);
    if (value === undefined) return;
    this.kept.delete(key);
    this.total -= value.bytes;
    this.dropped(value);
  }

  clear(): void {
    for (const key of [...this.kept.keys()]) this.delete(key);
  }
}

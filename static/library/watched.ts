import type { Watched } from "./types";

/** A value that its owner sets and others watch. */
export class Value<T> implements Watched<T> {
  private readonly watchers = new Set<(value: T) => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set(value: T): void {
    this.current = value;
    for (const watcher of [...this.watchers]) {
      try {
        watcher(value);
      } catch (error) {
        // Whoever watches is not who changes, whose work goes on; the page is told all the same.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  watch(watcher: (value: T) => void): () => void {
    this.watchers.add(watcher);
    watcher(this.current);
    return () => this.watchers.delete(watcher);
  }
}

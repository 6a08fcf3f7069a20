/** Milliseconds of the first wait after a failure; each further one is twice as long, up to a limit. */
const FIRST = 500;

/** How long to wait before a try: longer after each failure, and not the same for all who failed at the same time. */
export function pause(failures: number, most: number): number {
  return Math.min(most, FIRST * 2 ** Math.min(failures - 1, 20)) * (0.5 + Math.random() / 2);
}

/** Waits that can be ended. */
export class Wait {
  private wakers = new Set<() => void>();
  private isWoken = false;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Ends the wait of now, or the next one. */
  wake(): void {
    if (this.wakers.size === 0) this.isWoken = true;
    for (const waker of [...this.wakers]) waker();
  }

  /** Waits so long, or until it is woken. */
  async until(time = Infinity): Promise<void> {
    if (this.isWoken || this.signal.aborted) {
      this.isWoken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = time === Infinity ? undefined : setTimeout(() => waker(), time);
      const waker = (): void => {
        clearTimeout(timer);
        this.wakers.delete(waker);
        resolve();
      };
      this.wakers.add(waker);
    });
  }
}

/** Milliseconds of the first wait after a failure; each further one is twice as long, up to a limit. */
const FIRST = 500;

/** How long to wait before a try: longer after each failure, and not the same for all who failed at the same time. */
export function pause(failures: number, most: number): number {
  return Math.min(most, FIRST * 2 ** Math.min(failures - 1, 20)) * (0.5 + Math.random() / 2);
}

/** Waits that can be ended. */
export class Wait {
  private readonly waiting = new Set<{ readonly end: () => void; readonly isPause: boolean }>();
  private isNudged = false;
  private isWoken = false;

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Ends the wait of now, or the next one, whatever it is for. */
  wake(): void {
    if (this.waiting.size === 0) this.isWoken = true;
    for (const { end } of [...this.waiting]) end();
  }

  /** There is something to do: ends the wait of now, or the next one, unless it is a pause. */
  nudge(): void {
    const found = [...this.waiting].filter(({ isPause }) => !isPause);
    if (found.length === 0) this.isNudged = true;
    for (const { end } of found) end();
  }

  /** Waits so long, or until there is something to do. */
  until(time = Infinity): Promise<void> {
    const isNudged = this.isNudged;
    this.isNudged = false;
    return isNudged ? Promise.resolve() : this.wait(time, false);
  }

  /** Waits so long, whatever there is to do: what failed would only fail again. */
  pause(time: number): Promise<void> {
    return this.wait(time, true);
  }

  private async wait(time: number, isPause: boolean): Promise<void> {
    if (this.isWoken || this.signal.aborted) {
      this.isWoken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = time === Infinity ? undefined : setTimeout(() => waiter.end(), time);
      const waiter = {
        isPause,
        end: (): void => {
          clearTimeout(timer);
          this.waiting.delete(waiter);
          resolve();
        },
      };
      this.waiting.add(waiter);
    });
  }
}

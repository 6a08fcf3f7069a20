/** Lets a few of many work at a time; who is in sight goes first. */
export class Turns {
  private running = 0;
  private waiting: { isUrgent: () => boolean; go: () => void }[] = [];

  constructor(private readonly most: number) {}

  /**
   * Waits for a turn.
   *
   * @returns what ends it.
   * @throws the signal's reason, where it is aborted before.
   */
  async take(isUrgent: () => boolean, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.running >= this.most) await this.wait(isUrgent, signal);
    else this.running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.running -= 1;
      this.next();
    };
  }

  private wait(isUrgent: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.waiting = this.waiting.filter((each) => each !== entry);
        reject(signal.reason as Error);
      };
      const entry = {
        isUrgent,
        go: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      signal.addEventListener("abort", leave);
      this.waiting.push(entry);
    });
  }

  private next(): void {
    const index = Math.max(0, this.waiting.findIndex(({ isUrgent }) => isUrgent()));
    const [entry] = this.waiting.splice(index, 1);
    if (!entry) return;
    this.running += 1;
    entry.go();
  }
}

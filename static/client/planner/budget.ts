/** A token bucket: what may be spent is a share of what came in, and never more than it holds. */
export class Budget {
  constructor(
    private readonly share: number,
    private readonly most: number,
    private tokens = 0,
  ) {}

  /** @param most what it may hold at present, where that depends on what comes in. */
  earn(amount: number, most = this.most): void {
    this.tokens = Math.min(Math.max(most, this.tokens), this.tokens + this.share * amount);
  }

  has(amount: number): boolean {
    return this.share > 0 && this.tokens >= amount;
  }

  spend(amount: number): boolean {
    if (!this.has(amount)) return false;
    this.tokens -= amount;
    return true;
  }
}

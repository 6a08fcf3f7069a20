/** A seeded generator (sfc32): the same numbers everywhere, so that every policy meets the same luck. */
export class Random {
  private readonly state: [number, number, number, number];

  constructor(seed: number) {
    this.state = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed | 0];
    for (let i = 0; i < 15; i += 1) this.uniform();
  }

  /** In [0, 1). */
  uniform(): number {
    const [a, b, c, d] = this.state;
    const sum = (a + b + d) | 0;
    this.state[0] = b ^ (b >>> 9);
    this.state[1] = (c + (c << 3)) | 0;
    this.state[2] = ((c << 21) | (c >>> 11)) + sum;
    this.state[3] = (d + 1) | 0;
    return (sum >>> 0) / 4294967296;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Of mean 1, whose logarithm has this deviation. */
  factor(deviation: number): number {
    return Math.exp(deviation * this.normal() - (deviation * deviation) / 2);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.uniform() * list.length)];
    if (found === undefined) throw new RangeError("nothing to pick from");
    return found;
  }
}

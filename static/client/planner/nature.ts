/** What is believed of a kind of coefficient before any observation, and how quickly its value may change. All of logarithms. */
export interface Nature {
  readonly mean: number;
  readonly variance: number;
  /** Variance gained per second without an observation. */
  readonly drift: number;
  /** Variance left behind by each observation: the floor under an observation's weight. */
  readonly step: number;
}

const nature = (value: number, deviation: number, drift: number, step: number): Nature => ({
  mean: Math.log(value),
  variance: deviation * deviation,
  drift,
  step,
});

/** By the first word of the key. The values are milliseconds per unit: of work, of bytes, of round trips. */
const NATURES: Readonly<Record<string, Nature>> = {
  // A machine's slowness against the reference machine; throttling and other programs change it within a minute.
  machine: nature(2, 0.8, 3e-4, 6e-3),
  // What a function deviates from it at one place, and a kind of call from its function.
  function: nature(1, 0.3, 1e-5, 1e-3),
  kind: nature(1, 0.15, 1e-5, 5e-4),
  // How far the interface's formula for a kind is off, the same wherever the module runs.
  formula: nature(1, 0.5, 1e-6, 1e-3),
  // Work per byte of input where the interface tells no work: of all functions, of one, of one kind.
  bytes: nature(1e-4, 1.2, 1e-6, 1e-3),
  bytes_function: nature(1, 1, 1e-6, 1e-3),
  bytes_kind: nature(1, 0.7, 1e-6, 2e-3),
  rtt: nature(60, 1, 1e-3, 1e-2),
  up: nature(8e-4, 1.2, 1e-3, 1e-2),
  down: nature(2.5e-4, 1.2, 1e-3, 1e-2),
  start: nature(250, 0.8, 1e-5, 1e-2),
  // Bytes out against the interface's prediction, or against the bytes in where it makes none.
  out_function: nature(1, 0.3, 1e-6, 1e-3),
  out_kind: nature(1, 0.3, 1e-6, 2e-3),
  outin_function: nature(1, 1.5, 1e-6, 1e-3),
  outin_kind: nature(1, 1, 1e-6, 2e-3),
  // Not logarithms but averages: squared deviation of single calls; how often the server had a result.
  noise: { mean: 0.03, variance: 0, drift: 0, step: 0 },
  linknoise: { mean: 0.06, variance: 0, drift: 0, step: 0 },
  hits: { mean: 0.05, variance: 0, drift: 0, step: 0 },
};
const UNKNOWN: Nature = nature(1, 1, 0, 0);

export function natureOf(key: string): Nature {
  const word = key.slice(0, !key.includes(":") ? key.length : key.indexOf(":"));
  return Object.hasOwn(NATURES, word) ? (NATURES[word] ?? UNKNOWN) : UNKNOWN;
}

/** Whether a key's first word names a nature; keys of a record from elsewhere may be anything. */
export function hasNature(key: string): boolean {
  return Object.hasOwn(NATURES, key.split(":", 1)[0] ?? "");
}

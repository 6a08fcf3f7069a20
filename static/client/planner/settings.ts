import type { PlannerSettings } from "./types";

export const DEFAULTS: PlannerSettings = {
  exploration: 0.02,
  hysteresis: 0.05,
  hedging: 0.05,
  breaker: { failures: 2, rest: 1000, longest: 60_000 },
  byteWeight: { saveData: 5000, cellular: 1000, battery: 200 },
  computeWeight: { battery: 2, serious: 0, critical: 0.2 },
};

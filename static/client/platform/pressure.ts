import type { Priors } from "../planner/types";

type Pressure = NonNullable<Priors["pressure"]>;

interface PressureObserver {
  observe: (source: "cpu", options: { sampleInterval: number }) => Promise<void>;
  disconnect: () => void;
}
type PressureObserverConstructor = new (changed: (records: { state: Pressure }[]) => void) => PressureObserver;

/** Tells how hard the processor is pressed (Compute Pressure API). */
export async function watchPressure(tell: (priors: Priors) => void, signal: AbortSignal): Promise<void> {
  const { PressureObserver: Observer } = globalThis as { PressureObserver?: PressureObserverConstructor };
  if (!Observer) return;
  const observer = new Observer((records) => tell({ pressure: records.at(-1)?.state }));
  signal.addEventListener("abort", () => observer.disconnect());
  await observer.observe("cpu", { sampleInterval: 2000 });
}

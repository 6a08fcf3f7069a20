import type { Priors } from "../planner/types";

interface BatteryManager extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

/** Tells the battery's state, now and when it changes. */
export async function watchBattery(tell: (priors: Priors) => void, signal: AbortSignal): Promise<void> {
  const { getBattery } = navigator as Navigator & { getBattery?: () => Promise<BatteryManager> };
  if (!getBattery) return;
  const battery = await getBattery.call(navigator);
  const look = (): void => tell({ battery: { charging: battery.charging, level: battery.level } });
  look();
  battery.addEventListener("chargingchange", look, { signal });
  battery.addEventListener("levelchange", look, { signal });
}

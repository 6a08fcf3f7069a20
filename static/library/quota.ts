import { storageManager } from "./secure";
import type { StorageState } from "./types";

/** Storage is nearly full above this part of what the browser allows, or with fewer bytes left than these. */
const FULL = 0.8;
const LEAST_LEFT = 200 << 20;

export const UNKNOWN_STORAGE: StorageState = { usage: 0, quota: 0, persisted: false, nearlyFull: false };

/** How much this origin stores, and how much it may. */
export async function storage(): Promise<StorageState> {
  const manager = storageManager();
  if (!manager) return UNKNOWN_STORAGE;
  try {
    const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([manager.estimate(), manager.persisted()]);
    return { usage, quota, persisted, nearlyFull: isNearlyFull(usage, quota) };
  } catch {
    return UNKNOWN_STORAGE;
  }
}

/** Whether it should be said that there is little room left. */
export function isNearlyFull(usage: number, quota: number): boolean {
  return quota > 0 && (usage >= FULL * quota || quota - usage < LEAST_LEFT);
}

/** Asks the browser not to clear the storage by itself; tells whether it agreed. */
export async function keep(): Promise<boolean> {
  try {
    return (await storageManager()?.persist()) ?? false;
  } catch {
    return false;
  }
}

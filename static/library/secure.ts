/** Parts of browsers that pages have in a secure context alone: over HTTPS, or from this machine. */

export function cryptoIsThere(): boolean {
  return (globalThis.crypto as Partial<Crypto> | undefined)?.subtle !== undefined;
}

export function storageManager(): StorageManager | undefined {
  return (globalThis.navigator as Partial<Navigator> | undefined)?.storage;
}

export function lockManager(): LockManager | undefined {
  return (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
}

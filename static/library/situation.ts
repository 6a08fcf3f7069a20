import type { KeptFile } from "./database";
import { storage, UNKNOWN_STORAGE } from "./quota";
import type { Remote, SyncState } from "./types";
import { Value } from "./watched";

/** Milliseconds between two looks at the storage, and at once. */
const EVERY = 60_000;
const SOON = 500;

/** How it is with the service and the storage. */
export class Situation {
  readonly state: Value<SyncState>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private files: () => Promise<readonly KeptFile[]> = () => Promise.resolve([]);
  private isClosed = false;

  constructor(remote: Remote | undefined) {
    const online = (globalThis.navigator as Partial<Navigator> | undefined)?.onLine ?? true;
    this.state = new Value<SyncState>({ remote, online, listening: false, commands: [], storage: UNKNOWN_STORAGE, evictable: 0 });
  }

  /** Changes some of it. */
  update(change: { [K in keyof SyncState]?: SyncState[K] | undefined }): void {
    const merged = { ...this.state.value, ...change };
    this.state.set(Object.fromEntries(Object.entries(merged).filter(([name, value]) => value !== undefined || name === "remote")) as unknown as SyncState);
  }

  /** Looks at the storage from time to time. */
  watch(files: () => Promise<readonly KeptFile[]>): void {
    this.files = files;
    this.measure();
  }

  /** Looks at the storage soon. */
  measure(): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = this.later(SOON);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private later(time: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => void this.look(), time);
    // Node would wait for it.
    if (typeof timer === "object") (timer as { unref?: () => void }).unref?.();
    return timer;
  }

  private async look(): Promise<void> {
    const [state, files] = await Promise.all([storage(), this.files().catch(() => [])]);
    if (this.isClosed) return;
    const evictable = files.reduce((sum, { bytes, confirmed }) => (confirmed === undefined ? sum : sum + bytes), 0);
    this.update({ storage: state, evictable });
    this.timer = this.later(EVERY);
  }
}

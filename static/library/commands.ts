import type { Database, StoredCommand } from "./database";
import { shown } from "./outbox";
import type { Command } from "./types";
import { Value } from "./watched";

/** Milliseconds between two looks at the outbox, and how many times as long as a look takes. */
const LEAST = 30;
const TIMES = 10;

/** The outbox as this tab sees it: what is stored, and what is being sent. */
export class Commands {
  readonly shown = new Value<readonly Command[]>([]);
  private entries = new Map<string, StoredCommand>();
  private sending = new Map<string, number | undefined>();
  private looking: Promise<void> | undefined;
  private isStale = false;
  private isClosed = false;

  constructor(
    private readonly database: Database,
    private readonly changed: () => void,
  ) {}

  /** As it was at the last look, oldest first. */
  get all(): readonly StoredCommand[] {
    return [...this.entries.values()];
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  /** Looks again soon: the outbox has changed. */
  refresh(): void {
    this.isStale = true;
    this.looking ??= this.look();
  }

  /** Looks at once. */
  async load(): Promise<void> {
    const all = await this.database.read((transaction) => transaction.objectStore("outbox").getAll());
    this.entries = new Map(all.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1)).map((entry) => [entry.key, entry]));
    this.tell();
    this.changed();
  }

  /** What the tab that sends tells of it: for each command that is on its way, the bytes that have arrived. */
  setSending(sending: ReadonlyMap<string, number | undefined>): void {
    this.sending = new Map(sending);
    this.tell();
  }

  forget(key: string): void {
    if (this.entries.delete(key)) this.tell();
  }

  close(): void {
    this.isClosed = true;
  }

  private async look(): Promise<void> {
    while (this.isStale && !this.isClosed) {
      this.isStale = false;
      const begun = performance.now();
      // Where the database is closed there is nothing to look at, which whoever writes is told.
      await this.load().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, Math.max(LEAST, TIMES * (performance.now() - begun))));
    }
    this.looking = undefined;
  }

  private tell(): void {
    this.shown.set([...this.entries.values()].map((entry) => shown(entry, this.sending.has(entry.key), this.sending.get(entry.key))));
  }
}

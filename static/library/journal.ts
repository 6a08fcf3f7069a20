import * as Y from "yjs";
import { type Database, fact, type Writing } from "./database";
import { ELSEWHERE, LibraryDocument, USER } from "./document";
import { LibraryError, storageError } from "./errors";
import { Model } from "./model";
import { noteChange } from "./outbox";
import type { LibraryState, Limits } from "./types";
import { Value } from "./watched";

/** Logged updates, and bytes of them beside those of the first, after which they are joined into one. */
const MOST_UPDATES = 200;
const LEAST_GROWTH = 1 << 16;
/** Milliseconds within which the same kind of change is the same step of undo. */
const ONE_STEP = 1000;

export interface Edit {
  /** `USER`: undo takes it back. */
  readonly origin: symbol;
  /** What it is: changes of the same kind within a second are taken back as one. */
  readonly step?: string;
  /** More that belongs into the same transaction; it may look at the model as it is after the change. */
  readonly also?: ((transaction: Writing) => Promise<void>) | undefined;
}

/**
 * The document in memory, and the log of its changes in the database that all tabs share.
 *
 * What is done here is done one after the other, so a change that cannot be stored is forgotten before anything builds on it: the document is
 * then made anew from the log.
 */
export class Journal {
  readonly state: Value<LibraryState>;
  private document = new LibraryDocument();
  private current: Model;
  private queue: Promise<unknown> = Promise.resolve();
  /** The last update of the log that the document has, and those after it that this page made. */
  private seen = 0;
  private readonly own = new Set<number>();
  private count = 0;
  private firstSize = 0;
  private grown = 0;
  private step: { readonly kind: string; readonly at: number } | undefined;

  private constructor(
    private readonly database: Database,
    private readonly limits: Limits,
    private readonly changed: () => void,
  ) {
    this.current = new Model(this.document, limits);
    this.state = this.current.state;
  }

  /** Reads the log. `changed` is called after each change that this page has logged. */
  static async open(database: Database, limits: Limits, changed: () => void): Promise<Journal> {
    const journal = new Journal(database, limits, changed);
    await journal.run(() => journal.reload());
    return journal;
  }

  get model(): Model {
    return this.current;
  }

  get doc(): Y.Doc {
    return this.document.doc;
  }

  /**
   * Changes the document; resolves once that is stored, and with it what has to be sent.
   *
   * @throws LibraryError as `Database.write`, and whatever `work` throws: nothing of it has happened then.
   */
  edit<T>(work: (document: LibraryDocument) => T, { origin, step, also }: Edit): Promise<T> {
    return this.run(async () => {
      const updates: Uint8Array[] = [];
      const collect = (update: Uint8Array): number => updates.push(update);
      if (origin === USER) this.separate(step);
      this.doc.on("update", collect);
      let result: T;
      try {
        result = this.doc.transact(() => work(this.document), origin);
      } catch (error) {
        if (updates.length > 0) await this.reload();
        throw error;
      } finally {
        this.doc.off("update", collect);
      }
      await this.store(updates, true, also);
      return result;
    });
  }

  /** Takes the last step back, or back again, of those that this page's user made; tells whether there was one. */
  back(is: "undo" | "redo", also: (transaction: Writing) => Promise<void>): Promise<boolean> {
    return this.run(async () => {
      const updates: Uint8Array[] = [];
      const collect = (update: Uint8Array): number => updates.push(update);
      this.step = undefined;
      this.doc.on("update", collect);
      let isDone: boolean;
      try {
        isDone = this.document.undo[is]() !== null;
      } finally {
        this.doc.off("update", collect);
      }
      await this.store(updates, true, also);
      return isDone;
    });
  }

  /** Takes updates that came from the service, and what belongs into the same transaction. */
  receive(updates: readonly Uint8Array[], also?: (transaction: Writing) => Promise<void>): Promise<void> {
    return this.run(async () => {
      const news: Uint8Array[] = [];
      const collect = (update: Uint8Array): number => news.push(update);
      this.doc.on("update", collect);
      try {
        for (const update of updates) Y.applyUpdate(this.doc, update, ELSEWHERE);
      } catch (error) {
        await this.reload();
        throw new LibraryError("refused", "The service sent changes that cannot be read.", { cause: error });
      } finally {
        this.doc.off("update", collect);
      }
      await this.store(news, false, also);
    });
  }

  /** Reads what other tabs have logged; returns the last update of the log, all of which the document has then. */
  catchUp(): Promise<number> {
    return this.run(() => this.readNew());
  }

  /** What of the document is stored: its state vector, what one who has `known` lacks of it, and the last update of the log that is in it. */
  snapshot(known?: Uint8Array): Promise<{ readonly vector: Uint8Array; readonly update: Uint8Array; readonly until: number }> {
    return this.run(async () => {
      const until = await this.readNew();
      return { until, vector: Y.encodeStateVector(this.doc), update: known ? Y.encodeStateAsUpdate(this.doc, known) : EMPTY };
    });
  }

  /** Does something in a transaction while the document has all of the log, and nothing else happens to either. */
  settled<T>(work: (transaction: Writing) => Promise<T>): Promise<T> {
    return this.run(async () => {
      for (;;) {
        const last = await this.readNew();
        const found = await this.database.write(async (transaction) => {
          const [newest] = await transaction.objectStore("updates").getAllKeys(IDBKeyRange.lowerBound(last, true), 1);
          return newest === undefined ? { result: await work(transaction) } : undefined;
        });
        if (found) return found.result;
      }
    });
  }

  /** Replaces the document by another: what only this device had is gone. */
  replace(update: Uint8Array, also: (transaction: Writing) => Promise<void>): Promise<void> {
    return this.run(async () => {
      await this.database.write(async (transaction) => {
        const log = transaction.objectStore("updates");
        await log.clear();
        await log.add({ data: update });
        await also(transaction);
      });
      await this.reload();
      this.changed();
    });
  }

  /** Reads all of the log again: another tab has replaced the document. */
  reread(): Promise<void> {
    return this.run(() => this.reload());
  }

  async close(): Promise<void> {
    await this.queue;
    this.current.close();
    this.document.destroy();
  }

  /** One after the other, whatever becomes of those before. */
  private run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }

  private separate(kind?: string): void {
    const now = Date.now();
    const isSame = kind !== undefined && this.step?.kind === kind && now - this.step.at < ONE_STEP;
    if (!isSame) this.document.undo.stopCapturing();
    this.step = kind === undefined ? undefined : { kind, at: now };
  }

  private async store(updates: readonly Uint8Array[], isOurs: boolean, also?: (transaction: Writing) => Promise<void>): Promise<void> {
    if (updates.length === 0 && !also) return;
    const data = updates.length === 0 ? undefined : Y.mergeUpdates([...updates]);
    try {
      const number = await this.database.write(async (transaction) => {
        const logged = data && (await transaction.objectStore("updates").add({ data }));
        if (isOurs && logged !== undefined && (await fact(transaction, "remote"))) await noteChange(transaction, logged);
        await also?.(transaction);
        return logged;
      });
      if (number !== undefined) this.own.add(number);
    } catch (error) {
      // What is not stored has not happened.
      await this.reload().catch(() => undefined);
      throw storageError(error);
    }
    this.count += 1;
    this.grown += data?.length ?? 0;
    this.changed();
    if (this.count > MOST_UPDATES || this.grown > Math.max(LEAST_GROWTH, this.firstSize)) await this.join().catch(() => undefined);
  }

  private async readNew(): Promise<number> {
    const { last, updates } = await this.database.read(async (transaction) => {
      const log = transaction.objectStore("updates");
      const keys = await log.getAllKeys(IDBKeyRange.lowerBound(this.seen, true));
      const others = keys.filter((key) => !this.own.has(key));
      return { last: keys.at(-1) ?? this.seen, updates: await Promise.all(others.map((key) => log.get(key))) };
    });
    const data = updates.flatMap((update) => (update ? [update.data] : []));
    if (data.length > 0) Y.applyUpdate(this.doc, data.length === 1 ? (data[0] ?? new Uint8Array()) : Y.mergeUpdates(data), ELSEWHERE);
    this.count += data.length;
    this.grown += data.reduce((sum, each) => sum + each.length, 0);
    this.seen = last;
    for (const key of this.own) if (key <= last) this.own.delete(key);
    return last;
  }

  private async reload(): Promise<void> {
    const { keys, updates } = await this.database.read(async (transaction) => {
      const log = transaction.objectStore("updates");
      const [keys, updates] = await Promise.all([log.getAllKeys(), log.getAll()]);
      return { keys, updates };
    });
    const document = new LibraryDocument();
    document.doc.transact(() => {
      for (const { data } of updates) Y.applyUpdate(document.doc, data, ELSEWHERE);
    }, ELSEWHERE);
    this.current.close();
    this.document.destroy();
    this.document = document;
    this.current = new Model(document, this.limits, this.state);
    this.seen = keys.at(-1) ?? 0;
    this.own.clear();
    this.count = updates.length;
    this.firstSize = updates[0]?.data.length ?? 0;
    this.grown = updates.slice(1).reduce((sum, { data }) => sum + data.length, 0);
  }

  /** Replaces the log by one update, under a number that no tab has seen yet. */
  private async join(): Promise<void> {
    await this.readNew();
    const size = await this.database.write(async (transaction) => {
      const log = transaction.objectStore("updates");
      const keys = await log.getAllKeys();
      const unseen = keys.filter((key) => key > this.seen && !this.own.has(key));
      for (const { data } of await Promise.all(unseen.map((key) => log.get(key).then((found) => found ?? { data: EMPTY })))) Y.applyUpdate(this.doc, data, ELSEWHERE);
      const data = Y.encodeStateAsUpdate(this.doc);
      await log.delete(IDBKeyRange.upperBound(keys.at(-1) ?? 0));
      this.own.add(await log.add({ data }));
      return data.length;
    });
    this.count = 1;
    this.firstSize = size;
    this.grown = 0;
  }
}

/** An update that changes nothing. */
const EMPTY = new Uint8Array([0, 0]);

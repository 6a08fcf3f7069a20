import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { storageError } from "./errors";
import type { CommandKind, CommandProblem, Remote } from "./types";

/** Goes up with every change of the stores; `upgrade` brings older ones up to date. */
export const VERSION = 1;

/** A change of the document, or several of them as one. */
export interface LoggedUpdate {
  readonly data: Uint8Array;
}

/** What is known of a file that is kept here. */
export interface KeptFile {
  readonly sha256: string;
  readonly type: string;
  readonly bytes: number;
  /** When the service said last that it has it. */
  readonly confirmed?: number;
  /** Since when nothing refers to it. */
  readonly loose?: number;
  /** It was refused by the service, and whoever uses this device decided to keep it here alone. */
  readonly held?: boolean;
}

/** A command as it is stored: what `Command` tells, and what is needed to do it. */
export interface StoredCommand {
  readonly key: string;
  readonly kind: CommandKind;
  readonly about: string;
  readonly at: number;
  readonly attempts: number;
  readonly problem?: CommandProblem;
  /** `change`: the last logged update that has to be sent, and how many changes these are. */
  readonly until?: number;
  readonly count?: number;
  /** `upload`, `delete`: which file. `upload`: its bytes, those that arrived, and the upload's address. */
  readonly sha256?: string;
  readonly of?: number;
  readonly sent?: number;
  readonly url?: string;
  /** `job`, `cancel`: which conversion. `job`: the call, and the request's body, which is made once and the same at each repeat. */
  readonly conversion?: string;
  readonly call?: { readonly fn: string; readonly options: Readonly<Record<string, unknown>> };
  readonly body?: string;
}

export interface Facts {
  client: string;
  /** The library of the service; without `id` one that is yet to be made. */
  remote: { readonly id?: string; readonly key: string };
  /** What the service told last of itself: less than that, and it was restored from a backup. */
  counted: { readonly changes: number; readonly blobs: number };
  /** The state vector of what the service said that it has. */
  acknowledged: Uint8Array;
  /** `restored` of the document, when the service was asked last about all files. */
  verified: string;
}

export interface Schema extends DBSchema {
  facts: { key: keyof Facts; value: Facts[keyof Facts] };
  updates: { key: number; value: LoggedUpdate };
  files: { key: string; value: KeptFile };
  bytes: { key: string; value: Blob };
  outbox: { key: string; value: StoredCommand };
  /** Conversions that this client asked for, to be made here. */
  asked: { key: string; value: number };
}

export type StoreName = "facts" | "updates" | "files" | "bytes" | "outbox" | "asked";
export const STORES: readonly StoreName[] = ["facts", "updates", "files", "bytes", "outbox", "asked"];
export type Writing = IDBPTransaction<Schema, StoreName[], "readwrite">;
export type Reading = IDBPTransaction<Schema, StoreName[]>;

/** The library on this device. A transaction is all of it or nothing, and on the disk when it is over. */
export class Database {
  private constructor(private readonly opened: IDBPDatabase<Schema>) {}

  /**
   * Opens it, and makes it where there is none.
   *
   * @param superseded called when a newer version of the page needs the database, or the browser closed it: it is closed then. What was
   * acknowledged is stored, and what is being written is still written.
   * @throws LibraryError `storage_lost`: it is of a newer version, or the browser has no database.
   */
  static async open(name: string, superseded: () => void): Promise<Database> {
    let found: Database | undefined;
    try {
      const opened = await openDB<Schema>(`eitherside-library-${name}`, VERSION, {
        upgrade(database) {
          database.createObjectStore("facts");
          database.createObjectStore("updates", { autoIncrement: true });
          database.createObjectStore("files", { keyPath: "sha256" });
          database.createObjectStore("bytes");
          database.createObjectStore("outbox", { keyPath: "key" });
          database.createObjectStore("asked");
        },
        // An old tab must not keep a new page from starting. Transactions that have begun are still completed.
        blocking() {
          found?.close();
          superseded();
        },
        terminated: superseded,
      });
      found = new Database(opened);
      return found;
    } catch (error) {
      throw storageError(error);
    }
  }

  /**
   * Does something in one transaction, over all stores; resolves once it is on the disk.
   *
   * @throws LibraryError `storage_full`, `storage_lost`; whatever `work` throws, and then nothing is changed.
   */
  async write<T>(work: (transaction: Writing) => Promise<T>): Promise<T> {
    let transaction: Writing;
    try {
      transaction = this.opened.transaction([...STORES], "readwrite", { durability: "strict" });
    } catch (error) {
      throw storageError(error);
    }
    // Otherwise a transaction that is given up while `work` still waits for a request would be an unhandled rejection.
    const done = transaction.done.then(() => undefined, (error: unknown) => error ?? new DOMException("aborted", "AbortError"));
    try {
      const result = await work(transaction);
      const error = await done;
      if (error !== undefined) throw storageError(error);
      return result;
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It was given up already, which is why we are here.
      }
      const cause = await done;
      throw storageError(cause instanceof DOMException && cause.name === "QuotaExceededError" ? cause : error);
    }
  }

  /** Reads what is there at one time. */
  async read<T>(work: (transaction: Reading) => Promise<T>): Promise<T> {
    try {
      return await work(this.opened.transaction([...STORES], "readonly"));
    } catch (error) {
      throw storageError(error);
    }
  }

  close(): void {
    this.opened.close();
  }
}

/** Reads a fact; each has its own type. */
export async function fact<K extends keyof Facts>(transaction: Reading | Writing, name: K): Promise<Facts[K] | undefined> {
  return (await transaction.objectStore("facts").get(name)) as Facts[K] | undefined;
}

/** The library of the service, once it is made. */
export function made(remote: Facts["remote"] | undefined): Remote | undefined {
  return remote?.id === undefined ? undefined : { id: remote.id, key: remote.key };
}

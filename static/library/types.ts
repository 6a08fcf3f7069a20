/** A value whose changes can be watched; the watcher is called with the value now and after each change. */
export interface Watched<T> {
  readonly value: T;
  watch: (watcher: (value: T) => void) => () => void;
}

/** A library of the service: its id, and the key that lets whoever has it see and change all of it. */
export interface Remote {
  readonly id: string;
  readonly key: string;
}

/** What a library of this device may take; `limits.ts` has the defaults. */
export interface Limits {
  /** Bytes of one file. */
  readonly file: number;
  /** Pictures and conversions that are read out of a document, each; more are left out. */
  readonly entries: number;
  /** Characters of a caption, and of a title. */
  readonly caption: number;
  readonly title: number;
  /** Bytes of a piece of an upload; the service may ask for smaller ones. */
  readonly piece: number;
  /** Milliseconds that a request for anything but a file may take, and one that carries a piece or a file. */
  readonly answer: number;
  readonly carry: number;
  /** The longest wait between two tries, in milliseconds, and the longest that a service may ask for. */
  readonly pause: number;
  readonly asked: number;
  /** Milliseconds of silence after which the stream of events counts as dead. */
  readonly silence: number;
  /** Milliseconds for which files are kept that nothing refers to any more: undo may want them back. */
  readonly loose: number;
}

export interface LibraryOptions {
  /** Address of the service, with a slash at the end where it is below a path. */
  readonly site: URL;
  /** Name of the library on this device; by default `own`, or one of its own for each `remote`. */
  readonly name?: string | undefined;
  /** A library of the service that this one is to be. */
  readonly remote?: Remote | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

export interface PictureEntry {
  readonly id: string;
  readonly sha256: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** When, in milliseconds since 1970, by the clock of whoever added it. */
  readonly added: number;
  readonly width?: number;
  readonly height?: number;
  readonly format?: string;
  readonly caption: string;
  /** 0 to 5. */
  readonly rating: number;
  readonly recipe: Readonly<Record<string, unknown>>;
}

export interface Collection {
  readonly id: string;
  readonly title: string;
  /** In the order in which they were put there. */
  readonly pictures: readonly string[];
}

export type Where = "here" | "service";
export type ConversionState = "asked" | "running" | "done" | "failed" | "cancelled";

export interface ConversionProblem {
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
}

export interface Conversion {
  readonly id: string;
  readonly picture: string;
  readonly fn: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly at: Where;
  /** The client that asked for it: a random name of the library's copy on that device. */
  readonly by: string;
  readonly state: ConversionState;
  readonly result?: { readonly sha256: string; readonly type: string; readonly bytes: number };
  readonly place?: string;
  readonly milliseconds?: number;
  readonly problem?: ConversionProblem;
}

export interface LibraryState {
  readonly pictures: ReadonlyMap<string, PictureEntry>;
  readonly collections: readonly Collection[];
  readonly conversions: ReadonlyMap<string, Conversion>;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

export interface Refused {
  readonly file: File;
  readonly why: string;
}

/** What became of files: pictures that are new, those that were there already, files that were not taken. */
export interface Added {
  readonly ids: readonly string[];
  readonly already: readonly string[];
  readonly refused: readonly Refused[];
}

export type CommandKind = "library" | "upload" | "change" | "job" | "cancel" | "delete";

export interface CommandProblem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

/** Something that the service is yet to be told. */
export interface Command {
  readonly key: string;
  readonly kind: CommandKind;
  /** What it is about, for people: the name of a file, a function, a number of changes. Text from outside. */
  readonly about: string;
  readonly state: "waiting" | "sending" | "refused";
  readonly attempts: number;
  /** Bytes that have arrived, of how many; for uploads. */
  readonly sent?: number;
  readonly of?: number;
  readonly problem?: CommandProblem;
  /** When it was given, in milliseconds since 1970. */
  readonly at: number;
}

export interface StorageState {
  /** Bytes that this origin uses and may use; 0 where the browser does not say. */
  readonly usage: number;
  readonly quota: number;
  readonly persisted: boolean;
  readonly nearlyFull: boolean;
}

export interface SyncState {
  readonly remote: Remote | undefined;
  /** Whether the service answered last time; before the first time, whether there is a network. */
  readonly online: boolean;
  /** Whether all that others have changed is here, and what they change now arrives at once. */
  readonly listening: boolean;
  readonly commands: readonly Command[];
  readonly storage: StorageState;
  /** Bytes of files that the service has too. */
  readonly evictable: number;
  readonly lastError?: string;
}

/** What a page and its service worker say to each other. Answers come on the message's port. */

/** A page has its codec and nothing to do. */
export interface Hello {
  type: "hello";
  /** The module that it runs. */
  module: { url: string; sha256: string };
  /** Whether as little as possible is to be fetched. */
  isSaving: boolean;
}

/** What comes back: the worker's build, and whether all of it is kept, with the module. */
export interface Welcome {
  build: string;
  isReady: boolean;
}

/** The waiting worker is to take over from the active one. */
export interface TakeOver {
  type: "take over";
}

/** The worker asks a page what it lives on. */
export interface Which {
  type: "which";
}

/** What the page answers. */
export interface Living {
  /** Digest of the page's build. */
  build: string;
  /** SHA-256 of its module. */
  module: string;
}

export type ToWorker = Hello | TakeOver;

/** Path below the scope that files are shared to. */
export const SHARE = "share";
/** Name of the field of the form that they come in. */
export const SHARED_FILES = "files";
/** Parameters of the page's address: by which id the shared files are kept; why they are not. */
export const SHARED = "shared";
export const UNSHARED = "unshared";

/** Name of a cache; those of other scopes on the same origin have names of their own. */
export function cacheName(scope: string, what: string): string {
  return `eitherside ${scope} ${what}`;
}

/** One build of the page, as `scripts/offline.mjs` writes it into the service worker. */
export interface Build {
  /** Hexadecimal digest of all of it; the page of the build has it in a `<meta name="build">`. */
  readonly digest: string;
  /** The files that the page and the client are made of: paths below the scope ("" is the page itself), and what `fetch` takes for their integrity. */
  readonly files: Readonly<Record<string, string>>;
}

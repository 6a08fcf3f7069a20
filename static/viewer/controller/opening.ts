import { Library, remoteOf } from "../../library/index";
import type { Remote } from "../../library/index";
import { join, lastOpen, noteOpen } from "../model/joined";

let begun: Promise<Library> | undefined;

/** Opens a library of the page's own service; this browser's own where none is named. @throws Error where it cannot be opened. */
export async function openLibrary(remote: Remote | undefined): Promise<Library> {
  const library = await Library.open({ site: new URL("./", document.baseURI), remote });
  noteOpen(remote);
  return library;
}

/** The library that the page's address names; undefined where it names none. */
export function askedFor(): Remote | undefined {
  const remote = remoteOf(new URL(location.href));
  if (!remote) return undefined;
  // Who looks over a shoulder, or at the history, is not to see the key.
  history.replaceState(null, "", "#library");
  join(remote);
  return remote;
}

/** Begins to open the library that the address names, or that was open last: that needs no codec. */
export function beginOpening(): void {
  begun = openLibrary(askedFor() ?? lastOpen());
  // Whoever asks for it is told.
  begun.catch(() => undefined);
}

/** What was begun, once. */
export function takeOpening(): Promise<Library> | undefined {
  const taken = begun;
  begun = undefined;
  return taken;
}

/**
 * What a library could not do. Codes: `not_found` (no such picture, collection, conversion or file), `bad_value`, `storage_full`,
 * `storage_lost` (the database is closed, e.g. by a newer version of the page: reload), `unpublished` (the library is on this device alone),
 * `other_library` (the name is that of another library), `unreachable`, `refused` (by the service), `closed`.
 */
export class LibraryError extends Error {
  override readonly name = "LibraryError";

  constructor(
    readonly code: "not_found" | "bad_value" | "storage_full" | "storage_lost" | "unpublished" | "other_library" | "unreachable" | "refused" | "closed",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the storage refused, in our words. */
export function storageError(error: unknown): LibraryError {
  if (error instanceof LibraryError) return error;
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "QuotaExceededError") return new LibraryError("storage_full", "This browser has no room left for the library: nothing of this was kept.", { cause: error });
  if (name === "InvalidStateError") return new LibraryError("storage_lost", "The library was closed, by a newer version of this page or by the browser: load the page again.", { cause: error });
  return new LibraryError("storage_lost", `The library could not be stored: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

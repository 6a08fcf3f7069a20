/** A library of pictures whose state lives in the client: on this device first, and at the service when that can be reached. */
export { LibraryError } from "./errors";
export { Library } from "./library";
export { LIMITS } from "./limits";
export { remoteOf } from "./link";
export type * from "./types";

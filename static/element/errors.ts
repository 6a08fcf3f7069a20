/** An image could not be shown, or not whole. `code` is the codec's, or `unreachable`, `not_decoded` or `unavailable`. */
export class ImageError extends Error {
  override readonly name = "ImageError";

  /** @param isFinal whether another place would say the same. */
  constructor(readonly code: string, message: string, readonly isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Whatever was thrown, with a code. */
export function asImageError(thrown: unknown, isFinal = false): ImageError {
  if (thrown instanceof ImageError) return thrown;
  const { code } = thrown as { code?: unknown };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ImageError(typeof code === "string" ? code : "internal", message, isFinal, { cause: thrown });
}

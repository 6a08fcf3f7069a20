import type { BufferDescription, Interface } from "./interface";

const BYTES = "application/octet-stream";

/** Media type of an output: its own, or that of the format which a result field names. */
export function formatMediaType(output: BufferDescription, result: Record<string, unknown>, description: Interface): string {
  if (output.format_from === undefined) return output.media_type ?? BYTES;
  const name = result[output.format_from];
  return description.formats.find((format) => format.name === name)?.media_type ?? BYTES;
}

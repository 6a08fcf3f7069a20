import type { Document } from "./documents";
import type { Fact } from "./facts";
import { bytes } from "./format";

/** What is known of a file that the module does not read. */
export function plainFacts({ file, plain }: Pick<Document, "file" | "plain">): Fact[] {
  if (!plain) return [];
  const { title, width, height, frames } = plain;
  return [
    { label: "Format", value: title, field: "format" },
    { label: "Size", value: `${width} × ${height} pixels`, field: "width" },
    { label: "File", value: bytes(file.size), field: "bytes" },
    ...(frames > 1 ? [{ label: "Frames", value: String(frames), field: "frames" }] : []),
  ];
}

import { bytes, many } from "./format";
import { change } from "./preview";

/** What became of a conversion of many files. */
export interface Batch {
  readonly state: "idle" | "running" | "done" | "cancelled" | "failed";
  readonly done: number;
  readonly total: number;
  /** Name of the file that is being worked on. */
  readonly name: string;
  readonly failures: readonly Failure[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly archive: string;
  readonly error: string | undefined;
}

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string;
}

export const NO_BATCH: Batch = { state: "idle", done: 0, total: 0, name: "", failures: [], bytesIn: 0, bytesOut: 0, archive: "", error: undefined };

export function batchText(batch: Batch): string {
  const { state, done, total, name, failures, bytesIn, bytesOut, archive, error } = batch;
  const made = done - failures.length;
  switch (state) {
    case "idle":
      return "";
    case "running":
      return `${done} of ${total} done${name === "" ? "" : `, now ${name}`}`;
    case "cancelled":
      return `Cancelled after ${done} of ${many(total, "file")}. Nothing was saved.`;
    case "failed":
      return `${archive} was not saved: ${error ?? "unknown error"}`;
    case "done":
      return `${archive}: ${many(made, "file")}, ${bytes(bytesIn)} became ${bytes(bytesOut)} (${change(bytesOut, bytesIn)}).${
        failures.length > 0 ? ` ${many(failures.length, "file")} could not be converted:` : ""}`;
  }
}

/** The list of what failed, as it goes into the archive. */
export function failureText(failures: readonly Failure[]): string {
  const head = `${many(failures.length, "file")} could not be converted.`;
  return [head, "", ...failures.map(({ name, message, code }) => `${oneLine(name)}: ${oneLine(message)} (${code})`), ""].join("\r\n");
}

/** A name may have line breaks in it: it must not look like two. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ");
}

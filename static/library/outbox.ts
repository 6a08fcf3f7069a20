/** What the service is yet to be told, as it is in the database. Every tab adds to it; one tab sends. */
import type { Facts, KeptFile, StoredCommand, Writing } from "./database";
import type { Command } from "./types";

/** Keys of what is there once at most. */
export const LIBRARY = "library";
export const CHANGE = "change";
export const uploadKey = (sha256: string): string => `upload:${sha256}`;
export const deleteKey = (sha256: string): string => `delete:${sha256}`;
export const jobKey = (conversion: string): string => `job:${conversion}`;
export const cancelKey = (conversion: string): string => `cancel:${conversion}`;

/** A change of the document was logged: all changes are sent as one, so there is one command for them. */
export async function noteChange(transaction: Writing, until: number): Promise<void> {
  const outbox = transaction.objectStore("outbox");
  const found = await outbox.get(CHANGE);
  const count = (found?.count ?? 0) + 1;
  await outbox.put({ key: CHANGE, kind: "change", about: String(count), at: found?.at ?? Date.now(), attempts: found?.attempts ?? 0, until, count });
}

/** Has a file sent that the service does not have, where there is a library of the service. */
export async function noteUpload(transaction: Writing, remote: Facts["remote"] | undefined, file: KeptFile, about: string): Promise<void> {
  if (!remote || file.confirmed !== undefined || file.held) return;
  const outbox = transaction.objectStore("outbox");
  const key = uploadKey(file.sha256);
  if ((await outbox.getKey(key)) !== undefined) return;
  await outbox.put({ key, kind: "upload", about, at: Date.now(), attempts: 0, sha256: file.sha256, of: file.bytes, sent: 0 });
}

/** A command as it is shown. */
export function shown(command: StoredCommand, isSending: boolean, sent?: number): Command {
  const { key, kind, about, at, attempts, problem, of } = command;
  return {
    key,
    kind,
    about,
    at,
    attempts,
    state: problem ? "refused" : isSending ? "sending" : "waiting",
    ...(of !== undefined && { of, sent: sent ?? command.sent ?? 0 }),
    ...(problem && { problem }),
  };
}

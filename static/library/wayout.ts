/** What can be done with a command that the service has refused. */
import { type Database, type StoredCommand, type Writing } from "./database";
import { PAGE } from "./document";
import * as edits from "./edits";
import { LibraryError } from "./errors";
import type { Journal } from "./journal";
import { CHANGE, LIBRARY } from "./outbox";

export async function retry(database: Database, key: string): Promise<void> {
  await database.write(async (transaction) => {
    const outbox = transaction.objectStore("outbox");
    const found = await outbox.get(key);
    if (!found) return;
    const again = { ...found, attempts: 0 };
    delete again.problem;
    await outbox.put(again);
  });
}

/**
 * @param whole has the document of the service, as one update.
 * @throws LibraryError `unreachable`, for a change.
 */
export async function discard(database: Database, journal: Journal, key: string, whole: () => Promise<Uint8Array>): Promise<void> {
  const command = await database.read((transaction) => transaction.objectStore("outbox").get(key));
  if (!command) throw new LibraryError("not_found", "There is no such command any more.");
  const remove = async (transaction: Writing): Promise<void> => transaction.objectStore("outbox").delete(key);
  if (key === CHANGE) await journal.replace(await whole(), remove);
  else if (command.kind === "job") {
    const conversion = command.conversion ?? "";
    await journal.edit((document) => (edits.isOver(document, conversion) ? undefined : edits.stage(document, conversion, "cancelled", true)), { origin: PAGE, also: remove });
  } else if (key === LIBRARY) await database.write(unpublish);
  else await database.write((transaction) => leave(transaction, command));
}

async function unpublish(transaction: Writing): Promise<void> {
  await transaction.objectStore("facts").delete("remote");
  await transaction.objectStore("outbox").clear();
}

async function leave(transaction: Writing, { key, kind, sha256 }: StoredCommand): Promise<void> {
  const file = sha256 === undefined ? undefined : await transaction.objectStore("files").get(sha256);
  if (file && (kind === "upload" || kind === "delete")) await transaction.objectStore("files").put({ ...file, held: true });
  await transaction.objectStore("outbox").delete(key);
}


import { type Database, fact, type Facts, type KeptFile, type StoredCommand } from "./database";
import { Files } from "./files";
import type { Journal } from "./journal";
import { deleteKey, noteUpload } from "./outbox";
import { Later, pathOf, type Service } from "./service";
import type { Limits, Remote } from "./types";

/** Files of which the service is asked at each connection whether it still has them, if nothing hints at its having lost any. */
const LOOKS = 50;
/** Milliseconds after which a file is asked about again. */
const AGAIN = 24 * 3_600_000;

/** Looks after files: whether the service still has them, which nobody needs any more, which can make room. */
export class Upkeep {
  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly limits: Limits,
  ) {}

  /**
   * Has files sent again that the service has lost. One that was restored from an older backup is asked about all of them: it tells of fewer
   * changes or files than before, or a client has found out and marked the document. Else it is asked about a few.
   *
   * @throws Later, Refusal.
   */
  async verify(service: Service, remote: Remote): Promise<void> {
    const { restored } = this.journal.model;
    const told = await counted(service, remote);
    const { known, verified = "" } = await this.database.read(async (transaction) => ({ known: await fact(transaction, "counted"), verified: await fact(transaction, "verified") }));
    const isRestored = restored !== verified || (known !== undefined && (told.changes < known.changes || told.blobs < known.blobs));
    const references = this.journal.model.references();
    const files = (await new Files(this.database).all()).filter(({ sha256 }) => references.has(sha256));
    // What was added before there was a library, or by a tab that did not live to say so.
    const unsent = files.filter(({ confirmed }) => confirmed === undefined);
    await this.send(remote, unsent);
    const old = files.filter(({ confirmed }) => confirmed !== undefined && (isRestored || confirmed < Date.now() - AGAIN));
    old.sort((a, b) => (a.confirmed ?? 0) - (b.confirmed ?? 0));
    for (const file of isRestored ? old : old.slice(0, LOOKS)) await this.check(service, remote, file);
    await this.database.write(async (transaction) => {
      await transaction.objectStore("facts").put(told, "counted");
      await transaction.objectStore("facts").put(restored, "verified");
    });
  }

  /** Removes files that nothing refers to for long enough; the service's, first of all. */
  async tidy(): Promise<void> {
    await this.journal.settled(async (transaction) => {
      const references = this.journal.model.references();
      const remote = await fact(transaction, "remote");
      for (const file of await transaction.objectStore("files").getAll()) {
        const { loose, ...rest } = file;
        if (references.has(file.sha256)) {
          if (loose !== undefined) await transaction.objectStore("files").put(rest);
        } else if (loose === undefined) await transaction.objectStore("files").put({ ...file, loose: Date.now() });
        else if (loose + this.limits.loose > Date.now()) continue;
        else if (remote && file.confirmed !== undefined && !file.held) {
          const key = deleteKey(file.sha256);
          const outbox = transaction.objectStore("outbox");
          if ((await outbox.getKey(key)) === undefined) await outbox.put({ key, kind: "delete", about: "", at: Date.now(), attempts: 0, sha256: file.sha256 });
        } else await Files.drop(transaction, file.sha256);
      }
    });
  }

  /**
   * Removes a file from the service, and then from here; not where something refers to it again, which is looked at before and after.
   *
   * @param exchange brings the document up to date.
   * @throws Later, Refusal.
   */
  async remove(service: Service, remote: Remote, { key, sha256 = "" }: StoredCommand, exchange: () => Promise<void>): Promise<void> {
    await exchange();
    if (!this.journal.model.references().has(sha256)) {
      await service.ask("DELETE", pathOf(remote, `/blobs/${sha256}`), { expected: [404] });
      await this.forgetConfirmed(sha256);
      await exchange();
    }
    await this.journal.settled(async (transaction) => {
      await transaction.objectStore("outbox").delete(key);
      if (!this.journal.model.references().has(sha256)) return Files.drop(transaction, sha256);
      // Somebody has added it meanwhile, and was told that the service has it.
      const found = await transaction.objectStore("files").get(sha256);
      if (!found) return;
      const { loose, ...file } = found;
      if (loose !== undefined) await transaction.objectStore("files").put(file);
      return noteUpload(transaction, remote, file, "");
    });
  }

  /** Removes files that the service says now that it has, and those that nobody refers to; returns how many bytes those were. */
  async evict(most: number, service: Service | undefined, remote: Remote | undefined): Promise<number> {
    await this.journal.catchUp();
    const references = this.journal.model.references();
    const files = (await new Files(this.database).all()).sort((a, b) => b.bytes - a.bytes);
    let freed = 0;
    for (const file of files) {
      if (freed >= most) break;
      const isLoose = file.loose !== undefined && !references.has(file.sha256);
      // Loose ones are gone from the service only with their bytes here, so that they can be sent again.
      if (isLoose && file.confirmed === undefined) freed += await this.drop(file, true);
      else if (file.confirmed !== undefined && service && remote && (await has(service, remote, file.sha256))) freed += await this.drop(file, false);
    }
    return freed;
  }

  private drop(file: KeptFile, isLoose: boolean): Promise<number> {
    return this.journal.settled(async (transaction) => {
      const found = await transaction.objectStore("files").get(file.sha256);
      const mayGo = found && (isLoose ? found.loose !== undefined && !this.journal.model.references().has(file.sha256) : found.confirmed !== undefined);
      if (!mayGo) return 0;
      await Files.drop(transaction, file.sha256);
      return file.bytes;
    });
  }

  private async check(service: Service, remote: Remote, { sha256 }: KeptFile): Promise<void> {
    const isThere = await has(service, remote, sha256);
    await this.database.write(async (transaction) => {
      const found = await transaction.objectStore("files").get(sha256);
      if (!found) return;
      const { confirmed, ...file } = found;
      await transaction.objectStore("files").put(isThere ? { ...file, confirmed: Date.now() } : file);
      if (!isThere && confirmed !== undefined) await noteUpload(transaction, remote, file, this.nameOf(sha256));
    });
  }

  private async send(remote: Facts["remote"], files: readonly KeptFile[]): Promise<void> {
    if (files.length === 0) return;
    await this.database.write(async (transaction) => {
      for (const { sha256 } of files) {
        const found = await transaction.objectStore("files").get(sha256);
        if (found) await noteUpload(transaction, remote, found, this.nameOf(sha256));
      }
    });
  }

  private async forgetConfirmed(sha256: string): Promise<void> {
    await this.database.write(async (transaction) => {
      const found = await transaction.objectStore("files").get(sha256);
      if (!found) return;
      const { confirmed, ...file } = found;
      if (confirmed !== undefined) await transaction.objectStore("files").put(file);
    });
  }

  private nameOf(sha256: string): string {
    for (const picture of this.journal.state.value.pictures.values()) if (picture.sha256 === sha256) return picture.name;
    return "";
  }
}

async function has(service: Service, remote: Remote, sha256: string): Promise<boolean> {
  return (await service.ask("HEAD", pathOf(remote, `/blobs/${sha256}`), { expected: [404] })).status !== 404;
}

async function counted(service: Service, remote: Remote): Promise<Facts["counted"]> {
  const response = await service.ask("GET", pathOf(remote));
  const told = (await response.json().catch(() => undefined)) as { changes?: unknown; blobs?: unknown } | undefined;
  if (typeof told?.changes !== "number" || typeof told.blobs !== "number") throw new Later("The service's answer tells nothing of the library.", true);
  return { changes: told.changes, blobs: told.blobs };
}


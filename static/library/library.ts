import { Adding } from "./adding";
import { Commands } from "./commands";
import { Database, fact, type Facts, made, type Writing } from "./database";
import { PAGE, USER } from "./document";
import { Drain } from "./drain";
import * as edits from "./edits";
import { LibraryError } from "./errors";
import { Files } from "./files";
import { hashed } from "./hashing";
import { Journal } from "./journal";
import { LIMITS } from "./limits";
import { linkTo, newId, newKey } from "./link";
import { cancelKey, CHANGE, jobKey, LIBRARY, noteUpload } from "./outbox";
import * as quota from "./quota";
import { mediaType } from "./reading";
import { pathOf } from "./service";
import { Situation } from "./situation";
import { Tabs, type TabMessage } from "./tabs";
import type { Added, Conversion, ConversionProblem, LibraryOptions, LibraryState, Limits, Remote, SyncState, Watched, Where } from "./types";
import { discard, retry } from "./wayout";

/**
 * A library of pictures on this device, and what keeps it the same as that of the service, where it has one.
 *
 * Every change is on the disk when its promise resolves, and what has to be sent of it with it, in one transaction. It works without a network
 * and without a service. Changes are made one after the other. All tabs of the origin that open the same name have the same library; one
 * of them sends.
 *
 * @throws LibraryError by all that changes something: see `LibraryError` for the codes. Nothing has happened then.
 */
export class Library {
  readonly model: Watched<LibraryState>;
  readonly sync: Watched<SyncState>;
  private readonly files: Files;
  private isClosed = false;

  private constructor(
    private readonly database: Database,
    private readonly limits: Limits,
    private readonly journal: Journal,
    private readonly commands: Commands,
    private readonly situation: Situation,
    private readonly tabs: Tabs,
    private readonly drain: Drain,
    private readonly client: string,
    private readonly asked: Set<string>,
  ) {
    this.files = new Files(database);
    this.model = journal.state;
    this.sync = situation.state;
  }

  /**
   * Opens a library, which is made where there is none; no request is waited for.
   *
   * @throws LibraryError `storage_lost`; `other_library`: the name is that of another library than `remote`, or of one that was never sent.
   */
  static async open(options: LibraryOptions): Promise<Library> {
    const limits = { ...LIMITS, ...options.limits };
    const name = options.name ?? (options.remote ? `remote-${options.remote.id}` : "own");
    let library: Library | undefined;
    const database = await Database.open(name, () => library?.end("Another tab has a newer version of this page: load this one again."));
    try {
      const { client, asked, remote } = await database.write((transaction) => begin(transaction, options.remote));
      const situation = new Situation(made(remote));
      const tabs = new Tabs(name, (message) => library?.hear(message));
      const commands = new Commands(database, () => library?.drain.look());
      const journal = await Journal.open(database, limits, () => library?.logged());
      const fetcher = options.fetch ?? fetch.bind(globalThis);
      const drain = new Drain({ name, site: options.site, fetch: fetcher, limits, database, journal, commands, situation, tabs, client });
      await commands.load();
      library = new Library(database, limits, journal, commands, situation, tabs, drain, client, asked);
      commands.shown.watch((shown) => situation.update({ commands: shown }));
      library.start();
      return library;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Takes files in, into a collection where one is named. Those that cannot be kept are refused, each with the reason, and the others are kept. */
  async add(files: readonly File[], collection?: string, onProgress: (done: number, of: number) => void = () => undefined): Promise<Added> {
    try {
      return await new Adding(this.journal, this.limits, collection).run(files, onProgress);
    } finally {
      this.situation.measure();
    }
  }

  /** Tells what was found out about a picture. */
  describe(id: string, facts: { readonly width?: number; readonly height?: number; readonly format?: string }): Promise<void> {
    return this.journal.edit((document) => edits.describe(document, id, facts), { origin: PAGE });
  }

  /** Changes a caption; what others write at the same time is merged, character by character. */
  caption(id: string, text: string): Promise<void> {
    return this.journal.edit((document) => edits.caption(document, id, text, this.limits), { origin: USER, step: `caption ${id}` });
  }

  rate(id: string, stars: number): Promise<void> {
    return this.journal.edit((document) => edits.rate(document, id, stars), { origin: USER });
  }

  /** Changes options of a recipe by name; `undefined` removes one. Of changes at the same time, those of different options are all kept. */
  recipe(id: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    return this.journal.edit((document) => edits.recipe(document, id, change), { origin: USER, step: `recipe ${id} ${Object.keys(change).join()}` });
  }

  /** Takes pictures out of the library, with all that is about them. Their files go once nothing refers to them, and undo cannot want them back. */
  remove(ids: readonly string[]): Promise<void> {
    const before = this.journal.model.references();
    const also = (transaction: Writing): Promise<void> => {
      const after = this.journal.model.references();
      return Files.loosen(transaction, [...before].filter((sha256) => !after.has(sha256)));
    };
    return this.journal.edit((document) => edits.remove(document, new Set(ids)), { origin: USER, also });
  }

  /** Makes a collection and returns its id. */
  makeCollection(title: string): Promise<string> {
    return this.journal.edit((document) => edits.makeCollection(document, title, this.limits), { origin: USER });
  }

  renameCollection(id: string, title: string): Promise<void> {
    return this.journal.edit((document) => edits.renameCollection(document, id, title, this.limits), { origin: USER });
  }

  /** Removes a collection, not the pictures in it. */
  removeCollection(id: string): Promise<void> {
    return this.journal.edit((document) => edits.removeCollection(document, id, this.limits), { origin: USER });
  }

  put(ids: readonly string[], collection: string): Promise<void> {
    return this.journal.edit((document) => edits.put(document, ids, collection), { origin: USER });
  }

  take(ids: readonly string[], collection: string): Promise<void> {
    return this.journal.edit((document) => edits.take(document, ids, collection), { origin: USER });
  }

  /** Takes back what this page's user did last; changes of others stay. Tells whether there was anything. */
  undo(): Promise<boolean> {
    return this.journal.back("undo", (transaction) => this.keepReferred(transaction));
  }

  redo(): Promise<boolean> {
    return this.journal.back("redo", (transaction) => this.keepReferred(transaction));
  }

  /**
   * A file by its SHA-256: kept here, or had from the service, checked, and kept for as long as there is room.
   *
   * @throws LibraryError `not_found`, `unreachable`.
   */
  async file(sha256: string): Promise<Blob> {
    const kept = await this.files.get(sha256);
    if (kept) return kept;
    const service = this.drain.service();
    const { remote } = this.situation.state.value;
    if (!remote || !service) throw new LibraryError("not_found", "This file is not on this device.");
    return this.files.fetch(sha256, service, pathOf(remote, `/blobs/${sha256}`), this.limits.carry);
  }

  /**
   * Asks for a conversion and returns its id: `here`, by whoever works through `pending()`; at the `service`, as a job.
   *
   * @throws LibraryError `unpublished`: there is no library of the service, nor is one asked for.
   */
  async ask(picture: string, fn: string, options: Readonly<Record<string, unknown>>, at: Where): Promise<string> {
    if (at === "service" && !(await this.remote())) throw new LibraryError("unpublished", "This library is on this device alone; the service can do nothing with it.");
    let asked: { id: string; sha256: string } | undefined;
    const id = await this.journal.edit(
      (document) => {
        asked = edits.ask(document, picture, fn, options, at, this.client);
        return asked.id;
      },
      { origin: PAGE, also: (transaction) => noteAsked(transaction, asked, fn, options, at) },
    );
    if (at === "here") {
      this.asked.add(id);
      this.tabs.tell({ kind: "asked", id });
    }
    return id;
  }

  /** Conversions that this client asked for, to be made here, and that have no end yet. */
  pending(): readonly Conversion[] {
    return [...this.journal.state.value.conversions.values()].filter(({ id, at, state }) => at === "here" && this.asked.has(id) && (state === "asked" || state === "running"));
  }

  /** Keeps the result of a conversion, which is sent to the service as originals are. */
  async finish(conversion: string, { file, place, milliseconds }: { readonly file: Blob; readonly place: string; readonly milliseconds?: number }): Promise<void> {
    const found = this.journal.state.value.conversions.get(conversion);
    if (!found) throw new LibraryError("not_found", "There is no such conversion.");
    const type = mediaType(file.type);
    const { sha256, blob } = await hashed(file, type);
    const value = { result: { sha256, type, bytes: blob.size }, place, ...(milliseconds !== undefined && { milliseconds }) };
    await this.journal.edit((document) => edits.stage(document, conversion, "done", value), {
      origin: PAGE,
      also: async (transaction) => {
        await Files.keep(transaction, sha256, blob, found.fn);
        await transaction.objectStore("asked").delete(conversion);
      },
    });
    this.situation.measure();
  }

  /** Says that a conversion failed, and why; one that has an end keeps it. */
  fail(conversion: string, problem: ConversionProblem): Promise<void> {
    const value = edits.failure(problem);
    return this.journal.edit(
      (document) => {
        if (!edits.isOver(document, conversion)) edits.stage(document, conversion, "failed", value);
      },
      { origin: PAGE, also: (transaction) => transaction.objectStore("asked").delete(conversion) },
    );
  }

  /** Gives a conversion up; a job that may have been begun is cancelled at the service. One that has an end keeps it. */
  async cancel(conversion: string): Promise<void> {
    const at = this.journal.model.request(conversion)?.asked.at;
    let isOver = false;
    await this.journal.edit(
      (document) => {
        isOver = at === undefined || edits.isOver(document, conversion);
        if (!isOver) edits.stage(document, conversion, "cancelled", true);
      },
      { origin: PAGE, also: async (transaction) => (isOver ? undefined : noteCancelled(transaction, conversion, at === "service")) },
    );
  }

  /** Tries a refused command again. */
  async retry(key: string): Promise<void> {
    await retry(this.database, key);
    this.outboxChanged();
  }

  /**
   * Gives a refused command up. What is lost: of an `upload`, the file stays on this device alone; of a `job`, it is not made; of a `cancel`, the
   * job goes on; of a `delete`, the service keeps the file; of the `library`, there is none at the service; of a `change`, **all changes of this
   * device that were not sent**: the document becomes that of the service, which has to be reachable for that.
   */
  async discard(key: string): Promise<void> {
    await discard(this.database, this.journal, key, () => this.drain.wholeDocument());
    const remote = made(await this.remote());
    this.situation.update({ remote });
    this.tabs.tell({ kind: "remote", remote });
    if (key === CHANGE) this.tabs.tell({ kind: "replaced" });
    this.outboxChanged();
  }

  /** Asks for a library of the service, which is made as soon as that can be reached. Before, nothing leaves this device. */
  async publish(): Promise<void> {
    await this.journal.settled(async (transaction) => {
      if (await fact(transaction, "remote")) return;
      await transaction.objectStore("facts").put({ key: newKey() }, "remote");
      const outbox = transaction.objectStore("outbox");
      await outbox.put({ key: LIBRARY, kind: "library", about: "", at: Date.now(), attempts: 0 });
      const [last] = (await transaction.objectStore("updates").getAllKeys()).slice(-1);
      if (last !== undefined) await outbox.put({ key: CHANGE, kind: "change", about: "1", at: Date.now(), attempts: 0, until: last, count: 1 });
      await this.keepReferred(transaction);
    });
    this.outboxChanged();
  }

  /** The page's link that leads whoever gets it to this library; `undefined` until it is on the service. */
  link(page: URL): URL | undefined {
    const { remote } = this.situation.state.value;
    return remote && linkTo(page, remote);
  }

  /**
   * Removes files from this device that the service says now that it has, and those that nothing refers to; the largest first, until so many
   * bytes are free. Never what only this device has.
   *
   * @returns bytes that are free now.
   */
  async freeUp(bytes = Number.MAX_SAFE_INTEGER): Promise<number> {
    const freed = await this.drain.evict(bytes);
    this.situation.measure();
    return freed;
  }

  /** Asks the browser not to clear this library by itself; tells whether it agreed. */
  async keep(): Promise<boolean> {
    const is = await quota.keep();
    this.situation.measure();
    return is;
  }

  /** Ends it; what was begun is still stored. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.drain.stop();
    await this.journal.close();
    this.commands.close();
    this.tabs.close();
    this.situation.close();
    this.database.close();
  }

  private start(): void {
    this.situation.watch(() => this.files.all());
    this.drain.start();
    this.tabs.tell({ kind: "hello" });
    // What other tabs told while this one was being opened, nobody heard.
    void this.journal.catchUp().catch(() => undefined);
    this.commands.refresh();
  }

  private hear(message: TabMessage): void {
    if (message.kind === "replaced") void this.journal.reread().catch(() => undefined);
    else if (message.kind === "log") void this.journal.catchUp().catch(() => undefined);
    else if (message.kind === "outbox") this.commands.refresh();
    else if (message.kind === "asked") this.asked.add(message.id);
    else if (message.kind === "remote") this.situation.update({ remote: message.remote });
    else if (message.kind === "status") {
      const { sending, ...status } = message.status;
      this.situation.update(status);
      this.commands.setSending(sending);
    } else this.drain.tellStatus();
  }

  /** A change was stored. */
  private logged(): void {
    this.tabs.tell({ kind: "log" });
    this.outboxChanged();
  }

  private outboxChanged(): void {
    this.commands.refresh();
    this.tabs.tell({ kind: "outbox" });
  }

  private async keepReferred(transaction: Writing): Promise<void> {
    const names = new Map([...this.journal.state.value.pictures.values()].map(({ sha256, name }) => [sha256, name]));
    for (const sha256 of this.journal.model.references()) if (!names.has(sha256)) names.set(sha256, "");
    const remote = await fact(transaction, "remote");
    for (const { loose, ...file } of await transaction.objectStore("files").getAll()) {
      const about = names.get(file.sha256);
      if (about === undefined) {
        if (loose === undefined) await transaction.objectStore("files").put({ ...file, loose: Date.now() });
        continue;
      }
      if (loose !== undefined) await transaction.objectStore("files").put(file);
      await noteUpload(transaction, remote, file, about);
    }
  }

  private remote(): Promise<Facts["remote"] | undefined> {
    return this.database.read((transaction) => fact(transaction, "remote"));
  }

  private end(why: string): void {
    this.situation.update({ lastError: why });
    void this.drain.stop();
  }
}

/** Reads who this is, and joins a library of the service. */
async function begin(transaction: Writing, wanted: Remote | undefined): Promise<{ client: string; asked: Set<string>; remote: Facts["remote"] | undefined }> {
  const facts = transaction.objectStore("facts");
  const client = (await fact(transaction, "client")) ?? newId();
  await facts.put(client, "client");
  const found = await fact(transaction, "remote");
  const asked = new Set(await transaction.objectStore("asked").getAllKeys());
  if (!wanted || (found?.id === wanted.id && found.key === wanted.key)) return { client, asked, remote: found };
  // Whoever follows a link does not mean to send what is on this device.
  if (found || (await transaction.objectStore("updates").count()) > 0) throw new LibraryError("other_library", "Another library has this name on this device.");
  await facts.put({ id: wanted.id, key: wanted.key }, "remote");
  return { client, asked, remote: wanted };
}

async function noteAsked(transaction: Writing, asked: { id: string; sha256: string } | undefined, fn: string, options: Readonly<Record<string, unknown>>, at: Where): Promise<void> {
  if (!asked) return;
  if (at === "here") {
    await transaction.objectStore("asked").put(Date.now(), asked.id);
    return;
  }
  if (!(await fact(transaction, "remote"))) throw new LibraryError("unpublished", "This library is on this device alone; the service can do nothing with it.");
  const call = { fn, options: structuredClone(options) };
  await transaction.objectStore("outbox").put({ key: jobKey(asked.id), kind: "job", about: fn, at: Date.now(), attempts: 0, conversion: asked.id, sha256: asked.sha256, call });
}

async function noteCancelled(transaction: Writing, conversion: string, isJob: boolean): Promise<void> {
  await transaction.objectStore("asked").delete(conversion);
  if (!isJob || !(await fact(transaction, "remote"))) return;
  const outbox = transaction.objectStore("outbox");
  const job = await outbox.get(jobKey(conversion));
  // A request that was never sent, or was refused, has made no job.
  if (job && (job.attempts === 0 || job.problem)) {
    await outbox.delete(job.key);
    return;
  }
  await outbox.put({ key: cancelKey(conversion), kind: "cancel", about: job?.about ?? "", at: Date.now(), attempts: 0, conversion });
}

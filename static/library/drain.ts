import type { Commands } from "./commands";
import { type Database, fact, made, type StoredCommand } from "./database";
import { LibraryError } from "./errors";
import { events } from "./events";
import { Exchange } from "./exchange";
import { Jobs } from "./jobs";
import type { Journal } from "./journal";
import { pause, Wait } from "./lane";
import { CHANGE, jobKey, LIBRARY, uploadKey } from "./outbox";
import { lockManager } from "./secure";
import { Later, pathOf, Refusal, Service } from "./service";
import type { Situation } from "./situation";
import type { Tabs } from "./tabs";
import type { CommandKind, Limits, Remote } from "./types";
import { Uploading } from "./uploading";
import { Upkeep } from "./upkeep";

export interface Parts {
  readonly name: string;
  readonly site: URL;
  readonly fetch: typeof fetch;
  readonly limits: Limits;
  readonly database: Database;
  readonly journal: Journal;
  readonly commands: Commands;
  readonly situation: Situation;
  readonly tabs: Tabs;
  readonly client: string;
}

/** What goes one after the other: files, and all that is short, so that a caption does not wait for a film. */
type Lane = "talk" | "data";
const LANES: Readonly<Record<CommandKind, Lane>> = { library: "talk", change: "talk", job: "talk", cancel: "talk", upload: "data", delete: "data" };

/** What is to be exchanged, beside changes that are made here: what others changed, or all that either side lacks. */
type Wanted = "nothing" | "exchange" | "whole";

/** The library is not there for this key, or not any more: everything waits. */
const GONE = "The service has no such library, or the key is not its key. What is not sent yet stays here.";

/** Sends what is in the outbox, and hears what changes at the service: in one tab of those that have this library, as long as it lives. */
export class Drain {
  private readonly ended = new AbortController();
  private readonly exchanging: Exchange;
  private readonly jobs: Jobs;
  private readonly upkeep: Upkeep;
  private readonly waits: Readonly<Record<Lane | "listen", Wait>>;
  private readonly sending = new Map<string, number | undefined>();
  /** By key, until when a command that failed is not tried again. */
  private readonly later = new Map<string, number>();
  private wanted: Wanted = "nothing";
  /** Whether files are to be asked about, and the mark of the document that was seen last. */
  private check = false;
  private restored: string | undefined;
  private isOurs = false;
  private isOpen = false;
  private running: Promise<unknown> = Promise.resolve();
  private lastError: string | undefined;

  constructor(private readonly parts: Parts) {
    const { database, journal, client, limits } = parts;
    this.exchanging = new Exchange(database, journal);
    this.jobs = new Jobs(database, journal, client);
    this.upkeep = new Upkeep(database, journal, limits);
    const { signal } = this.ended;
    this.waits = { talk: new Wait(signal), data: new Wait(signal), listen: new Wait(signal) };
  }

  /** Sends as soon as no other tab does. */
  start(): void {
    const { signal } = this.ended;
    // The connection may be back: no reason to wait longer.
    if (typeof addEventListener === "function") addEventListener("online", this.wake, { signal });
    const locks = lockManager();
    // Where there are no locks each tab sends; a repeat has no second effect.
    this.running = (locks ? locks.request(`eitherside-outbox-${this.parts.name}`, { signal }, () => this.run()) : this.run()).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.ended.abort();
    this.jobs.close();
    await this.running;
  }

  /** Tries everything at once that waits for another try. */
  readonly wake = (): void => {
    this.later.clear();
    for (const wait of Object.values(this.waits)) wait.wake();
  };

  /** The outbox has changed. */
  look(): void {
    for (const wait of Object.values(this.waits)) wait.nudge();
  }

  /** Tells other tabs how it is, if this is the one that sends. */
  tellStatus(): void {
    if (!this.isOurs) return;
    const { online, listening } = this.parts.situation.state.value;
    this.parts.tabs.tell({ kind: "status", status: { online, listening, lastError: this.lastError, sending: this.sending } });
  }

  /** Requests about the library of the service, where there is one. */
  service(): Service | undefined {
    const { remote } = this.parts.situation.state.value;
    return remote && this.serviceOf(remote.key);
  }

  /** The whole document of the service. @throws LibraryError `unreachable`. */
  async wholeDocument(): Promise<Uint8Array> {
    const [remote, service] = [this.parts.situation.state.value.remote, this.service()];
    if (!remote || !service) throw new LibraryError("unpublished", "This library is on this device alone.");
    try {
      return await this.exchanging.whole(service, remote);
    } catch (error) {
      throw new LibraryError("unreachable", "The service cannot tell its document now; nothing was given up.", { cause: error });
    }
  }

  evict(most: number): Promise<number> {
    return this.upkeep.evict(most, this.service(), this.parts.situation.state.value.remote).catch((error: unknown) => {
      if (error instanceof LibraryError) throw error;
      throw new LibraryError("unreachable", "The service cannot say now what it has, and nothing else may go.", { cause: error });
    });
  }

  private serviceOf(key: string): Service {
    const { site, limits, fetch } = this.parts;
    return new Service(site, key, limits, fetch, (is) => this.reach(is), this.ended.signal);
  }

  private async run(): Promise<void> {
    if (this.isEnded()) return;
    this.isOurs = true;
    this.tellStatus();
    await this.upkeep.tidy().catch((error: unknown) => this.say(error));
    await Promise.all([this.drainLane("talk"), this.drainLane("data"), this.listen()]);
    this.isOurs = false;
  }

  private isEnded(): boolean {
    return this.ended.signal.aborted;
  }

  private async drainLane(lane: Lane): Promise<void> {
    let failures = 0;
    while (!this.isEnded()) {
      // One time for both, so that what is due in between is not missed.
      const now = Date.now();
      const work = this.next(lane, now);
      if (!work) {
        await this.waits[lane].until(this.nextTry(lane, now));
        continue;
      }
      try {
        await work.run();
        failures = 0;
        this.said();
      } catch (error) {
        if (this.isEnded()) return;
        failures++;
        await this.failed(work.command, error, failures, lane);
      }
    }
  }

  private async failed(command: StoredCommand | undefined, error: unknown, failures: number, lane: Lane): Promise<void> {
    const refusal = error instanceof Refusal ? error : undefined;
    const isGone = refusal?.problem.status === 404 || refusal?.problem.status === 401;
    if (refusal && !isGone && command) {
      await this.refuse(command.key, refusal).catch((reason: unknown) => this.say(reason));
      return;
    }
    this.say(isGone ? new Error(GONE) : error);
    const { limits } = this.parts;
    const after = error instanceof Later ? error.after : undefined;
    const time = after ?? pause(isGone ? Infinity : failures, limits.pause);
    // Others get their turn before this one is tried again, unless nobody answers at all.
    const key = command?.key ?? (lane === "talk" ? CHANGE : undefined);
    if (key !== undefined && error instanceof Later && error.isReached) this.later.set(key, Date.now() + (after ?? pause((command?.attempts ?? failures) + 1, limits.pause)));
    await this.waits[lane].pause(error instanceof Later && error.isReached && after === undefined ? Math.min(time, 1000) : time);
  }

  /** What a lane does next: the first command that waits for no other. */
  private next(lane: Lane, now: number): { readonly command: StoredCommand | undefined; readonly run: () => Promise<void> } | undefined {
    const { remote } = this.parts.situation.state.value;
    const ready = this.parts.commands.all.find((command) => {
      if (LANES[command.kind] !== lane || command.problem || (this.later.get(command.key) ?? 0) > now) return false;
      return command.kind === "library" ? !remote : remote !== undefined && !this.waitsForOther(command);
    });
    const isWanted = this.wanted !== "nothing" && (this.later.get(CHANGE) ?? 0) <= now;
    if (remote && lane === "talk" && (isWanted || ready?.kind === "change")) {
      const change = this.parts.commands.all.find(({ key, problem }) => key === CHANGE && !problem);
      return { command: change, run: () => this.sent(change, () => this.exchange(remote)) };
    }
    if (ready) return { command: ready, run: () => this.sent(ready, (command) => this.send(command, remote)) };
    if (remote && lane === "data" && this.check) return { command: undefined, run: () => this.verify(remote) };
    return undefined;
  }

  private waitsForOther({ kind, conversion = "", sha256 = "" }: StoredCommand): boolean {
    const { commands } = this.parts;
    return (kind === "job" && commands.has(uploadKey(sha256))) || (kind === "cancel" && commands.has(jobKey(conversion)));
  }

  private nextTry(lane: Lane, now: number): number {
    const keys = this.parts.commands.all.flatMap(({ key, kind }) => (LANES[kind] === lane ? [key] : []));
    if (lane === "talk") keys.push(CHANGE);
    const times = keys.map((key) => this.later.get(key) ?? Infinity);
    const first = times.reduce((least, time) => (time > now ? Math.min(least, time) : least), Infinity);
    return first === Infinity ? Infinity : Math.max(10, first - Date.now());
  }

  /** Notes a try on the disk, then makes it: what may have reached the service is known as such after a crash. */
  private async sent(command: StoredCommand | undefined, work: (command: StoredCommand) => Promise<void>): Promise<void> {
    if (!command) return work({ key: "", kind: "change", about: "", at: 0, attempts: 0 });
    const { commands, database } = this.parts;
    const tried = await database.write(async (transaction) => {
      const found = await transaction.objectStore("outbox").get(command.key);
      if (!found || found.problem) return undefined;
      const next = { ...found, attempts: found.attempts + 1 };
      await transaction.objectStore("outbox").put(next);
      return next;
    });
    if (!tried) {
      await commands.load();
      return;
    }
    this.progress(command.key, tried.sent);
    try {
      await work(tried);
      this.later.delete(command.key);
      // There may be thousands of files: that one is done needs no look at all of them.
      if (LANES[command.kind] === "data") commands.forget(command.key);
    } finally {
      this.sending.delete(command.key);
      this.parts.tabs.tell({ kind: "outbox" });
      // What comes next depends on what is left.
      if (LANES[command.kind] === "data") commands.refresh();
      else await commands.load().catch(() => undefined);
      this.progress();
    }
  }

  private async send(command: StoredCommand, remote: Remote | undefined): Promise<void> {
    const { database, limits } = this.parts;
    if (command.kind === "library") return this.makeLibrary();
    if (!remote) return;
    const service = this.serviceOf(remote.key);
    if (command.kind === "upload") return new Uploading(database, service, remote, limits).run(command, (sent) => this.progress(command.key, sent));
    if (command.kind === "job") return this.jobs.ask(service, remote, command);
    if (command.kind === "cancel") return this.jobs.cancel(service, command);
    return this.upkeep.remove(service, remote, command, () => this.exchangeNow(service, remote, false));
  }

  /** The client chooses the key, so that a repeat after a lost answer finds the library that the first request made. */
  private async makeLibrary(): Promise<void> {
    const { database, situation, tabs } = this.parts;
    const wanted = await database.read((transaction) => fact(transaction, "remote"));
    if (!wanted) return;
    const response = await this.serviceOf(wanted.key).ask("POST", "v1/libraries");
    const told = (await response.json().catch(() => undefined)) as { id?: unknown } | undefined;
    if (typeof told?.id !== "string" || !/^[A-Za-z0-9_-]{22}$/.test(told.id)) throw new Later("The service's answer tells of no library.", true);
    const remote = { id: told.id, key: wanted.key };
    await database.write(async (transaction) => {
      await transaction.objectStore("facts").put(remote, "remote");
      await transaction.objectStore("outbox").delete(LIBRARY);
    });
    situation.update({ remote: made(remote) });
    tabs.tell({ kind: "remote", remote });
    this.waits.listen.wake();
  }

  private async exchange(remote: Remote): Promise<void> {
    const wanted = this.wanted;
    this.wanted = "nothing";
    try {
      await this.exchangeNow(this.serviceOf(remote.key), remote, wanted === "whole");
      this.jobs.settle();
      if (wanted === "whole") {
        this.setListening(this.isOpen);
        await this.jobs.lookAtAll(this.serviceOf(remote.key));
      }
    } catch (error) {
      if (wanted !== "nothing") this.want(wanted);
      throw error;
    }
  }

  private async exchangeNow(service: Service, remote: Remote, isWhole: boolean): Promise<void> {
    await this.exchanging.run(service, remote, isWhole);
    const { restored } = this.parts.journal.model;
    if (!isWhole && restored === this.restored) return;
    this.restored = restored;
    this.check = true;
    this.waits.data.wake();
  }

  private async verify(remote: Remote): Promise<void> {
    this.check = false;
    try {
      await this.upkeep.verify(this.serviceOf(remote.key), remote);
    } catch (error) {
      this.check = true;
      throw error;
    }
    await this.parts.commands.load();
  }

  /** Hears the service's events. It is always from now on: after each gap everything is exchanged anyway, as the service may be an older one. */
  private async listen(): Promise<void> {
    let failures = 0;
    while (!this.isEnded()) {
      const { remote } = this.parts.situation.state.value;
      if (!remote) {
        await this.waits.listen.until();
        continue;
      }
      let after: number | undefined;
      try {
        const response = await this.serviceOf(remote.key).stream(pathOf(remote, "/events"));
        if (response.body) await this.follow(response.body, () => (failures = 0));
      } catch (error) {
        after = error instanceof Later ? error.after : undefined;
        // Where too many listen, nobody says what changes: it is asked for at each try.
        if (error instanceof Later && error.isReached) this.want("exchange");
        this.waits.talk.nudge();
        if (error instanceof Refusal) this.say(new Error(GONE));
      }
      if (this.isEnded()) return;
      failures++;
      this.isOpen = false;
      this.setListening(false);
      await this.rest(after ?? pause(failures, this.parts.limits.pause));
    }
  }

  /** Waits without being woken by each new command. */
  private async rest(time: number): Promise<void> {
    const end = Date.now() + time;
    const { online } = this.parts.situation.state.value;
    while (!this.isEnded() && Date.now() < end) {
      await this.waits.listen.until(end - Date.now());
      if (!online && this.parts.situation.state.value.online) return;
    }
  }

  private async follow(body: ReadableStream<Uint8Array<ArrayBuffer>>, opened: () => void): Promise<void> {
    for await (const event of events(body, this.parts.limits.silence)) {
      if (event === "opened") continue;
      if (event.kind === "library") {
        opened();
        this.isOpen = true;
        this.later.clear();
        this.want("whole");
      } else if (event.kind === "document") this.want("exchange");
      if (event.kind === "library" || event.kind === "document") this.waits.talk.wake();
      else if (event.kind === "job") this.jobs.hearEvent(event.data);
    }
  }

  private want(what: Exclude<Wanted, "nothing">): void {
    if (this.wanted !== "whole") this.wanted = what;
  }

  private async refuse(key: string, { problem }: Refusal): Promise<void> {
    await this.parts.database.write(async (transaction) => {
      const found = await transaction.objectStore("outbox").get(key);
      if (found) await transaction.objectStore("outbox").put({ ...found, problem });
    });
    this.parts.tabs.tell({ kind: "outbox" });
    await this.parts.commands.load();
  }

  private progress(key?: string, sent?: number): void {
    if (key !== undefined) this.sending.set(key, sent);
    this.parts.commands.setSending(this.sending);
    this.tellStatus();
  }

  private reach(online: boolean): void {
    if (this.parts.situation.state.value.online === online) return;
    this.parts.situation.update({ online });
    this.tellStatus();
    if (online) this.wake();
  }

  private setListening(listening: boolean): void {
    if (this.parts.situation.state.value.listening === listening) return;
    this.parts.situation.update({ listening });
    this.tellStatus();
  }

  private say(error: unknown): void {
    this.lastError = error instanceof Error ? error.message : String(error);
    this.parts.situation.update({ lastError: this.lastError });
    this.tellStatus();
  }

  private said(): void {
    if (this.lastError === undefined) return;
    this.lastError = undefined;
    this.parts.situation.update({ lastError: undefined });
    this.tellStatus();
  }
}

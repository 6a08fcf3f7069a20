import type { Database, StoredCommand } from "./database";
import { below, PAGE } from "./document";
import * as edits from "./edits";
import type { Journal } from "./journal";
import { jobKey, noteUpload } from "./outbox";
import { isFields, jobId } from "./reading";
import { Later, pathOf, Refusal, type Service } from "./service";
import type { Remote } from "./types";

/** What the service tells of a job. */
type Job = Readonly<Record<string, unknown>> & { readonly id: string; readonly state: string };

/** Milliseconds that the client that asked has to note how a job ended, before another one does. */
const PATIENCE = 5000;
/** Jobs that have been heard of before the document says whose they are, and those that are looked at when the service is back. */
const MOST_HEARD = 1000;
const MOST_LOOKS = 1000;

/** Conversions at the service: asks for them, hears what becomes of them, and writes that into the document. */
export class Jobs {
  private readonly heard = new Map<string, Job>();
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private inputs: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
    private readonly client: string,
  ) {}

  /** Asks for a job; the conversion's id is the request's key, so that a repeat makes no second one. @throws Later, Refusal. */
  async ask(service: Service, remote: Remote, command: StoredCommand): Promise<void> {
    const conversion = command.conversion ?? "";
    if (command.attempts <= 1 && this.isCancelled(conversion)) {
      await this.forget(command.key);
      return;
    }
    const body = command.body ?? (await this.compose(service, command));
    let response: Response;
    try {
      response = await service.ask("POST", "v1/jobs", { body, headers: { "Content-Type": "application/json", "Idempotency-Key": `"${conversion}"` } });
    } catch (error) {
      if (error instanceof Refusal && error.problem.code === "bad_input") await this.waitForFile(service, remote, command, error);
      throw error;
    }
    const job = parsed(await text(response));
    if (!job) throw new Later("The service's answer tells of no job.", true);
    await this.journal.edit((document) => document.conversions.has(conversion) && document.stages.set(below(conversion, "job"), job.id), {
      origin: PAGE,
      also: (transaction) => transaction.objectStore("outbox").delete(command.key),
    });
    this.hear(job);
  }

  /** Cancels a job. @throws Later, Refusal. */
  async cancel(service: Service, command: StoredCommand): Promise<void> {
    const job = this.journal.model.request(command.conversion ?? "")?.job;
    if (job !== undefined) await service.ask("DELETE", `v1/jobs/${job}`, { expected: [404] });
    await this.forget(command.key);
  }

  /** Hears an event of the service, whose data are a job. */
  hearEvent(data: string): void {
    const job = parsed(data);
    if (job) this.hear(job);
  }

  /** Writes down what was heard of jobs before it was known whose they are. */
  settle(): void {
    for (const job of [...this.heard.values()]) this.hear(job);
  }

  /** Looks at all jobs that have no end yet: what happened while nobody listened, no event tells. @throws Later, Refusal. */
  async lookAtAll(service: Service): Promise<void> {
    const open = [...this.journal.state.value.conversions.values()].filter(({ at, state }) => at === "service" && (state === "asked" || state === "running"));
    for (const { id, by } of open.slice(0, MOST_LOOKS)) {
      const job = this.journal.model.request(id)?.job;
      if (job === undefined) continue;
      const response = await service.ask("GET", `v1/jobs/${job}`, { expected: [404] });
      if (response.status !== 404) this.hearEvent(await text(response));
      else if (by === this.client) await this.askAgain(id);
    }
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private hear(job: Job): void {
    const conversion = this.journal.model.conversionOf(job.id);
    if (conversion === undefined) {
      this.heard.set(job.id, job);
      const [oldest] = this.heard.keys();
      if (this.heard.size > MOST_HEARD && oldest !== undefined) this.heard.delete(oldest);
      return;
    }
    this.heard.delete(job.id);
    const found = this.journal.model.request(conversion);
    if (found?.asked.by === this.client) {
      void this.note(conversion, job);
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (job.state !== "running") void this.note(conversion, job);
    }, PATIENCE);
    this.timers.add(timer);
  }

  /** Writes how a job is into the document; whoever does it again changes nothing. */
  private async note(conversion: string, job: Job): Promise<void> {
    const stage = stageOf(job);
    if (!stage) return;
    await this.journal
      .edit((document) => (edits.isOver(document, conversion) ? undefined : edits.stage(document, conversion, ...stage)), { origin: PAGE })
      // The next connection looks at all jobs again.
      .catch(() => undefined);
  }

  private async compose(service: Service, command: StoredCommand): Promise<string> {
    const { fn, options } = command.call ?? { fn: "", options: {} };
    const input = (await this.inputsOf(service)).get(fn);
    if (input === undefined) throw new Refusal({ status: 0, code: "unknown_function", title: "The service has no such function", detail: `There is no ${fn} at the service.` });
    const body = JSON.stringify({ function: fn, options, inputs: { [input]: command.sha256 ?? "" } });
    await this.database.write(async (transaction) => {
      const found = await transaction.objectStore("outbox").get(command.key);
      if (found) await transaction.objectStore("outbox").put({ ...found, body });
    });
    return body;
  }

  /** The name of the first input of each function, from the interface. */
  private async inputsOf(service: Service): Promise<ReadonlyMap<string, string>> {
    this.inputs ??= inputs(service);
    try {
      return await this.inputs;
    } catch (error) {
      this.inputs = undefined;
      throw error;
    }
  }

  /** The service lacks the file: it is sent first, where it is here; else whoever has it may still send it. */
  private async waitForFile(service: Service, remote: Remote, { sha256 = "" }: StoredCommand, refusal: Refusal): Promise<void> {
    const response = await service.ask("HEAD", pathOf(remote, `/blobs/${sha256}`), { expected: [404] });
    if (response.status !== 404) throw refusal;
    const isHeld = await this.database.write(async (transaction) => {
      const file = await transaction.objectStore("files").get(sha256);
      if (!file || file.held) return file?.held ?? false;
      const { confirmed, ...rest } = file;
      if (confirmed !== undefined) await transaction.objectStore("files").put(rest);
      await noteUpload(transaction, remote, rest, "");
      return false;
    });
    if (isHeld) throw refusal;
    throw new Later("The service does not have the file yet.", true);
  }

  /** A service that was restored from a backup, or has forgotten the job, is asked again. */
  private async askAgain(conversion: string): Promise<void> {
    const found = this.journal.model.request(conversion);
    if (!found) return;
    const { fn, options, sha256 } = found.asked;
    await this.database.write(async (transaction) => {
      const outbox = transaction.objectStore("outbox");
      if (await outbox.getKey(jobKey(conversion))) return;
      await outbox.put({ key: jobKey(conversion), kind: "job", about: fn, at: Date.now(), attempts: 0, conversion, sha256, call: { fn, options } });
    });
  }

  private isCancelled(conversion: string): boolean {
    return this.journal.state.value.conversions.get(conversion)?.state === "cancelled";
  }

  private forget(key: string): Promise<void> {
    return this.database.write((transaction) => transaction.objectStore("outbox").delete(key));
  }
}

async function inputs(service: Service): Promise<ReadonlyMap<string, string>> {
  const told: unknown = JSON.parse(await text(await service.ask("GET", "v1/interface")));
  const described = isFields(told) && isFields(told.interface) ? told.interface.functions : undefined;
  if (!Array.isArray(described)) throw new Later("The service does not tell its functions.", true);
  const functions: readonly unknown[] = described;
  const found = new Map<string, string>();
  for (const each of functions) {
    if (!isFields(each) || typeof each.name !== "string" || !Array.isArray(each.inputs)) continue;
    const [first] = each.inputs as readonly unknown[];
    if (isFields(first) && typeof first.name === "string") found.set(each.name, first.name);
  }
  return found;
}

function parsed(data: string): Job | undefined {
  try {
    const job: unknown = JSON.parse(data);
    if (!isFields(job) || jobId(job.id) === undefined || typeof job.state !== "string") return undefined;
    return job as Job;
  } catch {
    return undefined;
  }
}

type Stage = readonly ["running" | "done" | "failed" | "cancelled", unknown];

function stageOf(job: Job): Stage | undefined {
  if (job.state === "running") return ["running", true];
  if (job.state === "cancelled") return ["cancelled", true];
  if (job.state === "failed") return ["failed", edits.failure(problemOf(job.problem))];
  if (job.state !== "done") return undefined;
  const [output] = Array.isArray(job.outputs) ? (job.outputs as readonly unknown[]) : [];
  const result = isFields(output) ? { result: { sha256: output.sha256, type: output.media_type, bytes: output.bytes } } : {};
  const time = typeof job.begun === "number" && typeof job.ended === "number" ? { milliseconds: Math.max(0, Math.round((job.ended - job.begun) * 1000)) } : {};
  return ["done", { ...result, place: "server", ...time }];
}

function problemOf(value: unknown): { code: string; title: string; detail?: string } {
  const fields = isFields(value) ? value : {};
  const text = (name: string): string => (typeof fields[name] === "string" ? fields[name] : "");
  return { code: text("code"), title: text("title"), detail: text("detail") };
}

async function text(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new Later("The service's answer broke off.", false, undefined, { cause: error });
  }
}

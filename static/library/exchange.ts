import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import { type Database, fact, type Writing } from "./database";
import { PAGE } from "./document";
import { LibraryError } from "./errors";
import type { Journal } from "./journal";
import { newId } from "./link";
import { CHANGE } from "./outbox";
import { Later, pathOf, Refusal, type Service } from "./service";
import type { Remote } from "./types";

/** Name of a library's document at the service. */
const DOCUMENT = "library";

/** What a service answered: changes, and what it has now. */
interface Answer {
  readonly updates: readonly Uint8Array[];
  readonly vector: Uint8Array | undefined;
}

/** Brings the document here and that of the service together, by messages of y-protocols/sync. */
export class Exchange {
  /** What the service has, as far as it said; unknown until it is asked. */
  private known: Uint8Array | undefined;

  constructor(
    private readonly database: Database,
    private readonly journal: Journal,
  ) {}

  /**
   * Exchanges what is lacking, and removes the outbox's command for the changes that were sent.
   *
   * @param isWhole asks first what the service has, and sends all that it lacks: a service that was restored from a backup gets everything again.
   * @throws Later, Refusal.
   */
  async run(service: Service, remote: Remote, isWhole: boolean): Promise<void> {
    if (isWhole) this.known = undefined;
    try {
      await this.once(service, remote);
    } catch (error) {
      if (!(error instanceof Refusal) || error.problem.code !== "update_gap" || this.known === undefined) throw error;
      this.known = undefined;
      await this.once(service, remote);
    }
  }

  /** The whole document of the service. */
  async whole(service: Service, remote: Remote): Promise<Uint8Array> {
    const { updates } = await this.post(service, remote, [[messageYjsSyncStep1, EMPTY_VECTOR]]);
    return updates.length === 0 ? EMPTY_UPDATE : Y.mergeUpdates([...updates]);
  }

  private async once(service: Service, remote: Remote): Promise<void> {
    const isKnown = this.known !== undefined;
    if (this.known === undefined) {
      const { vector } = await this.journal.snapshot();
      const answer = await this.post(service, remote, [[messageYjsSyncStep1, vector]]);
      await this.journal.receive(answer.updates);
      this.known = answer.vector ?? EMPTY_VECTOR;
      const had = await this.database.read((transaction) => fact(transaction, "acknowledged"));
      if (had && lacks(this.known, had)) await this.mark();
      // Removals are in no state vector, so they are sent whether or not anything else is lacking.
    }
    const command = await this.database.read((transaction) => transaction.objectStore("outbox").get(CHANGE));
    // What the service has refused, it is not sent again by itself; what others did is had all the same.
    if (command?.problem || (isKnown && !command)) {
      const { vector } = await this.journal.snapshot();
      await this.take(await this.post(service, remote, [[messageYjsSyncStep1, vector]]));
      return;
    }
    const { update, vector, until } = await this.journal.snapshot(this.known);
    const answer = await this.post(service, remote, [
      [messageYjsSyncStep1, vector],
      [messageYjsSyncStep2, update],
    ]);
    await this.take(answer, (transaction) => acknowledge(transaction, until, command?.count ?? 0));
  }

  /** Tells all clients that the service is an older one, in the same exchange in which it gets back what it has lost. */
  private mark(): Promise<void> {
    return this.journal.edit((document) => void document.marks.set("restored", newId()), { origin: PAGE });
  }

  private async take(answer: Answer, also?: (transaction: Writing) => Promise<void>): Promise<void> {
    this.known = answer.vector ?? this.known;
    await this.journal.receive(answer.updates, async (transaction) => {
      if (answer.vector) await transaction.objectStore("facts").put(answer.vector, "acknowledged");
      await also?.(transaction);
    });
  }

  private async post(service: Service, remote: Remote, messages: readonly (readonly [number, Uint8Array])[]): Promise<Answer> {
    const encoder = encoding.createEncoder();
    for (const [kind, data] of messages) {
      encoding.writeVarUint(encoder, kind);
      encoding.writeVarUint8Array(encoder, data);
    }
    const body = new Uint8Array(encoding.toUint8Array(encoder));
    const response = await service.ask("POST", pathOf(remote, `/docs/${DOCUMENT}/sync`), { body, headers: { "Content-Type": "application/octet-stream" } });
    let data: Uint8Array;
    try {
      data = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new Later("The service's answer broke off.", false, undefined, { cause: error });
    }
    return read(data);
  }
}

const EMPTY_VECTOR = new Uint8Array([0]);
const EMPTY_UPDATE = new Uint8Array([0, 0]);

function read(data: Uint8Array): Answer {
  const updates: Uint8Array[] = [];
  let vector: Uint8Array | undefined;
  try {
    const decoder = decoding.createDecoder(data);
    while (decoding.hasContent(decoder)) {
      const kind = decoding.readVarUint(decoder);
      const part = decoding.readVarUint8Array(decoder);
      if (kind === messageYjsSyncStep1) vector = part;
      else if (kind === messageYjsSyncStep2 || kind === messageYjsUpdate) updates.push(part);
    }
    if (vector) Y.decodeStateVector(vector);
  } catch (error) {
    throw new LibraryError("refused", "The service's answer is no answer of y-protocols/sync.", { cause: error });
  }
  return { updates, vector };
}

/** Whether one that has `vector` lacks something that one with `other` has. */
function lacks(vector: Uint8Array, other: Uint8Array): boolean {
  const has = Y.decodeStateVector(vector);
  return [...Y.decodeStateVector(other)].some(([client, clock]) => (has.get(client) ?? 0) < clock);
}

/** Changes that were logged until then are at the service; those that came since are not. */
async function acknowledge(transaction: Writing, until: number, count: number): Promise<void> {
  const outbox = transaction.objectStore("outbox");
  const found = await outbox.get(CHANGE);
  if (!found) return;
  if ((found.until ?? 0) <= until) {
    await outbox.delete(CHANGE);
    return;
  }
  const left = Math.max(1, (found.count ?? 1) - count);
  await outbox.put({ ...found, count: left, about: String(left) });
}

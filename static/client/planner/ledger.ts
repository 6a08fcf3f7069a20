import type { Parts, PlaceName, Priority, Ticket } from "./types";

/** A call under way, with what was expected of it when it began. */
export interface Entry {
  readonly ticket: Ticket;
  readonly place: PlaceName;
  readonly priority: Priority;
  readonly began: number;
  /** When it is expected to reach the place's queue. */
  readonly arrives: number;
  /** What it keeps a worker of the place busy for: start and computing. */
  readonly busy: number;
  readonly parts: Parts;
  /** When it left the queue, where that was told. */
  started: number | undefined;
  /** Milliseconds that calls which began later take from this one's share of the link. */
  crowded: number;
}

/** An entry's expected times. */
interface Course {
  readonly entry: Entry;
  readonly from: number;
  readonly until: number;
}

/** What an overdue call is still expected to take, as a share of what it was expected to take at first. */
const OVERDUE = 0.25;
const RANK: Readonly<Record<Priority, number>> = { high: 0, auto: 1, low: 2 };

/** The planner's own calls under way at one place: they queue before the next one and share its link. */
export class Ledger {
  private readonly entries = new Map<Ticket, Entry>();

  constructor(private readonly now: () => number) {}

  get size(): number {
    return this.entries.size;
  }

  add(entry: Entry): void {
    for (const other of this.entries.values()) other.crowded += Math.min(entry.parts.up, this.uploading(other));
    this.entries.set(entry.ticket, entry);
  }

  /** The calls under way, oldest first. */
  all(): IterableIterator<Entry> {
    return this.entries.values();
  }

  started(ticket: Ticket): void {
    const entry = this.entries.get(ticket);
    if (entry !== undefined) entry.started ??= this.now();
  }

  take(ticket: Ticket): Entry | undefined {
    const entry = this.entries.get(ticket);
    this.entries.delete(ticket);
    return entry;
  }

  /** Milliseconds from now until a call that arrives in `delay` milliseconds gets a worker. */
  queue(delay: number, workers: number, priority: Priority): number {
    const free = this.courses(workers, priority).free;
    return Math.max(0, Math.min(...free) - this.now() - delay);
  }

  /** Milliseconds that an upload of `up` milliseconds waits for those under way: the link is shared evenly. */
  uploads(up: number): number {
    let sum = 0;
    for (const entry of this.entries.values()) sum += Math.min(up, this.uploading(entry));
    return sum;
  }

  /** The same for a download of `down` milliseconds that begins in `delay` milliseconds. */
  downloads(down: number, delay: number, workers: number, priority: Priority): number {
    const begin = this.now() + delay;
    let sum = 0;
    for (const { entry, until } of this.courses(workers, priority).courses) {
      const overlap = until <= begin ? until + entry.parts.down - begin : begin + down - until;
      sum += Math.min(down, Math.max(0, Math.min(overlap, entry.parts.down)));
    }
    return sum;
  }

  private uploading(entry: Entry): number {
    return Math.max(0, Math.min(entry.parts.up, entry.arrives + entry.crowded - this.now()));
  }

  /** First come, first served by `workers`, those of a lower priority left out unless they run already. */
  private courses(workers: number, priority: Priority): { courses: Course[]; free: number[] } {
    const now = this.now();
    const free = Array.from({ length: Math.max(1, Math.min(256, Math.floor(workers))) }, () => Number.NEGATIVE_INFINITY);
    const courses: Course[] = [];
    for (const entry of this.inOrder()) {
      const worker = free.indexOf(Math.min(...free));
      const from = entry.started ?? Math.max(free[worker] ?? 0, entry.arrives + entry.crowded);
      if (RANK[entry.priority] > RANK[priority] && from > now) continue;
      const until = from + entry.busy;
      const isOverdue = until + entry.parts.down + entry.parts.roundTrip < now;
      free[worker] = isOverdue ? now + OVERDUE * entry.busy : until;
      courses.push({ entry, from, until: free[worker] });
    }
    return { courses, free: free.map((at) => Math.max(at, now)) };
  }

  private inOrder(): Entry[] {
    const running = (entry: Entry): number => entry.started ?? Number.POSITIVE_INFINITY;
    const order = (a: number, b: number): number => (a === b ? 0 : a - b);
    return [...this.entries.values()].sort(
      (a, b) => order(running(a), running(b)) || RANK[a.priority] - RANK[b.priority] || order(a.arrives, b.arrives) || a.ticket - b.ticket,
    );
  }
}

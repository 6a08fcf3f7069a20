import type { CodecError, PlaceChoice, Provenance } from "../../client/index";
import { Observable } from "./observable";

/** One call that the page made, for the table of calls and for cancelling. */
export interface CallRecord {
  readonly id: number;
  readonly fn: string;
  /** Where the user wants it; where it ran, its provenance tells. */
  readonly place: PlaceChoice;
  /** What the call does, as a user would say it. */
  readonly label: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  provenance?: Provenance;
  error?: CodecError;
  readonly cancel: () => void;
}

const KEPT = 100;

/** The calls, newest first. */
export class Calls extends Observable<readonly CallRecord[]> {
  private ids = 0;

  constructor() {
    super([]);
  }

  add(record: Omit<CallRecord, "id" | "state">): CallRecord {
    const added: CallRecord = { ...record, id: (this.ids += 1), state: "queued" };
    // Running calls stay in the table however many come after them.
    this.set([added, ...this.value.filter((each, index) => index < KEPT || isActive(each))]);
    return added;
  }

  changed(): void {
    this.set([...this.value]);
  }

  get active(): CallRecord[] {
    return this.value.filter(isActive);
  }
}

export function isActive(record: CallRecord): boolean {
  return record.state === "queued" || record.state === "running";
}

import { type CallSettings, type Codec, CodecError, type PlaceChoice, type Provenance } from "../../client/index";
import type { Calls, CallRecord } from "../model/calls";
import { placeFor } from "../model/places";
import type { Settings } from "../model/settings";

export interface CallPlan<T> {
  fn: string;
  /** What the call does, as a user would say it. */
  label: string;
  /** By default what the user has chosen for the page. */
  place?: PlaceChoice;
  /** Whether a bitmap is asked for, which the browser may make on its own. */
  isPicture?: boolean;
  signal?: AbortSignal | undefined;
  run: (settings: CallSettings) => Promise<T>;
}

/** Makes the page's calls: each is in the table of calls and can be cancelled. */
export class Caller {
  constructor(
    readonly codec: Codec,
    private readonly calls: Calls,
    private readonly settings: Settings,
  ) {}

  /** Where calls run that name no place. */
  get place(): PlaceChoice {
    return this.settings.place.value;
  }

  /** @throws CodecError whatever the call fails with. */
  async call<T extends { provenance: Provenance }>(plan: CallPlan<T>): Promise<T> {
    const place = placeFor(plan.place ?? this.place, plan.isPicture === true);
    return this.record({ ...plan, place }, async (signal, record) => {
      const result = await plan.run({
        place,
        signal,
        onprogress: ({ stage }) => {
          if (stage !== "queued") this.change(record, { state: "running" });
        },
      });
      record.provenance = result.provenance;
      return result;
    });
  }

  /**
   * Does something that is no call, such as a download: it is in the table, too, and can be cancelled.
   *
   * @throws CodecError whatever it fails with.
   */
  async task<T>(plan: Pick<CallPlan<T>, "fn" | "label" | "signal"> & { place: PlaceChoice }, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.record(plan, (signal, record) => {
      this.change(record, { state: "running" });
      return run(signal);
    });
  }

  private async record<T>(
    plan: Pick<CallPlan<T>, "fn" | "label" | "signal"> & { place: PlaceChoice },
    run: (signal: AbortSignal, record: CallRecord) => Promise<T>,
  ): Promise<T> {
    const abort = new AbortController();
    const record = this.calls.add({ fn: plan.fn, label: plan.label, place: plan.place, cancel: () => abort.abort() });
    const signal = plan.signal ? AbortSignal.any([abort.signal, plan.signal]) : abort.signal;
    try {
      const result = await run(signal, record);
      this.change(record, { state: "done" });
      return result;
    } catch (thrown) {
      const error = asCodecError(thrown);
      this.change(record, { state: error.code === "cancelled" ? "cancelled" : "failed", error });
      throw error;
    }
  }

  private change(record: CallRecord, fields: Partial<CallRecord>): void {
    Object.assign(record, fields);
    this.calls.changed();
  }
}

/** Anything thrown as a CodecError. */
export function asCodecError(thrown: unknown): CodecError {
  if (thrown instanceof CodecError) return thrown;
  return new CodecError({ code: "internal", message: thrown instanceof Error ? thrown.message : String(thrown) });
}

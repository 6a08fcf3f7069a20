import type { Answer, CallRequest, Note, Progress, Shared } from "../protocol";

/** What a place tells while it works. */
export interface Report {
  progress: (progress: Progress) => void;
  note: (note: Note) => void;
  /** What it takes to help with the work that begins now, and to stop it; gives whether it could be sent. */
  team: (shared: Shared) => boolean;
}

/**
 * Somewhere that calls run. Each place lives in a worker and is stopped by ending that worker.
 *
 * Which place gets a call is none of a place's business, nor are queues, retries and time limits.
 */
export interface RunningPlace {
  /**
   * Makes one call.
   *
   * @throws CodecError with the module's or the service's own code, or a code of the client.
   */
  run(request: CallRequest, report: Report): Promise<Answer>;
}

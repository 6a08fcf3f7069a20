import { incompatibility } from "./compatible";
import { messageOf } from "./errors";
import type { Session } from "./session";

/** Milliseconds until a module that could not be loaded is tried again. */
const PAUSE = 30_000;

export interface UpgradeOptions {
  /** Whether the service's new module is loaded, or calls stay with the old one. */
  follows: boolean;
  /** Loads the module that the service has now. */
  load: () => Promise<Session>;
  /** Later calls are to have this session. */
  use: (session: Session) => void;
}

/**
 * Keeps a codec alive through an upgrade of its service.
 *
 * While the service has another module, calls run here, with the module that they began with. The new module takes over for later
 * calls where its interface still has everything of the old one.
 */
export class Upgrades {
  /** Why the service's module is not used, for people. */
  why: string | undefined;
  private announced: string | undefined;
  private following: Promise<Session | undefined> | undefined;
  private readonly refused = new Set<string>();
  private pausedUntil = 0;

  constructor(
    private current: Session,
    private readonly options: UpgradeOptions,
  ) {}

  /** Whether the service was heard to have another module than a session's. */
  isOther(session: Session): boolean {
    return this.announced !== undefined && this.announced !== session.sha256;
  }

  /** The service has said which module it has. */
  heard(sha256: string): void {
    this.announced = sha256;
    if (this.isOther(this.current)) void this.follow();
    else this.why = undefined;
  }

  /** The session of the service's module, where it can be had and used; never throws. */
  follow(): Promise<Session | undefined> {
    const isPaused = performance.now() < this.pausedUntil;
    const isRefused = this.announced !== undefined && this.refused.has(this.announced);
    if (!this.options.follows || isPaused || isRefused) return Promise.resolve(undefined);
    return (this.following ??= this.change().finally(() => {
      this.following = undefined;
    }));
  }

  private async change(): Promise<Session | undefined> {
    let next: Session;
    try {
      next = await this.options.load();
    } catch (error) {
      this.why = `the service's module cannot be loaded: ${messageOf(error)}`;
      this.pausedUntil = performance.now() + PAUSE;
      return undefined;
    }
    this.announced = next.sha256;
    const old = this.current;
    const why = next.sha256 === old.sha256 ? "it is the same again" : incompatibility(old.loaded.description, next.loaded.description);
    if (why !== undefined) {
      if (next.sha256 !== old.sha256) this.refused.add(next.sha256);
      this.why = next.sha256 === old.sha256 ? undefined : `the service's module has another interface: ${why}`;
      next.retire();
      return undefined;
    }
    this.why = undefined;
    this.current = next;
    this.options.use(next);
    old.retire();
    return next;
  }
}

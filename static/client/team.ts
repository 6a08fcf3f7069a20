import { type CodecError, hostError } from "./errors";
import type { WorkerHandle } from "./platform/platform";
import type { Shared } from "./protocol";

/** Milliseconds that those who work on a call may take to stop once they were told to. */
export const PATIENCE = 2000;

/** A worker that works on one call of another worker at a time. */
export interface Helper {
  readonly handle: WorkerHandle;
  isAlive: boolean;
  team: Team | undefined;
}

/** What a team's owner does for it. */
export interface TeamOwner {
  /** The team has room for helpers, or wants none any more. */
  changed: () => void;
  /** Ends a helper that does not come back. */
  drop: (helper: Helper) => void;
  /** All have left. */
  over: (team: Team) => void;
}

export interface TeamOptions {
  /** Whether helpers make the call faster. */
  isHelped: boolean;
  isStream: boolean;
  /** Is told where the call cannot go on, because a helper has died or does not stop. */
  lost: (reason: CodecError) => void;
}

/** The threads of one call: its own, and its helpers. Words in the memory that they share tell them to leave and to stop. */
export class Team {
  /** What a helper trapped with. */
  fault: string | undefined;
  /** How many threads it may have by now. */
  threads = 1;
  /** Nobody joins any more. */
  isOver = false;
  private shared: Shared | undefined;
  private blocks: number[] = [];
  /** Blocks of the helpers that are at work; undefined where one was sent away. */
  private readonly helping = new Map<Helper, number | undefined>();
  private done: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly options: TeamOptions,
    private readonly owner: TeamOwner,
  ) {}

  /** Helpers that are to stay. */
  get size(): number {
    return [...this.helping.values()].filter((block) => block !== undefined).length;
  }

  get hasRoom(): boolean {
    return !this.isOver && this.blocks.length > 0;
  }

  /** The call's instance is ready: others can help with it, and stop it. */
  equip(shared: Shared): void {
    if (this.isOver) return;
    this.shared = shared;
    this.blocks = [...shared.blocks];
    this.owner.changed();
  }

  /** Sends a helper to work. */
  join(helper: Helper): void {
    const block = this.blocks.shift();
    if (!this.shared || block === undefined) return;
    this.helping.set(helper, block);
    helper.team = this;
    helper.handle.setBusy(true);
    helper.handle.post({ type: "help", memory: this.shared.memory, block }, []);
  }

  /** Lets a helper leave after its present task. */
  sendAway(): void {
    const found = [...this.helping].find(([, block]) => block !== undefined);
    if (!found) return;
    const [helper, block = 0] = found;
    this.write(block, 1);
    this.helping.set(helper, undefined);
  }

  /** A helper has come back, or is gone. */
  returned(helper: Helper): void {
    helper.team = undefined;
    helper.handle.setBusy(false);
    this.helping.delete(helper);
    this.settle();
  }

  /** A helper has trapped: the call does, too, and then says so itself. */
  trapped(fault: string): void {
    if (this.isOver) return;
    this.fault ??= fault;
    this.stop();
    this.timer ??= setTimeout(() => this.options.lost(hostError("worker_crashed", `the call does not stop: ${fault}`)), PATIENCE);
  }

  /** Has the call and its helpers trap soon. @returns whether it can. */
  stop(): boolean {
    this.isOver = true;
    if (!this.shared) return false;
    this.write(this.shared.stop, 1);
    return true;
  }

  /** The call has ended: `done` is called when all helpers have left its memory, which they must before another call begins in it. */
  end(done: () => void = () => undefined): void {
    this.isOver = true;
    this.done = done;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.giveUp(), PATIENCE);
    this.settle();
  }

  private giveUp(): void {
    for (const helper of [...this.helping.keys()]) {
      this.owner.drop(helper);
      this.returned(helper);
    }
  }

  private settle(): void {
    const { done } = this;
    if (!done || this.helping.size > 0) return;
    this.done = undefined;
    this.shared = undefined;
    clearTimeout(this.timer);
    this.owner.over(this);
    done();
  }

  private write(address: number, value: number): void {
    if (this.shared) Atomics.store(new Int32Array(this.shared.memory.buffer, address, 1), 0, value);
  }
}

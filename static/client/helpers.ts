import { hostError } from "./errors";
import type { StartWorker } from "./platform/platform";
import type { FromWorker } from "./protocol";
import { type Helper, Team, type TeamOptions } from "./team";

export interface HelpersOptions {
  /** Threads of all calls together; 1 as long as the module cannot be helped. */
  threads: () => number;
  /** Starts a worker that has the module. */
  start: StartWorker;
}

/**
 * Workers that help with the calls of others, shared out anew whenever a call begins or ends: all threads for a call that is alone,
 * equal shares for several. Streams, which wait for the network, get what calls leave.
 */
export class Helpers {
  private readonly all = new Set<Helper>();
  private readonly teams = new Set<Team>();
  private isClosed = false;
  private isForgone = false;

  constructor(private readonly options: HelpersOptions) {}

  /** A call begins; how many threads it may have, its team knows. */
  enter(options: TeamOptions): Team {
    const team = new Team(options, {
      changed: () => this.share(),
      drop: (helper) => this.drop(helper),
      over: (each) => {
        this.teams.delete(each);
        this.share();
      },
    });
    this.teams.add(team);
    this.share();
    // While the call is still on its way; those who come late find it begun.
    while (!this.isClosed && this.all.size < team.threads - 1) this.start();
    return team;
  }

  /** Ends all helpers; later calls get new ones. */
  clear(): void {
    for (const helper of [...this.all]) {
      this.drop(helper);
      helper.team?.returned(helper);
    }
  }

  /** Memory cannot be sent here: there is no help any more. */
  forgo(): void {
    this.isForgone = true;
    this.clear();
  }

  /** As `clear`, for good. */
  close(): void {
    this.isClosed = true;
    this.clear();
  }

  /** Gives every call its share of the threads; who has too many lets helpers leave after their present task. */
  private share(): void {
    const helped = [...this.teams].filter(({ isOver, options }) => !isOver && options.isHelped);
    let left = this.isForgone ? 1 : this.options.threads();
    for (const isStream of [false, true]) {
      const teams = helped.filter(({ options }) => options.isStream === isStream);
      for (const [index, team] of teams.entries()) {
        const threads = Math.max(1, Math.floor(left / (teams.length - index)));
        left = Math.max(0, left - threads);
        team.threads = threads;
        this.staff(team, threads - 1);
      }
    }
  }

  private staff(team: Team, wanted: number): void {
    while (team.size > wanted) team.sendAway();
    while (team.size < wanted && team.hasRoom) {
      const helper = [...this.all].find(({ isAlive, team: other }) => isAlive && !other);
      if (!helper) return;
      team.join(helper);
    }
  }

  private start(): void {
    const handle = this.options.start({
      heard: (message) => this.receive(helper, message),
      ended: (why) => this.lose(helper, why),
    });
    const helper: Helper = { handle, isAlive: false, team: undefined };
    this.all.add(helper);
  }

  private receive(helper: Helper, message: FromWorker): void {
    if (message.type === "alive") helper.isAlive = true;
    else if (message.type === "helped") {
      if (message.fault !== undefined) helper.team?.trapped(message.fault);
      helper.team?.returned(helper);
    } else return;
    this.share();
  }

  private lose(helper: Helper, why: string | undefined): void {
    const { team } = helper;
    this.drop(helper);
    team?.returned(helper);
    if (team && !team.isOver) team.options.lost(hostError("worker_crashed", `a helper stopped unexpectedly${why ? `: ${why}` : ""}`));
  }

  private drop(helper: Helper): void {
    this.all.delete(helper);
    helper.handle.terminate();
  }
}

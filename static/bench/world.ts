import type { Observation, PlaceName, PlaceStates, ServerLoad } from "../client/planner/types";
import { Clock } from "./clock";
import { Crew } from "./crew";
import { Pipe } from "./pipe";
import { Random } from "./random";
import { type Change, SERVER, type Scenario } from "./scenario";
import type { Trace } from "./trace";
import type { Call } from "./workload";

/** The places of the simulation: what shows pictures in the browser itself is left out, since it is no alternative for samples. */
export type Side = Extract<PlaceName, "local" | "server">;

/** Decides where a call goes, and is told what came of it. */
export interface Policy {
  decide(call: Call, world: World): { readonly place: Side; readonly hedge?: { readonly place: Side; readonly after: number } | undefined };
  begin?(place: Side, call: Call, world: World): number;
  started?(ticket: number): void;
  observe?(ticket: number, place: Side, observation: Observation): void;
  spendHedge?(): boolean;
  load?(load: ServerLoad): void;
  /** Once, before the first call: the client has connected. */
  connect?(world: World): void;
}

/** One attempt at one place. */
interface Attempt {
  readonly call: Call;
  readonly place: Side;
  readonly began: number;
  ticket: number;
  stop: () => void;
  isOver: boolean;
}

const PACKET = 1460;
const FIRST_WINDOW = 10 * PACKET;
const REQUEST_BYTES = 600;
/** A cold worker on the reference machine: starting it with the compiled module was measured in Node (V8) at 36 to 92 ms. Handing a message over. */
const COLD = 80;
const MESSAGE = 0.5;
const COPY_PER_BYTE = 4e-7;
/** Whole seconds, as the service computes them. */
const LONGEST_RETRY = 60;

/** One client with its device, its network and the server, on a simulated clock. */
export class World {
  readonly clock = new Clock();
  readonly device: Crew;
  readonly server: Crew;
  private readonly upload: Pipe;
  private readonly download: Pipe;
  private readonly random: Random;
  private readonly latencies: number[] = [];
  private readonly counts = { local: 0, server: 0, hedges: 0, refusals: 0 };
  private change: Change | undefined;
  private done = 0;

  constructor(
    readonly scenario: Scenario,
    readonly trace: Trace,
    private readonly policy: Policy,
  ) {
    const { network, device } = scenario;
    this.device = new Crew(this.clock, device.workers, true);
    this.server = new Crew(this.clock, SERVER.threads, false);
    this.upload = new Pipe(this.clock, network.up / 8000);
    this.download = new Pipe(this.clock, network.down / 8000);
    this.random = new Random(trace.seed ^ 0x5eed);
  }

  /** Runs the trace; latencies by call. */
  run(): { latencies: readonly number[]; counts: Readonly<World["counts"]> } {
    this.policy.connect?.(this);
    this.others();
    this.next(0);
    while (this.done < this.trace.calls.length && this.clock.step());
    return { latencies: this.latencies, counts: this.counts };
  }

  get states(): PlaceStates {
    const { device } = this.scenario;
    return {
      local: { available: true, workers: device.workers, cold: this.device.isCold, memoryLimit: device.memory, bodyLimit: undefined },
      server: { available: true, workers: SERVER.threads, cold: false, memoryLimit: SERVER.memory, bodyLimit: SERVER.body },
    };
  }

  fits(call: Call, place: Side): boolean {
    const memory = place === "local" ? this.scenario.device.memory : SERVER.memory;
    return (call.job.memory ?? 0) <= memory;
  }

  get rtt(): number {
    return this.scenario.network.rtt * (this.change?.rtt ?? 1);
  }

  /** Milliseconds of computing as things are now. */
  computing(call: Call, place: Side, luck: boolean): number {
    const character = this.trace.character[place].get(call.case) ?? 1;
    const slowness = place === "local" ? this.scenario.device.slowness * (this.change?.device ?? 1) : SERVER.slowness * (this.change?.server ?? 1);
    return call.truth * slowness * character * (luck ? call.luck[place] : 1);
  }

  /**
   * What a call would take at a place if it went there now and no other came after it: every coefficient, queue and rate is known.
   *
   * @param luck whether chance is known, too.
   * @param isWarm whether a cold start is left out.
   */
  foresee(call: Call, place: Side, luck: boolean, isWarm = false): number {
    const computing = this.computing(call, place, luck);
    if (place === "local") {
      const cold = this.device.isCold && !isWarm ? COLD * this.slow() : 0;
      return this.device.wait(0) + cold + computing + this.copying(call);
    }
    const { before, after } = this.latency(call, luck);
    const up = this.upload.time((call.job.bytesIn + REQUEST_BYTES) * (luck ? call.luck.up : 1));
    const down = this.download.time((call.bytesOut + REQUEST_BYTES) * (luck ? call.luck.down : 1));
    return before + up + this.server.wait(before + up) + computing + after + down;
  }

  load(): ServerLoad {
    return { running: this.server.running, waiting: this.server.queued, threads: SERVER.threads, wait: this.server.wait(0) };
  }

  private next(index: number): void {
    const call = this.trace.calls[index];
    if (call === undefined) return;
    this.clock.after(call.gap, () => {
      this.turn(index / this.trace.calls.length);
      this.arrive(call);
      this.next(index + 1);
    });
  }

  /** Conditions change with the second third of the calls, and back with the last. */
  private turn(share: number): void {
    const { change, network } = this.scenario;
    const now = share >= 1 / 3 && share < 2 / 3 ? change : undefined;
    if (now === this.change) return;
    this.change = now;
    this.upload.set((network.up / 8000) * (now?.bandwidth ?? 1));
    this.download.set((network.down / 8000) * (now?.bandwidth ?? 1));
  }

  private others(): void {
    const busy = this.scenario.change.others[this.change === undefined ? 0 : 1];
    const rate = (busy * SERVER.threads) / this.trace.typical;
    const gap = this.random.exponential(1 / Math.max(rate, 1e-12));
    const takes = this.random.exponential(this.trace.typical);
    if (this.scenario.change.others.every((share) => share === 0)) return;
    this.clock.after(gap, () => {
      const nothing = (): void => undefined;
      if (this.server.queued < SERVER.queue) this.server.add({ takes: () => takes, started: nothing, done: nothing });
      this.others();
    });
  }

  private arrive(call: Call): void {
    const arrived = this.clock.now;
    const decision = this.policy.decide(call, this);
    const attempts: Attempt[] = [];
    let isSettled = false;
    const settle = (winner: Attempt): void => {
      isSettled = true;
      this.done += 1;
      this.latencies[call.id] = this.clock.now - arrived;
      for (const each of attempts) {
        if (each === winner || each.isOver) continue;
        each.isOver = true;
        each.stop();
        this.policy.observe?.(each.ticket, each.place, { outcome: "lost_race", total: this.clock.now - each.began });
      }
    };
    const go = (place: Side): void => {
      this.counts[place] += 1;
      attempts.push(
        this.attempt(call, place, settle, () => {
          if (!isSettled && attempts.every(({ isOver }) => isOver)) go(place === "server" && this.fits(call, "local") ? "local" : "server");
        }),
      );
    };
    go(decision.place);
    const { hedge } = decision;
    if (hedge === undefined) return;
    this.clock.after(hedge.after, () => {
      if (isSettled || attempts.length > 1 || this.policy.spendHedge?.() !== true) return;
      this.counts.hedges += 1;
      go(hedge.place);
    });
  }

  private attempt(call: Call, place: Side, settle: (attempt: Attempt) => void, failed: () => void): Attempt {
    const attempt: Attempt = { call, place, began: this.clock.now, ticket: 0, stop: () => undefined, isOver: false };
    attempt.ticket = this.policy.begin?.(place, call, this) ?? 0;
    const end = (observation: Observation): void => {
      if (attempt.isOver) return;
      attempt.isOver = true;
      this.policy.observe?.(attempt.ticket, place, observation);
      if (observation.outcome === "ok") settle(attempt);
      else this.clock.after(place === "server" && !this.fits(call, "local") ? this.retryAfter() : 0, failed);
    };
    if (place === "local") this.here(attempt, end);
    else this.there(attempt, end);
    return attempt;
  }

  private here(attempt: Attempt, end: (observation: Observation) => void): void {
    const { call, began } = attempt;
    const computing = this.computing(call, "local", true);
    const copying = this.copying(call);
    let queue = 0;
    let start = 0;
    attempt.stop = this.device.add({
      takes: (isCold) => (isCold ? COLD * this.slow() : 0) + computing + copying,
      started: (isCold) => {
        queue = this.clock.now - began;
        start = isCold ? COLD * this.slow() : 0;
        this.policy.started?.(attempt.ticket);
      },
      done: () =>
        end({ outcome: "ok", total: this.clock.now - began, queue, start, compute: computing, bytesUp: call.job.bytesIn, bytesDown: call.bytesOut }),
    });
  }

  private there(attempt: Attempt, end: (observation: Observation) => void): void {
    const { call } = attempt;
    const { luck } = call;
    const { before, after } = this.latency(call, true);
    const step = (delay: number, then: () => void): void => this.clock.after(delay, () => (attempt.isOver ? undefined : then()));
    step(before, () => {
      attempt.stop = this.upload.send((call.job.bytesIn + REQUEST_BYTES) * luck.up, () => this.serve(attempt, end, after));
    });
    attempt.stop = () => undefined;
  }

  private serve(attempt: Attempt, end: (observation: Observation) => void, after: number): void {
    const { call, began } = attempt;
    const arrived = this.clock.now;
    if (this.server.queued >= SERVER.queue) {
      this.counts.refusals += 1;
      end({ outcome: "refused", total: this.clock.now - began, retryAfter: this.retryAfter() });
      return;
    }
    const compute = this.computing(call, "server", true);
    let queue = 0;
    attempt.stop = this.server.add({
      takes: () => compute,
      started: () => {
        queue = this.clock.now - arrived;
      },
      done: () => {
        this.clock.after(after, () => {
          if (attempt.isOver) return;
          const headers = this.clock.now;
          this.policy.load?.(this.load());
          attempt.stop = this.download.send((call.bytesOut + REQUEST_BYTES) * call.luck.down, () => {
            const total = this.clock.now - began;
            const download = this.clock.now - headers;
            end({ outcome: "ok", total, queue, start: 0, compute, download, bytesUp: call.job.bytesIn, bytesDown: call.bytesOut });
          });
        });
      },
    });
  }

  /** Half a round trip each way, further ones while TCP finds its rate, and waiting for what was lost. */
  private latency(call: Call, luck: boolean): { before: number; after: number } {
    const rtt = this.rtt * (luck ? call.luck.rtt : 1);
    const one = (bytes: number, rate: number): number => {
      const window = Math.max(FIRST_WINDOW, (rate / 8000) * rtt);
      const rounds = 0.5 * Math.log2(1 + Math.min(bytes, window) / FIRST_WINDOW);
      const lost = 1 - (1 - this.scenario.network.loss) ** Math.min(20, bytes / PACKET);
      const wait = Math.max(200, 2 * rtt);
      const loss = luck ? (call.luck.loss < lost ? wait * (0.5 + call.luck.stall) : 0) : lost * wait;
      return rtt * (0.5 + rounds) + loss;
    };
    const { network } = this.scenario;
    const bandwidth = this.change?.bandwidth ?? 1;
    return { before: one(call.job.bytesIn, network.up * bandwidth), after: one(call.bytesOut, network.down * bandwidth) };
  }

  /** What the service says with a 503: when those that wait will be done. */
  private retryAfter(): number {
    const ahead = ((this.server.queued + 1) * this.trace.typical) / SERVER.threads;
    return 1000 * Math.min(LONGEST_RETRY, Math.max(1, Math.ceil(ahead / 1000)));
  }

  private copying(call: Call): number {
    return (MESSAGE + COPY_PER_BYTE * (call.job.bytesIn + call.bytesOut)) * this.slow();
  }

  private slow(): number {
    return this.scenario.device.slowness * (this.change?.device ?? 1);
  }
}

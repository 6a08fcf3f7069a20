import type { Priors } from "../client/planner/types";

/** A client's machine; `slowness` against the reference machine, on one thread. */
export interface Device {
  readonly name: string;
  readonly slowness: number;
  readonly workers: number;
  readonly memory: number;
  readonly priors: Priors;
}

/** A way to the server; rates in bits per second, times in milliseconds. */
export interface Network {
  readonly name: string;
  readonly rtt: number;
  /** Deviations of the logarithms of a round trip and of a transfer's rate. */
  readonly jitter: number;
  readonly sway: number;
  readonly down: number;
  readonly up: number;
  /** Share of packets that are lost. */
  readonly loss: number;
  readonly priors: Priors;
}

/** What changes in the second third of a trace, and back after it; factors. */
export interface Change {
  readonly name: string;
  readonly device: number;
  readonly bandwidth: number;
  readonly rtt: number;
  readonly server: number;
  /** Share of the server's threads that others keep busy, before and during. */
  readonly others: readonly [number, number];
}

const GiB = 2 ** 30;

export const DEVICES: readonly Device[] = [
  { name: "slow phone", slowness: 8, workers: 1, memory: GiB / 2, priors: { hardwareConcurrency: 4, deviceMemory: 2, mobile: true } },
  { name: "phone", slowness: 3, workers: 2, memory: GiB, priors: { hardwareConcurrency: 8, deviceMemory: 4, mobile: true } },
  { name: "laptop", slowness: 1.3, workers: 2, memory: 2 * GiB, priors: { hardwareConcurrency: 8, deviceMemory: 8 } },
  { name: "workstation", slowness: 0.7, workers: 4, memory: 2 * GiB, priors: { hardwareConcurrency: 16, deviceMemory: 8 } },
];

export const NETWORKS: readonly Network[] = [
  { name: "3G", rtt: 300, jitter: 0.3, sway: 0.3, down: 1.6e6, up: 0.75e6, loss: 0.01, priors: { downlink: 1.5, rtt: 300 } },
  { name: "4G", rtt: 70, jitter: 0.3, sway: 0.3, down: 20e6, up: 8e6, loss: 0.003, priors: { downlink: 10, rtt: 100 } },
  { name: "Wi-Fi, DSL", rtt: 30, jitter: 0.2, sway: 0.15, down: 50e6, up: 10e6, loss: 0.001, priors: { connection: "wifi", downlink: 10, rtt: 50 } },
  { name: "fibre", rtt: 8, jitter: 0.15, sway: 0.1, down: 500e6, up: 200e6, loss: 1e-4, priors: { connection: "ethernet", downlink: 10, rtt: 0 } },
  { name: "LAN", rtt: 1, jitter: 0.15, sway: 0.1, down: 1e9, up: 1e9, loss: 0, priors: { connection: "ethernet", downlink: 10, rtt: 0 } },
  { name: "loopback", rtt: 0.3, jitter: 0.15, sway: 0.1, down: 1e10, up: 1e10, loss: 0, priors: { loopback: true } },
];

/** Bytes of input; undefined: each call's is drawn from all of them. */
export const SIZES: readonly (number | undefined)[] = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, undefined];

export const CHANGES: readonly Change[] = [
  { name: "steady", device: 1, bandwidth: 1, rtt: 1, server: 1, others: [0, 0] },
  { name: "network drops", device: 1, bandwidth: 1 / 8, rtt: 3, server: 1, others: [0.3, 0.3] },
  { name: "device throttles", device: 3, bandwidth: 1, rtt: 1, server: 1, others: [0.3, 0.3] },
  { name: "server is crowded", device: 1, bandwidth: 1, rtt: 1, server: 1.5, others: [0.3, 0.95] },
];

/** The server of all scenarios. */
export const SERVER = { slowness: 1, threads: 4, memory: 4 * GiB, body: 256e6, queue: 32 };

/** How much the engines and processors of two machines differ in one function beside their general speed. */
export const CHARACTER = 0.2;

export interface Scenario {
  readonly device: Device;
  readonly network: Network;
  readonly size: number | undefined;
  readonly change: Change;
}

export function scenarios(pick: (index: number) => boolean = () => true): Scenario[] {
  const all = DEVICES.flatMap((device) =>
    NETWORKS.flatMap((network) => SIZES.flatMap((size) => CHANGES.map((change) => ({ device, network, size, change })))),
  );
  return all.filter((_, index) => pick(index));
}

import type { PlaceName, PlannerSettings, Priors } from "./types";

/** Round trip in milliseconds and bits per second, down and up, by `navigator.connection.type`: middling ones. */
const CONNECTIONS: Readonly<Record<string, readonly [rtt: number, down: number, up: number]>> = {
  cellular: [80, 20e6, 6e6],
  bluetooth: [100, 1e6, 1e6],
  wimax: [80, 10e6, 3e6],
  wifi: [30, 50e6, 15e6],
  ethernet: [15, 100e6, 40e6],
};
const UNKNOWN_CONNECTION = [50, 20e6, 8e6] as const;
const LOOPBACK = [1, 4e9, 4e9] as const;
/** Uploads are slower by so much where only the way down is known. */
const ASYMMETRY = 3;
/** `connection.downlink` is capped by browsers, against fingerprinting: at or above that it says little. */
const CAPPED_DOWNLINK = 10e6;
const BITS_TO_MS_PER_BYTE = 8000;
/** Milliseconds that a byte of compiled module takes to get ready in another worker, on the reference machine. */
const COMPILE_PER_BYTE = 1.5e-5;

/** Slowness against the reference machine, from the little that a browser tells; the probe soon knows better. */
export function slowness({ hardwareConcurrency, deviceMemory, mobile }: Priors): number {
  let factor = 1.6;
  if (hardwareConcurrency !== undefined) factor = hardwareConcurrency >= 12 ? 1 : hardwareConcurrency >= 8 ? 1.3 : hardwareConcurrency >= 4 ? 2 : 3;
  if (deviceMemory !== undefined && deviceMemory <= 2) factor = Math.max(factor, 4);
  if (mobile === true) factor = Math.max(factor, 3);
  return factor;
}

/** Round trip (ms) and milliseconds per byte each way, from the connection's hints. */
export function connectionOf({ connection, downlink, rtt, loopback }: Priors): { rtt: number; up: number; down: number } {
  if (loopback === true) return perByte(LOOPBACK);
  const known = connection !== undefined && Object.hasOwn(CONNECTIONS, connection) ? CONNECTIONS[connection] : undefined;
  const [typicalRtt, typicalDown, typicalUp] = known ?? UNKNOWN_CONNECTION;
  const hinted = downlink === undefined || !(downlink > 0) ? undefined : downlink * 1e6;
  const down = hinted === undefined ? typicalDown : hinted >= CAPPED_DOWNLINK ? Math.max(hinted, typicalDown) : hinted;
  const up = hinted === undefined || hinted >= CAPPED_DOWNLINK ? typicalUp : hinted / ASYMMETRY;
  return perByte([rtt === undefined || !(rtt > 0) ? typicalRtt : rtt, down, up]);
}

function perByte([rtt, down, up]: readonly [number, number, number]): { rtt: number; up: number; down: number } {
  return { rtt, up: BITS_TO_MS_PER_BYTE / up, down: BITS_TO_MS_PER_BYTE / down };
}

/** Expected milliseconds of a cold start on the reference machine. */
export function coldStart({ moduleBytes }: Priors): number {
  return 20 + COMPILE_PER_BYTE * (moduleBytes ?? 4e6);
}

/** What bytes sent or received, and time computed here, cost the user beside waiting: in milliseconds per byte and per millisecond. */
export class Weights {
  private readonly byte: number;
  private readonly compute: number;
  /** What makes them so, for the sentence that explains a decision. */
  readonly because: string | undefined;

  constructor(priors: Priors, settings: PlannerSettings) {
    const isLow = priors.battery !== undefined && !priors.battery.charging && priors.battery.level <= 0.2;
    const isCellular = priors.connection === "cellular";
    const saves = priors.saveData === true;
    const { byteWeight, computeWeight } = settings;
    this.byte = (Math.max(saves ? byteWeight.saveData : 0, isCellular ? byteWeight.cellular : 0) + (isLow ? byteWeight.battery : 0)) / 1e6;
    const pressure = priors.pressure === "critical" ? computeWeight.critical : priors.pressure === "serious" ? computeWeight.serious : 0;
    this.compute = (isLow ? computeWeight.battery : 0) + pressure;
    const reasons = [saves ? "data is to be saved" : isCellular ? "the connection may be metered" : "", isLow ? "the battery is low" : "", pressure > 0 ? "the processor is hot" : ""];
    this.because = reasons.filter((reason) => reason !== "").join(" and ") || undefined;
  }

  penalty(place: PlaceName, bytes: number, computing: number): number {
    return place === "server" ? bytes * this.byte : computing * this.compute;
  }

  /** Whether bytes cost something: then nothing is sent that may turn out to be of no use. */
  get isMetered(): boolean {
    return this.byte > 0;
  }
}

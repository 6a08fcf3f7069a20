import type { Priors } from "../planner/types";

/** The Network Information API, as far as it is used; Chromium alone has it. */
interface NetworkInformation extends EventTarget {
  readonly downlink?: number;
  readonly rtt?: number;
  readonly type?: string;
  readonly saveData?: boolean;
}

/** Tells what the browser says of its connection, now and when it changes. */
export function watchNetwork(tell: (priors: Priors) => void, signal: AbortSignal): void {
  const { connection } = navigator as Navigator & { connection?: NetworkInformation };
  const look = (): void => {
    const { downlink, rtt, type, saveData } = connection ?? {};
    tell({ downlink, rtt, connection: type, saveData });
  };
  if (!connection) return;
  look();
  connection.addEventListener("change", look, { signal });
}

import type { Priors } from "../planner/types";

/** What the browser says of the machine: cores, memory in GiB, whether it is a phone or a tablet. */
export function hardware(): Priors {
  const { hardwareConcurrency, deviceMemory, userAgentData } = navigator as Partial<Navigator> & {
    deviceMemory?: number;
    userAgentData?: { mobile?: boolean };
  };
  return { hardwareConcurrency, deviceMemory, mobile: userAgentData?.mobile };
}

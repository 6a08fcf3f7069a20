import type { Remote } from "../../library/index";
import { isRecord } from "../../client/interface";
import { remember, remembered } from "./remembered";

const JOINED = "libraries";
const CHOSEN = "library";

/** The libraries of others that were opened here by their links. */
export function joined(): Remote[] {
  try {
    const kept: unknown = JSON.parse(remembered(JOINED) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isRemote) : [];
  } catch {
    // Somebody else's, or cut off.
    return [];
  }
}

export function join(remote: Remote): void {
  remember(JOINED, JSON.stringify([...joined().filter(({ id }) => id !== remote.id), remote]));
}

/** The library that was open last; undefined for this browser's own. */
export function lastOpen(): Remote | undefined {
  const id = remembered(CHOSEN);
  return joined().find((each) => each.id === id);
}

export function noteOpen(remote: Remote | undefined): void {
  remember(CHOSEN, remote?.id ?? "");
}

function isRemote(value: unknown): value is Remote {
  return isRecord(value) && typeof value.id === "string" && typeof value.key === "string";
}

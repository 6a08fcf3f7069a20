import type { PlannerRecord, ServerLoad } from "../../client/index";
import { bytes, many, milliseconds, ratio } from "./format";

/** One thing that was learned, or told. */
export interface Known {
  label: string;
  value: string;
}

/** What the client has learned of places, out of the record that it keeps. Values there are logarithms. */
export function learned({ coefficients }: Pick<PlannerRecord, "coefficients">): Known[] {
  const value = (key: string): number | undefined => {
    const found = Object.hasOwn(coefficients, key) ? coefficients[key] : undefined;
    return found && found[2] > 0 ? Math.exp(found[0]) : undefined;
  };
  const told = (label: string, key: string, text: (number: number) => string): Known[] => {
    const number = value(key);
    return number === undefined ? [] : [{ label, value: text(number) }];
  };
  const time = (number: number): string => `${ratio(number)} the reference machine’s time`;
  const speed = (perByte: number): string => `${bytes(1000 / perByte)}/s`;
  const kinds = Object.keys(coefficients).filter((key) => key.startsWith("kind:") && value(key) !== undefined);
  return [
    ...told("This browser", "machine:local", time),
    ...told("Its own decoder", "machine:native", time),
    ...told("Server", "machine:server", time),
    ...told("Round trip", "rtt:server", milliseconds),
    ...told("Upload", "up:server", speed),
    ...told("Download", "down:server", speed),
    { label: "Seen so far", value: kinds.length === 0 ? "no calls" : many(kinds.length, "kind of call", "kinds of calls") },
  ];
}

/** The server's load as it was last told. */
export function loadOf(load: ServerLoad | undefined): string {
  if (!load) return "not heard of";
  const { running, waiting, threads, wait } = load;
  const queue = waiting > 0 ? `, ${waiting} waiting, ${milliseconds(wait)} until one begins` : ", nothing waiting";
  return `${running} of ${many(threads, "thread")} busy${queue}`;
}

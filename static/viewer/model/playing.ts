import { frameAt } from "./picture";

/** How often an animation plays: as the file says, once, or for ever. */
export type Loop = "file" | "once" | "forever";

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4];
export const LOOPS: readonly Loop[] = ["file", "once", "forever"];

/** Seconds of each frame in a file that gives its frames no time at all. */
const UNTIMED = 0.1;

/** The next faster or slower speed. */
export function otherSpeed(speed: number, direction: 1 | -1): number {
  const next = SPEEDS.indexOf(speed) + direction;
  return SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, next))] ?? speed;
}

export function isLoop(value: string): value is Loop {
  return LOOPS.some((each) => each === value);
}

/** Seconds that each frame is shown. */
export function timing(durations: readonly number[]): number[] {
  return durations.some((each) => each > 0) ? [...durations] : durations.map(() => UNTIMED);
}

/** The frame to be seen some seconds after the beginning, and whether the animation is over. */
export function shownAt(durations: readonly number[], seconds: number, plays: number): { frame: number; isOver: boolean } {
  const total = durations.reduce((sum, each) => sum + each, 0);
  if (plays > 0 && seconds >= total * plays) return { frame: Math.max(0, durations.length - 1), isOver: true };
  return { frame: frameAt(durations, seconds).index, isOver: false };
}

/** Seconds from the beginning to a frame. */
export function beginningOf(durations: readonly number[], frame: number): number {
  return durations.slice(0, frame).reduce((sum, each) => sum + each, 0);
}

/** How often to play; 0 is for ever. */
export function playsOf(loop: Loop, loopsInFile: number): number {
  return { file: loopsInFile, once: 1, forever: 0 }[loop];
}

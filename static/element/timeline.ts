/** When which frame of an animation is to be seen; pure, so that it can be told any time. */

export interface Moment {
  /** Index of the frame. */
  index: number;
  /** Seconds until another one is due; Infinity for none. */
  left: number;
  /** Whether it has been played as often as it asks for. */
  isOver: boolean;
}

/**
 * Where an animation is after some seconds of playing.
 *
 * @param durations of its frames, in seconds.
 * @param loops how often it is played; 0 is for ever.
 * @param isWhole whether these are all frames; until then the last one is held.
 */
export function momentAt(durations: readonly number[], seconds: number, loops: number, isWhole: boolean): Moment {
  const total = durations.reduce((sum, each) => sum + each, 0);
  const last = { index: Math.max(0, durations.length - 1), left: Infinity };
  if (!(total > 0)) return { ...last, isOver: isWhole };
  if (!isWhole && seconds >= total) return { ...last, isOver: false };
  if (loops > 0 && seconds >= total * loops) return { ...last, isOver: true };
  let rest = seconds % total;
  for (const [index, duration] of durations.entries()) {
    if (rest < duration) return { index, left: duration - rest, isOver: false };
    rest -= duration;
  }
  return { index: last.index, left: 0, isOver: false };
}

import { onKeys } from "./keys";

/** What the keys do that are about looking at a picture. */
export interface ViewActions {
  rotate: (by: 1 | -1) => void;
  mirror: () => void;
  inspect: () => void;
  /** Moves the cross-hair; false where there is none. */
  point: (dx: number, dy: number) => boolean;
  grid: () => void;
  alpha: () => void;
  faster: (direction: 1 | -1) => void;
  /** The first frame, or the last one (-1). */
  seek: (frame: 0 | -1) => boolean;
}

/** Pixels that the cross-hair moves at once while Shift is held. */
const LEAP = 10;
const ARROWS: Record<string, [number, number] | undefined> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Binds the keys for looking at a picture; to be called before those that move it, which the cross-hair takes the arrows from. */
export function bindViewKeys(canvas: HTMLElement, everywhere: () => boolean, actions: ViewActions): void {
  const simple: Record<string, (() => void) | undefined> = {
    m: actions.mirror,
    i: actions.inspect,
    g: actions.grid,
    a: actions.alpha,
    ">": () => actions.faster(1),
    "<": () => actions.faster(-1),
  };
  onKeys(canvas, everywhere, (event, isOnPicture) => {
    const arrow = ARROWS[event.key];
    const leap = event.shiftKey ? LEAP : 1;
    if (arrow) return isOnPicture && actions.point(arrow[0] * leap, arrow[1] * leap);
    if (isOnPicture && (event.key === "Home" || event.key === "End")) return actions.seek(event.key === "Home" ? 0 : -1);
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = key === "r" ? () => actions.rotate(event.shiftKey ? -1 : 1) : simple[key];
    action?.();
    return action !== undefined;
  });
}

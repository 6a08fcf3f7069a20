/** What the keys do. */
export interface KeyActions {
  zoomIn: () => void;
  zoomOut: () => void;
  fit: () => void;
  one: () => void;
  pan: (dx: number, dy: number) => void;
  play: () => void;
  frame: (by: 1 | -1) => void;
  file: (by: 1 | -1) => void;
  open: () => void;
  save: () => void;
  /** Keeps the picture in the library. */
  keep: () => void;
  /** Shows what converting does to the picture, in the next of several ways. */
  compare: () => void;
  cancel: () => boolean;
  help: () => void;
}

const PAN = 64;

/** Binds the keys of the page. */
export function bindKeys(canvas: HTMLElement, everywhere: () => boolean, actions: KeyActions): void {
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isFree(event) && actions.cancel()) event.preventDefault();
  });
  onKeys(canvas, everywhere, (event, isOnPicture) => act(event.key, isOnPicture, actions));
}

/**
 * Binds single keys. Keys that a focused control uses itself are left to it.
 *
 * @param everywhere whether keys act outside of the picture, too (WCAG 2.1.4: that can be turned off).
 * @param act does what a key is for; tells whether it is for anything.
 */
export function onKeys(canvas: HTMLElement, everywhere: () => boolean, act: (event: KeyboardEvent, isOnPicture: boolean) => boolean): void {
  addEventListener("keydown", (event) => {
    const isOnPicture = event.target === canvas;
    if (!isFree(event) || (!isOnPicture && (!everywhere() || usesKeys(event.target, event.key)))) return;
    if (act(event, isOnPicture)) event.preventDefault();
  });
}

/** Whether a key is neither taken already, nor part of a shortcut of the browser's, nor meant for a dialog. */
function isFree(event: KeyboardEvent): boolean {
  return !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]");
}

function act(key: string, isOnPicture: boolean, actions: KeyActions): boolean {
  const simple: Record<string, (() => void) | undefined> = {
    "+": actions.zoomIn, "=": actions.zoomIn, "-": actions.zoomOut, "0": actions.fit, "1": actions.one,
    ",": () => actions.frame(-1), ".": () => actions.frame(1), p: () => actions.file(-1), n: () => actions.file(1),
    o: actions.open, s: actions.save, k: actions.keep, b: actions.compare, "?": actions.help, " ": actions.play,
  };
  // Elsewhere the arrows scroll the page.
  const arrows: Record<string, (() => void) | undefined> = {
    ArrowLeft: () => actions.pan(PAN, 0), ArrowRight: () => actions.pan(-PAN, 0),
    ArrowUp: () => actions.pan(0, PAN), ArrowDown: () => actions.pan(0, -PAN),
  };
  const action = simple[key.length === 1 ? key.toLowerCase() : key] ?? (isOnPicture ? arrows[key] : undefined);
  action?.();
  return action !== undefined;
}

function usesKeys(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches("textarea, select, [contenteditable]")) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type) || key === " ";
  return key === " " && target.matches("button, summary, a, [role=region]");
}

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
  /** Shows what converting does to the picture, in the next of several ways. */
  compare: () => void;
  cancel: () => boolean;
  help: () => void;
}

const PAN = 64;

/**
 * Binds the keys of the page. Keys that a focused control uses itself are left to it.
 *
 * @param everywhere whether keys act outside of the picture, too (WCAG 2.1.4: that can be turned off).
 */
export function bindKeys(canvas: HTMLElement, everywhere: () => boolean, actions: KeyActions): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOnPicture = event.target === canvas;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      if (actions.cancel()) event.preventDefault();
      return;
    }
    if (!isOnPicture && (!everywhere() || usesKeys(event.target, event.key))) return;
    if (act(event.key, isOnPicture, actions)) event.preventDefault();
  });
}

function act(key: string, isOnPicture: boolean, actions: KeyActions): boolean {
  const simple: Record<string, (() => void) | undefined> = {
    "+": actions.zoomIn, "=": actions.zoomIn, "-": actions.zoomOut, "0": actions.fit, "1": actions.one,
    ",": () => actions.frame(-1), ".": () => actions.frame(1), p: () => actions.file(-1), n: () => actions.file(1),
    o: actions.open, s: actions.save, b: actions.compare, "?": actions.help, " ": actions.play,
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

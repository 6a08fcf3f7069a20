/** Moves the handle between before and after, by pointer and by keys. */
export function followHandle(handle: HTMLElement, stage: HTMLElement, position: () => number, move: (position: number) => void): void {
  let grip: number | undefined;
  const at = (event: PointerEvent): number => {
    const box = stage.getBoundingClientRect();
    return (event.clientX - box.left) / box.width;
  };
  const to = (wanted: number): void => move(Math.min(1, Math.max(0, wanted)));

  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    handle.setPointerCapture(event.pointerId);
    // Where it is gripped it stays under the pointer.
    grip = at(event) - position();
    event.stopPropagation();
  });
  handle.addEventListener("pointermove", (event) => {
    if (grip !== undefined) to(at(event) - grip);
  });
  for (const end of ["pointerup", "pointercancel"] as const) handle.addEventListener(end, () => (grip = undefined));
  handle.addEventListener("dblclick", () => to(0.5));
  handle.addEventListener("keydown", (event) => {
    const wanted = target(event, position());
    if (wanted === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    to(wanted);
    event.preventDefault();
  });
}

function target({ key, shiftKey }: KeyboardEvent, now: number): number | undefined {
  const step = shiftKey ? 0.1 : 0.01;
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return now - step;
    case "ArrowRight":
    case "ArrowUp":
      return now + step;
    case "PageDown":
      return now - 0.1;
    case "PageUp":
      return now + 0.1;
    case "Home":
      return 0;
    case "End":
      return 1;
    default:
      return undefined;
  }
}

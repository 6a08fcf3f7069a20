import type { Point } from "../model/viewport";
import type { Stage } from "../view/stage";

/** Zooms and pans by wheel, drag and pinch. */
export function followPointers(stage: Stage): void {
  const { canvas } = stage;
  const pointers = new Map<number, Point>();

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    // A pinch on a touchpad comes as a wheel with the control key and small steps.
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0015));
    stage.zoom(stage.viewport.value.scale * factor, stage.point(event));
  }, { passive: false });

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, stage.point(event));
    canvas.classList.add("grabbing");
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = stage.point(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    pointers.set(event.pointerId, now);
    if (other) pinch(stage, before, now, other);
    else stage.pan(now.x - before.x, now.y - before.y);
  });

  const release = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    canvas.classList.toggle("grabbing", pointers.size > 0);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("dblclick", (event) => {
    if (stage.viewport.value.fitted) stage.zoom(1, stage.point(event));
    else stage.fit();
  });
}

function pinch(stage: Stage, before: Point, now: Point, other: Point): void {
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  const spread = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
  stage.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  stage.zoom(stage.viewport.value.scale * spread, middle);
}

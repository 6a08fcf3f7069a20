import { type Loop, LOOPS, SPEEDS } from "../model/playing";
import { byId, button, element, make } from "./dom";

const LOOP_NAMES: Record<Loop, string> = { file: "As in the file", once: "Once", forever: "For ever" };

/** What the controls of an animation show. */
export interface Shown {
  frame: number;
  count: number;
  playing: boolean;
  speed: number;
  loop: Loop;
}

/** Puts the choices into the controls. */
export function fillPlayback(): void {
  byId("speed", HTMLSelectElement).replaceChildren(...SPEEDS.map((each) => make("option", { value: String(each) }, `${each} ×`)));
  byId("loop", HTMLSelectElement).replaceChildren(...LOOPS.map((each) => make("option", { value: each }, LOOP_NAMES[each])));
}

/** Shows how an animation plays; a still picture has no controls for that. */
export function renderPlayback({ frame, count, playing, speed, loop }: Shown): void {
  element("playback").hidden = count < 2;
  button("play").textContent = playing ? "Pause" : "Play";
  element("frame").textContent = `${frame + 1} / ${count}`;
  const scrub = byId("scrub", HTMLInputElement);
  scrub.max = String(Math.max(0, count - 1));
  scrub.value = String(frame);
  scrub.setAttribute("aria-valuetext", `frame ${frame + 1} of ${count}`);
  byId("speed", HTMLSelectElement).value = String(speed);
  byId("loop", HTMLSelectElement).value = loop;
}

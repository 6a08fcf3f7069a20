import { colourText, type Inspected, valueText } from "../model/inspected";
import { placement } from "../model/turning";
import { byId, element, make } from "./dom";
import type { Stage } from "./stage";

/** Pixels on a side of the magnifier; odd, so that one is in the middle. */
const SEEN = 9;

/** The panel that tells of one pixel: a magnifier, its place, the file's values, the colour shown. */
export class PixelView {
  private readonly magnifier = byId("magnifier", HTMLCanvasElement);

  render(inspected: Inspected, profile: string): void {
    const { isOn, pixel, values, failure, shown } = inspected;
    element("pixel").hidden = !isOn;
    byId("inspect", HTMLButtonElement).setAttribute("aria-pressed", String(isOn));
    if (!isOn) return;
    element("pixel-place").textContent = pixel ? `x ${pixel.x}, y ${pixel.y}` : "Point at the picture";
    element("pixel-colour").hidden = shown === undefined;
    element("pixel-shown").textContent = shown ? `${colourText(shown)} sRGB` : "";
    if (shown) this.chip(shown);
    element("pixel-profile").textContent = profile;
    const rows = values?.map((each) => make("div", {}, make("dt", {}, each.name), make("dd", {}, valueText(each)))) ?? [];
    element("pixel-values").replaceChildren(...rows);
    element("pixel-note").textContent = failure ?? (pixel && !values ? "Reading…" : "");
  }

  /** Draws the pixels around one. */
  magnify(stage: Stage, inspected: Inspected): void {
    const { magnifier } = this;
    const context = magnifier.getContext("2d");
    if (!context) return;
    context.resetTransform();
    context.clearRect(0, 0, magnifier.width, magnifier.height);
    const { pixel, isOn } = inspected;
    if (!isOn || !pixel || !stage.shown) return;
    const side = magnifier.width / SEEN;
    const half = (SEEN - 1) / 2;
    context.imageSmoothingEnabled = false;
    context.setTransform(...placement({ left: 0, top: 0, right: magnifier.width, bottom: magnifier.height }, stage.turn.value).matrix);
    for (const { x, y, bitmap } of stage.shown.tiles) {
      const [left, top] = [Math.max(x, pixel.x - half), Math.max(y, pixel.y - half)];
      const [right, bottom] = [Math.min(x + bitmap.width, pixel.x + half + 1), Math.min(y + bitmap.height, pixel.y + half + 1)];
      if (right <= left || bottom <= top) continue;
      const [across, down] = [right - left, bottom - top];
      const at = [(left - pixel.x + half) * side, (top - pixel.y + half) * side] as const;
      context.drawImage(bitmap, left - x, top - y, across, down, ...at, across * side, down * side);
    }
    context.lineWidth = 2;
    for (const [colour, inset] of [["#000", -1], ["#fff", 1]] as const) {
      context.strokeStyle = colour;
      context.strokeRect(half * side + inset, half * side + inset, side - 2 * inset, side - 2 * inset);
    }
  }

  private chip([red, green, blue, alpha]: readonly [number, number, number, number]): void {
    const chip = byId("pixel-chip", HTMLCanvasElement);
    const context = chip.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, chip.width, chip.height);
    context.fillStyle = `rgb(${red} ${green} ${blue} / ${alpha / 255})`;
    context.fillRect(0, 0, chip.width, chip.height);
  }
}

import type { Frame } from "../model/picture";
import type { Point } from "../model/viewport";

/** Colour of a pixel as it is shown: red, green, blue and alpha from 0 to 255, sRGB, not premultiplied. */
export function shownColour({ tiles }: Frame, { x, y }: Point): [number, number, number, number] | undefined {
  const tile = tiles.find((each) => x >= each.x && y >= each.y && x < each.x + each.bitmap.width && y < each.y + each.bitmap.height);
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!tile || !context) return undefined;
  context.drawImage(tile.bitmap, x - tile.x, y - tile.y, 1, 1, 0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha];
}

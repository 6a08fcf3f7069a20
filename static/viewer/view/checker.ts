const SQUARE = 10;

/** The checkerboard behind transparent parts, in the colours of the scheme. */
export function checker(context: CanvasRenderingContext2D): CanvasPattern | string {
  const style = getComputedStyle(context.canvas);
  const square = Math.round(SQUARE * devicePixelRatio);
  const pattern = new OffscreenCanvas(square * 2, square * 2);
  const cells = pattern.getContext("2d");
  if (!cells) return "transparent";
  cells.fillStyle = style.getPropertyValue("--checker-a");
  cells.fillRect(0, 0, square * 2, square * 2);
  cells.fillStyle = style.getPropertyValue("--checker-b");
  cells.fillRect(0, 0, square, square);
  cells.fillRect(square, square, square, square);
  return context.createPattern(pattern, "repeat") ?? "transparent";
}

import { type Range, type Row, seen } from "./row";

/** Arithmetic of a grid of tiles of one size that scrolls down and of which few are seen. Lengths are in CSS pixels. */
export interface Grid {
  /** How many tiles there are. */
  count: number;
  /** From one tile's beginning to the next one's, to the side and down. */
  across: number;
  down: number;
  /** How much is seen. */
  width: number;
  height: number;
  /** How far it is scrolled down. */
  offset: number;
}

export function columns({ across, width }: Pick<Grid, "across" | "width">): number {
  return Math.max(1, Math.floor(width / across + 1e-6));
}

/** The grid's lines as a row of items from top to bottom. */
export function lines(grid: Grid): Row {
  return { count: Math.ceil(grid.count / columns(grid)), stride: grid.down, length: grid.height, offset: grid.offset };
}

/** The tiles of which anything is seen, and those of so many more lines on each side. */
export function seenTiles(grid: Grid, margin = 0): Range {
  const { first, end } = seen(lines(grid), margin);
  const across = columns(grid);
  return { first: first * across, end: Math.min(grid.count, end * across) };
}

/** The tile that a key goes to from another one; undefined for keys that go nowhere. */
export function steppedTile(key: string, index: number, grid: Grid): number | undefined {
  const across = columns(grid);
  const page = across * Math.max(1, Math.floor(grid.height / grid.down));
  const steps: Record<string, number | undefined> = {
    ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, PageDown: page, PageUp: -page, Home: -index, End: grid.count - 1 - index,
  };
  const step = steps[key];
  if (step === undefined || grid.count === 0) return undefined;
  return Math.min(grid.count - 1, Math.max(0, index + step));
}

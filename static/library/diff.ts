/** A change of a text: at a place, so many UTF-16 units are replaced by others. */
export interface Splice {
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

/** Units of both texts' differing parts, multiplied, up to which the smallest change is looked for. */
const MOST = 1 << 20;

/** The changes that make one text of another, last first, so that each can be made where it says. */
export function splices(old: string, text: string): Splice[] {
  const before = Array.from(old);
  const after = Array.from(text);
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const found = changed(before.slice(start, before.length - end), after.slice(start, after.length - end));
  // Characters outside the basic plane are two units, which nothing may come between.
  const units = offsets(before);
  return found
    .map(({ at, removed, inserted }) => {
      const from = units[start + at] ?? 0;
      return { at: from, removed: (units[start + at + removed] ?? from) - from, inserted };
    })
    .reverse();
}

function offsets(characters: readonly string[]): number[] {
  const found = [0];
  for (const each of characters) found.push((found.at(-1) ?? 0) + each.length);
  return found;
}

/** By the longest common subsequence, or as one change where that would take long. */
function changed(before: readonly string[], after: readonly string[]): Splice[] {
  const rows = before.length;
  const columns = after.length;
  if (rows === 0 && columns === 0) return [];
  if (rows * columns > MOST || rows === 0 || columns === 0) return [{ at: 0, removed: rows, inserted: after.join("") }];
  const lengths = commonLengths(before, after);
  const at = (row: number, column: number): number => lengths[row * (columns + 1) + column] ?? 0;
  const found: Splice[] = [];
  let [row, column] = [0, 0];
  while (row < rows || column < columns) {
    if (row < rows && column < columns && before[row] === after[column]) {
      row++;
      column++;
      continue;
    }
    const from = row;
    let inserted = "";
    while ((row < rows || column < columns) && !(row < rows && column < columns && before[row] === after[column])) {
      if (column >= columns || (row < rows && at(row + 1, column) >= at(row, column + 1))) row++;
      else inserted += after[column++] ?? "";
    }
    found.push({ at: from, removed: row - from, inserted });
  }
  return found;
}

function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const here = row * width + column;
      lengths[here] = before[row] === after[column] ? (lengths[here + width + 1] ?? 0) + 1 : Math.max(lengths[here + width] ?? 0, lengths[here + 1] ?? 0);
    }
  }
  return lengths;
}

/** Arithmetic of a long row of items of one size, of which few are seen. Lengths are in CSS pixels. */
export interface Row {
  /** How many items there are. */
  count: number;
  /** From one item's beginning to the next one's. */
  stride: number;
  /** How much is seen. */
  length: number;
  /** How far the row is scrolled. */
  offset: number;
}

/** From the index `first` to before `end`. */
export interface Range {
  first: number;
  end: number;
}

/** The items of which anything is seen, and so many more on each side. */
export function seen({ count, stride, length, offset }: Row, margin = 0): Range {
  const first = Math.max(0, Math.floor(offset / stride) - margin);
  const end = Math.min(count, Math.ceil((offset + length) / stride) + margin);
  return first < end ? { first, end } : { first: Math.min(first, count), end: Math.min(first, count) };
}

/** The indices of a range, those that are seen first, then the others by how near they are. */
export function byNearness({ first, end }: Range, row: Row): number[] {
  const middle = (row.offset + row.length / 2) / row.stride - 0.5;
  const inside = seen(row);
  const rank = (index: number): number => (index >= inside.first && index < inside.end ? index - row.count : Math.abs(index - middle));
  return Array.from({ length: end - first }, (_, at) => first + at).sort((a, b) => rank(a) - rank(b));
}

/** The offset at which an item is seen whole, as near as can be to the present one. */
export function revealing(index: number, { stride, length, offset }: Row): number {
  const from = index * stride;
  if (from < offset) return from;
  return Math.max(from + stride > offset + length ? from + stride - length : offset, 0);
}

/** The item that a key goes to from another one; undefined for keys that go nowhere. */
export function stepped(key: string, index: number, { count, stride, length }: Row): number | undefined {
  const page = Math.max(1, Math.floor(length / stride));
  const targets: Record<string, number | undefined> = {
    ArrowRight: index + 1, ArrowLeft: index - 1, ArrowDown: index + 1, ArrowUp: index - 1,
    PageDown: index + page, PageUp: index - page, Home: 0, End: count - 1,
  };
  const target = targets[key];
  return target === undefined || count === 0 ? undefined : Math.min(count - 1, Math.max(0, target));
}

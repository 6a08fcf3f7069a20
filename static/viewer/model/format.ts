/** Numbers and names as people read them. */

export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[power - 1] ?? ""}`;
}

export function milliseconds(time: number): string {
  if (time >= 99_950) return `${time < 5_997_000 ? (time / 60_000).toFixed(1) : Math.round(time / 60_000)} min`;
  if (time >= 999.5) return `${(time / 1000).toFixed(2)} s`;
  return `${time < 9.95 ? time.toFixed(1) : time.toFixed(0)} ms`;
}

export function percent(scale: number): string {
  const value = scale * 100;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

/** How much one thing is of another, to two digits. */
export function ratio(value: number): string {
  return `${value < 0.1 || value >= 100 ? value.toPrecision(1) : value < 10 ? value.toFixed(2) : value.toFixed(0)} ×`;
}

/** A name for a count of things. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** The name of a file that is saved in another format. */
export function savedName(name: string, extension: string): string {
  const stem = name.replace(/\.[^./\\]{1,5}$/, "") || "image";
  return `${stem}.${extension}`;
}

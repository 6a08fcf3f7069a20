/** Numbers and names as people read them. */

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[power - 1] ?? ""}`;
}

export function milliseconds(time: number): string {
  return time < 1000 ? `${time < 10 ? time.toFixed(1) : time.toFixed(0)} ms` : `${(time / 1000).toFixed(2)} s`;
}

export function percent(scale: number): string {
  const value = scale * 100;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

export function placeName(place: "local" | "server"): string {
  return place === "local" ? "browser" : "server";
}

/** The name of a file that is saved in another format. */
export function savedName(name: string, extension: string): string {
  const stem = name.replace(/\.[^./\\]{1,5}$/, "") || "image";
  return `${stem}.${extension}`;
}

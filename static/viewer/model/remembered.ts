/** What the page keeps between visits. A browser that forbids storage keeps nothing, and nothing else changes. */
const PREFIX = "eitherside:viewer:";

export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Forbidden, or full.
  }
}

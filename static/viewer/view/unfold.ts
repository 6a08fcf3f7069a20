/** Most milliseconds that is waited for a frame: a page that nobody sees draws none. */
const PATIENCE = 100;

/** Waits until what the page shows now is drawn. */
export function drawn(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    // The first is called before the page is laid out and drawn, the task behind it after.
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
}

/** Shows parts of the page one after the other, each with a frame of its own: laying all out at once takes the page too long. */
export async function unfold(parts: readonly Element[]): Promise<void> {
  for (const part of parts) part.classList.add("later");
  for (const part of parts) {
    await drawn();
    part.classList.remove("later");
  }
}

/** Header of what a service worker answers in the service's place: what the service said earlier. */
export const KEPT = "Eitherside-Kept";

/** Whether an answer is one that was kept, as the service could not be reached. */
export function isKept(headers: Headers): boolean {
  return headers.has(KEPT);
}

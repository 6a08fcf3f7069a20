import type { Remote } from "./types";

const LINK = /^#library=([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** The library that a page's link leads to. What is behind `#` is in no request and in no `Referer`. */
export function remoteOf(page: URL): Remote | undefined {
  const [, id, key] = LINK.exec(page.hash) ?? [];
  return id === undefined || key === undefined ? undefined : { id, key };
}

/** The page's link that leads to a library. */
export function linkTo(page: URL, { id, key }: Remote): URL {
  const link = new URL(page);
  link.hash = `library=${id}.${key}`;
  return link;
}

/** A key of 256 bits at random, in base64url. */
export function newKey(): string {
  return text(crypto.getRandomValues(new Uint8Array(32)));
}

/** An id of 128 bits at random, in base64url. */
export function newId(): string {
  return text(crypto.getRandomValues(new Uint8Array(16)));
}

function text(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A file that a link asks the page to open. */
export interface Asked {
  /** What the link says. */
  text: string;
  /** Undefined where it is no address, or not one of this page's own server. */
  url: URL | undefined;
  /** Why it is not opened. */
  refused: string | undefined;
}

/** Name of the query's parameter; it may be repeated. */
const PARAMETER = "src";

/** The files that the page's own address asks for: `/?src=photo.jxl&src=other.jxl`. */
export function asked(page: URL): Asked[] {
  return page.searchParams.getAll(PARAMETER).map((text) => {
    const url = URL.canParse(text, page) ? new URL(text, page) : undefined;
    if (!url) return { text, url, refused: "this is not an address" };
    // Nobody's link may have the page fetch from elsewhere, or send a password along.
    if (url.origin !== page.origin || url.protocol !== page.protocol) return { text, url: undefined, refused: `it lies at ${url.origin === "null" ? url.protocol : url.origin}, and a link opens only files of ${page.origin}` };
    if (url.username !== "" || url.password !== "") return { text, url: undefined, refused: "a link must not have a password in it" };
    return { text, url, refused: undefined };
  });
}

/** What a file is called that is at an address: the last part of its path. */
export function nameAt(url: URL): string {
  const last = url.pathname.split("/").findLast((part) => part !== "") ?? url.hostname;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

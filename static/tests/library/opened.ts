import "fake-indexeddb/auto";
import { Library, type LibraryOptions } from "../../library/index";

let number = 0;

/** A name that no other test has. */
export function freshName(): string {
  return `test-${++number}-${Math.random()}`;
}

/** No service can be reached. */
export const nowhere: typeof fetch = () => Promise.reject(new TypeError("no network"));

export function open(options: Partial<LibraryOptions> = {}): Promise<Library> {
  return Library.open({ site: new URL("http://service.test/"), name: freshName(), fetch: nowhere, ...options });
}

export function file(text: string, name = `${text}.png`): File {
  return new File([text], name, { type: "image/png" });
}

/** Adds one picture and returns its id. */
export async function added(library: Library, text: string, collection?: string): Promise<string> {
  const { ids } = await library.add([file(text)], collection);
  return ids[0] ?? "";
}

export async function until(holds: () => boolean | Promise<boolean>, seconds = 50): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not true within ${seconds} s: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

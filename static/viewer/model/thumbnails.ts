import { Cache, type Sized } from "./cache";

/** A small picture of a document, at an address that an image element can show. */
export interface Thumbnail extends Sized {
  readonly url: string;
  /** Whether it shows what there is of a file whose end is missing. */
  readonly isPartial: boolean;
}

/** Errors of the file's own making: they would come again, and the whole file would have them, too. */
const BROKEN = ["truncated", "corrupt", "unknown_format", "unsupported", "too_large"];

export function isBroken(code: string | undefined): boolean {
  return code !== undefined && BROKEN.includes(code);
}

/** Bytes of encoded thumbnails that are kept: some thousand. */
const BUDGET = 32 * 2 ** 20;

/** Small pictures by the keys of what they show, the last used within a budget; and for which there is none. */
export class Thumbnails<K = number> {
  private readonly cache: Cache<K, Thumbnail>;
  private readonly failed = new Map<K, string>();
  private readonly watchers = new Set<(id: K) => void>();

  constructor(budget = BUDGET) {
    this.cache = new Cache(budget, ({ url }) => URL.revokeObjectURL(url));
  }

  get bytes(): number {
    return this.cache.bytes;
  }

  get(id: K): Thumbnail | undefined {
    return this.cache.get(id);
  }

  /** Code of the error for which there is no thumbnail. */
  failure(id: K): string | undefined {
    return this.failed.get(id);
  }

  put(id: K, image: Blob, isPartial: boolean): void {
    this.failed.delete(id);
    this.cache.put(id, { url: URL.createObjectURL(image), bytes: image.size, isPartial });
    this.tell(id);
  }

  fail(id: K, code: string): void {
    this.failed.set(id, code);
    this.tell(id);
  }

  forget(id: K): void {
    this.failed.delete(id);
    this.cache.delete(id);
  }

  clear(): void {
    this.failed.clear();
    this.cache.clear();
  }

  /** Calls the watcher with the key of each whose thumbnail has come, or cannot. */
  watch(watcher: (id: K) => void): void {
    this.watchers.add(watcher);
  }

  private tell(id: K): void {
    for (const watcher of this.watchers) watcher(id);
  }
}

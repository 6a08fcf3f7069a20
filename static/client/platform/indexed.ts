import { createStore, del, get, set, type UseStore } from "idb-keyval";
import type { Store } from "../store";

/** Keeps texts in a database of the origin's own. */
export class IndexedStore implements Store {
  private database: UseStore | undefined;

  load = async (key: string): Promise<string | undefined> => {
    const value = await get<unknown>(key, this.open());
    return typeof value === "string" ? value : undefined;
  };

  save = (key: string, text: string): Promise<void> => set(key, text, this.open());

  remove = (key: string): Promise<void> => del(key, this.open());

  private open(): UseStore {
    return (this.database ??= createStore("eitherside", "learned"));
  }
}

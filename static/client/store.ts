/** Keeps texts between visits. Whatever fails, fails quietly for the codec: it has then nothing to go by but this visit. */
export interface Store {
  load: (key: string) => Promise<string | undefined>;
  save: (key: string, text: string) => Promise<void>;
  remove: (key: string) => Promise<void>;
}

/** Keeps nothing beyond the life of the program. */
export class MemoryStore implements Store {
  private readonly texts = new Map<string, string>();

  load = (key: string): Promise<string | undefined> => Promise.resolve(this.texts.get(key));

  save = (key: string, text: string): Promise<void> => {
    this.texts.set(key, text);
    return Promise.resolve();
  };

  remove = (key: string): Promise<void> => {
    this.texts.delete(key);
    return Promise.resolve();
  };
}

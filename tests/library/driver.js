/** Opens the library in an empty page; `device` is what tests drive it by. */
async (options) => {
  const { Library, remoteOf } = await import("/library.js");
  const library = await Library.open({ site: new URL("/", location.href), ...options });
  const file = ({ name, base64, type = "image/png" }) => new File([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], name, { type });
  const digest = async (blob) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const sorted = (map, pick) => Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, value]) => [id, pick(value)]));
  const named = options.name ?? (options.remote ? `remote-${options.remote.id}` : "own");
  const unsent = () => new Promise((resolve, reject) => {
    const opening = indexedDB.open(`eitherside-library-${named}`);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const counting = opening.result.transaction("outbox").objectStore("outbox").count();
      counting.onerror = () => reject(counting.error);
      counting.onsuccess = () => {
        opening.result.close();
        resolve(counting.result);
      };
    };
  });
  window.library = library;
  window.device = {
    remoteOf: (href) => remoteOf(new URL(href)),
    call: (name, args) => library[name](...args),
    add: (files, collection) => library.add(files.map(file), collection).then(({ ids, already, refused }) => ({ ids, already, refused: refused.map(({ why }) => why) })),
    finish: (id, base64, type) => library.finish(id, { file: file({ name: "result", base64, type }), place: "browser" }),
    digestOf: async (sha256) => digest(await library.file(sha256)),
    /** What all clients of a library must agree on. */
    state: () => ({
      pictures: sorted(library.model.value.pictures, (picture) => picture),
      collections: Object.fromEntries(library.model.value.collections.map(({ id, title, pictures }) => [id, { title, pictures }])),
      conversions: sorted(library.model.value.conversions, (conversion) => conversion),
    }),
    sync: () => library.sync.value,
    /** Whether nothing is left to be sent, by what is on the disk: what `sync` shows of that is a moment old. */
    isQuiet: async () => {
      const { remote, online, listening, commands } = library.sync.value;
      return remote !== undefined && online && listening && commands.length === 0 && (await unsent()) === 0;
    },
  };
}

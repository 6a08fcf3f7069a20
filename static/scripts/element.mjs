// Builds <eitherside-image> beside what "vite build" made: element.js, which pages of any site load by this address, and what it
// loads when an image needs the codec, assets/decoding-<hash>.js. The codec's own is client.js, as for everybody. By itself, because
// Vite would have element.js load three more files before it can begin.
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const client = here("../client/index.ts");

/** The client is not bundled again: its errors would be of another class. */
const once = {
  name: "once",
  async resolveId(source, importer, options) {
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    return found?.id === client ? { id: "eitherside:client", external: true } : null;
  },
};

await build({
  input: { element: here("../element/index.ts") },
  platform: "browser",
  plugins: [once],
  logLevel: "warn",
  preserveEntrySignatures: "allow-extension",
  output: {
    dir: here("../../build/static"),
    format: "esm",
    minify: true,
    entryFileNames: "[name].js",
    chunkFileNames: "assets/[name]-[hash].js",
    // Both places are told by their own file's address; only chunks, which are in the folder, import it.
    paths: { "eitherside:client": "../client.js" },
  },
});

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The address that pages of other origins start workers by: it stays, and the script itself has a digest in its name. */
const worker: Plugin = {
  name: "worker-address",
  enforce: "post",
  generateBundle(_, bundle) {
    const found = Object.keys(bundle).filter((name) => /^assets\/worker-[^/]+\.js$/.test(name));
    if (found.length !== 1) this.error(`the client has ${found.length} workers, not one`);
    this.emitFile({ type: "asset", fileName: "worker.js", source: `import "./${found[0] ?? ""}";\n` });
  },
};

/** The icon of the installed page, by a name that the service's manifest can tell. */
const icon: Plugin = {
  name: "icon-address",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "icon.svg", source: readFileSync(here("viewer/icon.svg")) });
  },
};

export default defineConfig({
  root: here("."),
  // Relative addresses let the service mount the page under any prefix.
  base: "./",
  plugins: [worker, icon],
  build: {
    outDir: here("../build/static"),
    emptyOutDir: true,
    target: "es2022",
    // A data: address would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // The client keeps its exports and a stable address, so that other pages of the origin can import it.
      input: { viewer: here("index.html"), client: here("client/index.ts"), library: here("library/index.ts") },
      preserveEntrySignatures: "strict",
      output: { entryFileNames: (chunk) => (["client", "library"].includes(chunk.name) ? `${chunk.name}.js` : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
  // Half of them wait for services of theirs, so that every core has a worker.
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000, maxWorkers: "100%", server: { deps: { external: [/\/build\/package\//] } } },
});

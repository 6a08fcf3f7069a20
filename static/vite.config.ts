import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  // Relative addresses let the service mount the page under any prefix.
  base: "./",
  build: {
    outDir: here("../build/static"),
    emptyOutDir: true,
    target: "es2022",
    // A data: address would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { viewer: here("index.html"), client: here("client/index.ts") },
      // The client keeps its exports and a stable address, so that other pages of the origin can import it.
      preserveEntrySignatures: "strict",
      output: { entryFileNames: (chunk) => (chunk.name === "client" ? "client.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
  test: { include: ["tests/**/*.test.ts"], environment: "node", testTimeout: 60_000, server: { deps: { external: [/\/build\/package\//] } } },
});

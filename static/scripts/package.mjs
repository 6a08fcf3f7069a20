// Builds the client library as it is published: ../build/package with ES modules for browsers and Node, and their types.
import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../../build/package");
const source = here("..");
const client = join(source, "client");
const ENTRIES = { index: "client/index", node: "client/node", worker: "client/worker", "worker-node": "client/worker-node", element: "element/index" };
/** Entries that programs import, and their declarations. */
const EXPORTED = ["index", "node", "element"];

/** Sources name a worker's entry by its source file; published, all entries lie side by side. */
const workers = {
  name: "workers",
  transform: (code, id) => (id.startsWith(client) ? code.replaceAll(/new URL\("\.\.\/(worker[\w-]*)\.ts", import\.meta\.url\)/g, 'new URL("./$1.js", import.meta.url)') : undefined),
};

async function bundle(folder) {
  const { output } = await build({
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(source, `${path}.ts`)])),
    platform: "browser",
    external: [/^node:/],
    plugins: [workers],
    logLevel: "warn",
    output: { dir: folder, format: "esm", entryFileNames: "[name].js", chunkFileNames: "chunk-[hash].js" },
  });
  return [...new Set(output.flatMap((chunk) => chunk.moduleIds ?? []).flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []))].sort();
}

/** Declarations, with the file extensions that Node's own resolution of modules asks for. */
async function declare(folder) {
  const types = join(folder, "types");
  const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--rootDir", source, "--outDir", types];
  const common = ["--target", "ES2022", "--module", "ESNext", "--moduleResolution", "bundler", "--lib", "ES2023,ESNext.Disposable,DOM,DOM.Iterable,DOM.AsyncIterable", "--types", "node,vite/client", "--strict", "--skipLibCheck"];
  const files = EXPORTED.map((name) => join(source, `${ENTRIES[name]}.ts`));
  execFileSync(process.execPath, [here("../node_modules/typescript/bin/tsc"), "--ignoreConfig", ...options, ...common, ...files], { cwd: here(".."), stdio: "inherit" });
  for (const name of await readdir(types, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const text = await readFile(join(types, name), "utf8");
    await writeFile(join(types, name), text.replaceAll(/((?:from|import\()\s*")(\.\.?\/[^"]+?)(")/g, "$1$2.js$3"));
  }
}

/** What is bundled with the library is named with its licence, as the licences ask. */
async function licences(packages) {
  const texts = await Promise.all(
    packages.map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
      return `${name} ${version} (${license})\n\n${file ? await readFile(join(folder, file), "utf8") : ""}`;
    }),
  );
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

async function describe(folder) {
  const { version } = JSON.parse(await readFile(here("../package.json"), "utf8"));
  const entry = (name) => ({ types: `./types/${ENTRIES[name]}.d.ts`, default: `./${name}.js` });
  const description = {
    name: "eitherside",
    version,
    description: "One WebAssembly codec that runs in this browser or on a service, call by call",
    type: "module",
    sideEffects: ["./worker.js", "./worker-node.js", "./element.js"],
    engines: { node: ">=20" },
    exports: { ".": { node: entry("node"), default: entry("index") }, "./element": entry("element"), "./package.json": "./package.json" },
  };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(description, undefined, 2)}\n`);
  await cp(here("../../docs/client.md"), join(folder, "README.md"));
}

await mkdir(dirname(target), { recursive: true });
const folder = await mkdtemp(`${target}.new-`);
try {
  const packages = await bundle(folder);
  await declare(folder);
  await writeFile(join(folder, "LICENCES.txt"), await licences(packages));
  await describe(folder);
  await chmod(folder, 0o755);
  await rm(target, { recursive: true, force: true });
  await rename(folder, target);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(relative(process.cwd(), target));

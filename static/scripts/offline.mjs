// Writes the service worker of what "vite build" made: sw.js, with the build's files and their digests in it, and the digest of them
// all into the page. Other files beside them (the element's, compressed ones) are not the worker's. Another folder: --folder PATH.
import { createHash } from "node:crypto";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "rolldown";

const path = (url) => fileURLToPath(new URL(url, import.meta.url));
const { values: given } = parseArgs({ options: { folder: { type: "string" } } });
const folder = given.folder === undefined ? path("../../build/static") : resolve(given.folder);
const PAGE = "index.html";
/** Fetched by the browser for an installed page, and not by the page. */
const LEFT = new Set(["icon.svg"]);
const META = /<meta name="build" content="[^"]*" \/>/;

/** Writes a file that is never seen half written. */
async function write(name, data) {
  const target = join(folder, name);
  await writeFile(`${target}.part`, data);
  await rename(`${target}.part`, target);
}

const sha256 = (data, encoding) => createHash("sha256").update(data).digest(encoding);
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
const names = entries
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
  .filter((name) => !LEFT.has(name))
  .sort();
const contents = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));

const digest = sha256(JSON.stringify(names.map((name) => [name, sha256(contents.get(name), "hex")])), "hex");
const page = contents.get(PAGE).toString();
if (!META.test(page)) throw new Error(`${PAGE} has no <meta name="build">`);
contents.set(PAGE, page.replace(META, `<meta name="build" content="${digest}" />`));
await write(PAGE, contents.get(PAGE));

const files = Object.fromEntries([...contents].map(([name, data]) => [name === PAGE ? "" : name, `sha256-${sha256(data, "base64")}`]));
const { output } = await build({
  input: path("../offline/worker.ts"),
  platform: "browser",
  logLevel: "warn",
  write: false,
  transform: { define: { BUILD: JSON.stringify({ digest, files }) } },
  output: { format: "iife", minify: true },
});
await write("sw.js", output[0].code);

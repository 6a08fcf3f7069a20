// Compresses what "vite build" made, and the module, as well as it goes: a.js gets a.js.br and a.js.gz beside it, the
// module <sha256>.wasm.br and .gz in the folder module. Another folder: --folder PATH, another module: --module PATH.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const path = (url) => fileURLToPath(new URL(url, import.meta.url));
const { values: given } = parseArgs({ options: { folder: { type: "string" }, module: { type: "string" } } });
const folder = given.folder === undefined ? path("../../build/static") : resolve(given.folder);
const modulePath = given.module === undefined ? path("../../build/codec.wasm") : resolve(given.module);

/** Texts; pictures and fonts are compressed already. */
const KINDS = new Set([".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);
/** What fits in a packet or two arrives no sooner for being smaller. */
const LEAST = 1024;
/** Share of a file that compressing must save. */
const WORTH = 0.1;

const br = (data) =>
  promisify(brotliCompress)(data, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
    },
  });
const CODINGS = { br, gz: (data) => promisify(gzip)(data, { level: constants.Z_BEST_COMPRESSION }) };

/** Writes a file that is never seen half written. */
async function write(target, data) {
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.part`, data);
  await rename(`${target}.part`, target);
}

async function compress(data, target) {
  await Promise.all(
    Object.entries(CODINGS).map(async ([ending, coded]) => {
      const smaller = await coded(data);
      if (data.length >= LEAST && smaller.length <= (1 - WORTH) * data.length) await write(`${target}.${ending}`, smaller);
      else await rm(`${target}.${ending}`, { force: true });
    }),
  );
}

/** The module takes longer than all the rest, and changes seldom: what was made of it is kept, by its hash. */
async function compressModule(data, name) {
  const cache = path("../node_modules/.cache/eitherside");
  const kept = join(cache, name);
  const codings = Object.keys(CODINGS);
  const there = await Promise.all(codings.map((ending) => readFile(`${kept}.${ending}`).catch(() => null)));
  if (there.includes(null)) {
    await rm(cache, { recursive: true, force: true });
    await compress(data, kept);
  }
  for (const ending of codings) {
    const coded = await readFile(`${kept}.${ending}`).catch(() => null);
    if (coded !== null) await write(join(modules, `${name}.${ending}`), coded);
  }
}

const modules = join(folder, "module");
await rm(modules, { recursive: true, force: true });
const module = await readFile(modulePath);
// It takes as long as all files together, so both are done at the same time.
const others = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && KINDS.has(extname(entry.name)));
await Promise.all([
  compressModule(module, `${createHash("sha256").update(module).digest("hex")}.wasm`),
  ...others.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    await compress(await readFile(file), file);
  }),
]);

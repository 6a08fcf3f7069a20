// Writes tests/placement/vectors.json, which planners in other languages are held against; --check compares only.
import { readFile, rename, writeFile } from "node:fs/promises";
import { runnerImport } from "vite";

const file = new URL("../../tests/placement/vectors.json", import.meta.url);
const { module } = await runnerImport(new URL("../bench/vectors.ts", import.meta.url).pathname);
const text = module.vectors();
if (process.argv.includes("--check")) {
  const isCurrent = (await readFile(file, "utf8")) === text;
  if (!isCurrent) console.error("tests/placement/vectors.json is not what the planner gives: node static/scripts/vectors.mjs");
  process.exit(isCurrent ? 0 : 1);
}
const temporary = new URL(`${file.href}.new`);
await writeFile(temporary, text);
await rename(temporary, file);

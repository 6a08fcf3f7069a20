// Runs the simulation of placement (static/bench) with the planner's own TypeScript: `make bench-placement`.
import { runnerImport } from "vite";

const root = new URL("../../", import.meta.url);
const { module } = await runnerImport(new URL("../bench/main.ts", import.meta.url).pathname);
const holds = await module.main(root, { check: process.argv.includes("--check"), log: (line) => console.log(line) });
process.exit(holds ? 0 : 1);

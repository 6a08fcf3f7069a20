import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../.venv/bin/eitherside", import.meta.url));
/** Where the tests in Python keep compiled modules: what one side has compiled, the other finds. */
const CACHE = fileURLToPath(new URL("../../.pytest_cache/d/compiled", import.meta.url));
const STARTING = 60_000;

/** Why tests that need a service are skipped, if they are. */
export const missing = existsSync(COMMAND) ? undefined : `there is no service at ${COMMAND}`;

export interface Serving {
  url: string;
  port: number;
  /** Ends it at once, as a crash would. */
  kill: () => Promise<void>;
}

/** Starts a real `eitherside serve`; settings become environment variables. */
export function serve(settings: Record<string, string | number> = {}): Promise<Serving> {
  const environment = Object.fromEntries(Object.entries({ port: 0, cache_dir: CACHE, ...settings }).map(([name, value]) => [`EITHERSIDE_${name.toUpperCase()}`, String(value)]));
  const process = spawn(COMMAND, ["serve"], { env: { ...globalThis.process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  return new Promise((resolve, reject) => {
    let log = "";
    const timer = setTimeout(() => fail("it did not start in time"), STARTING);
    const fail = (why: string): void => {
      clearTimeout(timer);
      void kill(process);
      reject(new Error(`${why}:\n${log}`));
    };
    const read = (data: Buffer): void => {
      log += data.toString();
      const port = Number(/Listening at: http:\/\/[^ ]*:(\d+)/.exec(log)?.[1] ?? 0);
      if (port === 0) return;
      clearTimeout(timer);
      resolve({ url: `http://127.0.0.1:${port}/`, port, kill: () => kill(process) });
    };
    process.stdout.on("data", read);
    process.stderr.on("data", read);
    process.on("exit", () => fail("it has ended"));
  });
}

/** The process and its workers, without a farewell. */
async function kill(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null || process.pid === undefined) return;
  const ended = new Promise((resolve) => process.once("exit", resolve));
  globalThis.process.kill(-process.pid, "SIGKILL");
  await ended;
}

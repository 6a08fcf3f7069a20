// One side of a comparison in a browser: gets ready for a task, does it once and tells the time, sends what it gave.
// Time is taken in the page, from the input in an ArrayBuffer to the output in another one. Modules run in a worker on every
// side; buffers are handed over, not copied, from copies that are made before the clock starts.
import { makeBrowser } from "./browser.js";
import { makeOurs } from "./ours.js";
import { makePeer } from "./peer.js";

const parameters = new URLSearchParams(location.search);
const name = parameters.get("side");
const threads = Number(parameters.get("threads"));

/** A side has prepare(task), which may throw an `absent`, and run(task, input): a promise of the output. */
const made = name === "chromium" ? makeOurs(threads) : name === "browser" ? makeBrowser() : makePeer(name, threads);

let task, input, given;

window.bench = {
  async describe() {
    const side = await made;
    return { isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency, agent: navigator.userAgent, ...side.about };
  },
  /** Fetches the input; samples get their alpha channel before they come. */
  async prepare(asked) {
    const side = await made;
    [task, input] = [asked, await (await fetch(asked.url)).arrayBuffer()];
    await side.prepare?.(task);
  },
  async run() {
    const side = await made;
    given = undefined;
    const copy = input.slice();
    const began = performance.now();
    given = await side.run(task, copy);
    const seconds = (performance.now() - began) / 1000;
    return { seconds, size: given.data?.byteLength ?? 0, width: given.width, height: given.height };
  },
  async save(address) {
    const side = await made;
    const data = given.data ?? (await side.fetch());
    const response = await fetch(address, { method: "POST", body: data });
    if (!response.ok) throw new Error(`${address}: status ${response.status}`);
  },
  drop() {
    task = input = given = undefined;
  },
};

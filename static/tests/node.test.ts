import { execFile, spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { cp, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as Library from "../client/node";
import { PIXEL } from "../element/native";
import { missing, serve, type Serving } from "./serving";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PACKAGE = here("../../build/package");
const PROGRAM = here("../../examples/node/convert.js");
const run = promisify(execFile);
const SIZE = { width: 200, height: 150, channels: 3 } as const;

describe.skipIf(missing !== undefined)(`a program in Node (${missing ?? "against a real service"})`, () => {
  let library: typeof Library;
  let serving: Serving;
  let codec: Library.Codec;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    library = (await import(/* @vite-ignore */ pathToFileURL(join(PACKAGE, "node.js")).href)) as typeof Library;
    serving = await serve();
    codec = await library.connect({ url: serving.url, place: "local" });
    folder = await mkdtemp(join(tmpdir(), "eitherside-"));
    const samples = Uint8Array.from({ length: SIZE.width * SIZE.height * 3 }, (_, index) => (index * 7) % 256);
    file = join(folder, "a.jxl");
    await writeFile(file, (await codec.encode(samples, { ...SIZE, progressive: true })).image);
    await writeFile(join(folder, "a.png"), (await codec.transcode(await readFile(file), { to: "png" })).image);
    await mkdir(join(folder, "node_modules"));
    await cp(PACKAGE, join(folder, "node_modules", "eitherside"), { recursive: true });
    await cp(PROGRAM, join(folder, "convert.js"));
    await writeFile(join(folder, "package.json"), await readFile(here("../../examples/node/package.json")));
  }, 90_000);
  afterAll(async () => {
    codec.connection.close();
    await serving.kill();
    await rm(folder, { recursive: true });
  });

  it("gives files and streams as they are, to calls and to pushed ones", async () => {
    const bytes = new Uint8Array(await readFile(file));
    const handle = await open(file);
    const sources: [string, () => Library.Input][] = [
      ["bytes", () => bytes],
      ["Blob", () => new Blob([bytes])],
      ["Buffer", () => Buffer.from(bytes)],
      ["open file", () => handle],
      ["Readable", () => createReadStream(file, { highWaterMark: 100 })],
      ["web stream", () => Readable.toWeb(createReadStream(file))],
      ["generator", () => Readable.from([bytes.subarray(0, 9), bytes.subarray(9)])],
    ];
    const whole = (await codec.decode(bytes, { type: "u8" })).samples[0];
    for (const [name, source] of sources) {
      expect((await codec.decode(source(), { type: "u8" })).samples[0], name).toEqual(whole);
    }
    // It is read from where it stands, and stays open.
    expect((await handle.stat()).size).toBe(bytes.length);
    await handle.close();
    const again = await open(file);
    for (const source of [again, createReadStream(file, { highWaterMark: 100 }), new Blob([bytes])]) {
      const stream = codec.decode.pushed({ type: "u8" });
      const shown = [];
      for await (const { samples } of stream.from(source)) shown.push(...samples);
      shown.push(...(await stream.finish()).samples);
      expect(shown.at(-1)).toEqual(whole);
    }
    await again.close();
    const compared = await codec.compare(createReadStream(file), await readFile(file));
    expect(compared.provenance.bytes.in).toBe(2 * bytes.length);
  });

  it("hears of what goes wrong with a stream", async () => {
    await expect(codec.inspect(createReadStream(join(folder, "absent")))).rejects.toMatchObject({ code: "unreachable" });
    await expect(codec.inspect(Readable.from(["text"]))).rejects.toThrow("must yield buffers");
    const endless = (): Readable => Readable.from((function* () { for (;;) yield new Uint8Array(1000); })());
    const bounded = await library.connect({ url: serving.url, pushLimit: 5000 });
    await expect(bounded.inspect(endless())).rejects.toMatchObject({ code: "over_capacity" });
    bounded.connection.close();
    const silent = (): Readable => new Readable({ read: () => undefined });
    const stop = new AbortController();
    const waiting = silent();
    const stopped = codec.inspect(waiting, {}, { signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: "cancelled", name: "AbortError" });
    await expect.poll(() => waiting.destroyed).toBe(true);
    await expect(codec.inspect(silent(), {}, { timeLimit: 50 })).rejects.toMatchObject({ code: "time_limit" });
    await expect(codec.inspect(silent(), {}, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: "time_limit" });
  });

  it("ends what it is `using`", async () => {
    const own = await library.connect({ url: serving.url });
    const stream = own.decode.pushed();
    stream[Symbol.dispose]();
    await expect(stream.finish()).rejects.toMatchObject({ code: "cancelled" });
    own[Symbol.dispose]();
    await expect(own.inspect(await readFile(file))).rejects.toMatchObject({ code: "cancelled" });
  });

  it("and its threads end with it, whatever they do", async () => {
    const program = `
      const { connect } = await import("eitherside");
      const codec = await connect({ url: ${JSON.stringify(serving.url)} });
      const slow = codec.encode(new Uint8Array(3000 * 2000 * 3), { width: 3000, height: 2000, channels: 3, effort: 9 }, { place: "local" });
      setTimeout(() => codec.connection.close(), 300);
      console.log(await slow.catch(({ code }) => code));`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder, timeout: 30_000 });
    expect(stdout.trim()).toBe("cancelled");
  });

  it("is one in CommonJS, too", async () => {
    const program = `
      import("eitherside").then(async ({ connect }) => {
        const codec = await connect({ url: ${JSON.stringify(serving.url)} });
        console.log((await codec.inspect(require("node:fs").createReadStream(${JSON.stringify(file)}))).width);
        codec.connection.close();
      });`;
    const { stdout } = await run(process.execPath, ["--input-type=commonjs", "--eval", program], { cwd: folder, timeout: 30_000 });
    expect(stdout.trim()).toBe(String(SIZE.width));
  });

  it("may be the example", async () => {
    const convert = async (...values: string[]): Promise<string> => (await run(process.execPath, ["convert.js", serving.url, ...values], { cwd: folder, timeout: 60_000 })).stdout;
    const told = await convert("a.png", "b.jxl");
    expect(told).toMatch(/^b\.jxl: \d+ bytes, made here or there: (local|server)\./);
    const stages = told.trim().split("\n").slice(1).map((line) => line.split(" ")[0]);
    expect(stages.length).toBeGreaterThan(1);
    expect([stages[0] === "full", stages.at(-1)]).toEqual([false, "full"]);
    expect(told).toContain(`${SIZE.width} × ${SIZE.height}`);
    const piped = spawn(process.execPath, ["convert.js", serving.url, "-", "c.jxl"], { cwd: folder, stdio: ["pipe", "ignore", "inherit"] });
    createReadStream(join(folder, "a.png")).pipe(piped.stdin);
    expect(await new Promise((resolve) => piped.once("exit", resolve))).toBe(0);
    expect(await readFile(join(folder, "c.jxl"))).toEqual(await readFile(join(folder, "b.jxl")));
    const failing = run(process.execPath, ["convert.js", serving.url, "package.json", "d.jxl"], { cwd: folder });
    await expect(failing).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("(unknown_format)") as string });
  }, 90_000);

  it("has types in CommonJS as in modules, and for the element", async () => {
    await writeFile(join(folder, "a.cts"), `
      async function main(): Promise<number> {
        const { connect } = await import("eitherside");
        using codec = await connect({ url: "https://codec.example/" });
        using stream = codec.decode.pushed({ type: "u8" });
        await stream.push(new Uint8Array(1));
        return (await codec.inspect(new ReadableStream<Uint8Array>())).width;
      }
      main();`);
    await writeFile(join(folder, "b.ts"), `
      import { createReadStream } from "node:fs";
      import { open } from "node:fs/promises";
      import { connect } from "eitherside";
      import { EithersideImage, type ImageProvenance } from "eitherside/element";
      EithersideImage.service = "https://codec.example/";
      const image = document.createElement("eitherside-image");
      image.order = "local";
      image.addEventListener("error", ({ error }) => console.error(error));
      const provenance: ImageProvenance | undefined = image.provenance;
      const codec = await connect({ url: "https://codec.example/" });
      await codec.inspect(createReadStream("a"));
      await codec.inspect(await open("a"));
      // @ts-expect-error a number is none
      image.src = 3;
      // @ts-expect-error nobody sets what came of it
      image.provenance = provenance;
      // @ts-expect-error text is no file
      await codec.inspect("a");`);
    await mkdir(join(folder, "node_modules", "@types"), { recursive: true });
    await cp(here("../node_modules/@types/node"), join(folder, "node_modules", "@types", "node"), { recursive: true });
    await cp(here("../node_modules/undici-types"), join(folder, "node_modules", "undici-types"), { recursive: true });
    const options = { noEmit: true, strict: true, skipLibCheck: true, target: "ES2022", lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"], types: ["node"], module: "node16", moduleResolution: "node16" };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["a.cts", "b.ts"] }));
    const compiled = run(process.execPath, [here("../node_modules/typescript/bin/tsc")], { cwd: folder });
    await expect(compiled.then(({ stdout }) => stdout, (error: unknown) => (error as { stdout: string }).stdout)).resolves.toBe("");
  });

  it("decodes what a browser is asked whether it decodes", async () => {
    expect(await codec.decode(Uint8Array.from(PIXEL))).toMatchObject({ format: "jxl", width: 1, height: 1 });
  });
});

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type * as Library from "../client/node";
import { missing, serve, type Serving } from "./serving";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PACKAGE = here("../../build/package");
const MODULE = here("../../build/codec.wasm");
const run = promisify(execFile);

/** Samples that no encoder finds easy. */
function samples(width: number, height: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  const made = new Uint8Array(width * height * 3);
  for (let index = 0; index < made.length; index += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    made[index] = ((index / 3) % 251) * 0.7 + (state >>> 26);
  }
  return made;
}
const SIZE = { width: 96, height: 64, channels: 3 } as const;

let library: typeof Library;
/** For all tests that let it live; a relay before it may break things as well. */
let serving: Serving;

beforeAll(async () => {
  if (missing !== undefined) return;
  if (!existsSync(PACKAGE)) throw new Error("the package is not built: npm run package");
  library = (await import(/* @vite-ignore */ pathToFileURL(join(PACKAGE, "node.js")).href)) as typeof Library;
  serving = await serve();
}, 90_000);
afterAll(() => (missing === undefined ? serving.kill() : undefined));

describe.skipIf(missing !== undefined)(`the package in Node (${missing ?? "against a real service"})`, () => {
  const open: Library.Codec[] = [];
  const connect = async (options: Library.ConnectOptions = {}): Promise<Library.Codec> => {
    const codec = await library.connect({ url: serving.url, ...options });
    open.push(codec);
    return codec;
  };

  afterEach(() => {
    for (const codec of open.splice(0)) codec.connection.close();
  });

  it("gives the same bytes in both places, and tells where they came from", async () => {
    const codec = await connect();
    const image = samples(SIZE.width, SIZE.height);
    const settings = { digest: true };
    const local = await codec.encode([image], { ...SIZE, distance: 1 }, { ...settings, place: "local" });
    const server = await codec.encode([image], { ...SIZE, distance: 1 }, { ...settings, place: "server" });
    expect(server.image).toEqual(local.image);
    expect(server.provenance.outputs).toEqual(local.provenance.outputs);
    for (const [place, { provenance }] of [["local", local], ["server", server]] as const) {
      expect(provenance).toMatchObject({ place, function: "encode", module: codec.connection.module.sha256, why: "The caller asked for this place." });
      expect(provenance.attempts.map((each) => [each.place, each.outcome])).toEqual([[place, "ok"]]);
      expect(provenance.times.total).toBeGreaterThanOrEqual(provenance.times.compute);
      expect(provenance.bytes.in).toBe(image.length);
    }
    expect(local.provenance.bytes.up).toBe(0);
    expect(server.provenance.bytes.up).toBe(image.length);
    const decoded = await codec.decode(new Blob([local.image]), { type: "u8" });
    expect([decoded.width, decoded.height, decoded.samples[0]?.length]).toEqual([SIZE.width, SIZE.height, image.length]);
  });

  it("has the same errors in both places", async () => {
    const codec = await connect();
    const errors = await Promise.all(
      (["local", "server", "auto"] as const).map(async (place) => {
        const failing = codec.decode(new Uint8Array([255, 10, 1]), {}, { place });
        return failing.then(() => undefined, (error: unknown) => (error as Library.CodecError).fields);
      }),
    );
    expect(errors[0]).toMatchObject({ code: "truncated", input: 0 });
    expect(errors[1]).toMatchObject({ code: errors[0]?.code, message: errors[0]?.message, input: 0 });
    expect(errors[2]).toMatchObject({ code: errors[0]?.code, message: errors[0]?.message });
  });

  it("explains what it would do, and does nothing", async () => {
    const codec = await connect();
    const { image } = await codec.encode([samples(SIZE.width, SIZE.height)], SIZE, { place: "local" });
    const before = codec.connection.calls.recent.length;
    const told = await codec.explain("decode", image, { type: "u8" });
    expect(told.estimates.map(({ place, available }) => [place, available])).toEqual([["local", true], ["server", true]]);
    expect(told.job).toMatchObject({ function: "decode", bytesIn: image.length, pure: true });
    expect(told.job.work).toBeGreaterThan(0);
    expect(told.job.kind).not.toBe("");
    expect(told.why).not.toBe("");
    expect(await codec.explain("decode", image, {}, { place: "server" })).toMatchObject({ place: "server", rule: "forced", order: [] });
    expect(codec.connection.calls.recent.length).toBe(before);
  });

  it("tells of each call as it settles", async () => {
    const codec = await connect();
    const heard: unknown[] = [];
    codec.connection.calls.addEventListener("call", (event) => heard.push((event as CustomEvent).detail));
    await codec.encode([samples(SIZE.width, SIZE.height)], SIZE, { place: "local" });
    expect(heard).toEqual([expect.objectContaining({ function: "encode", place: "local", outcome: "ok" })]);
    expect(codec.connection.calls.recent).toEqual(heard);
  });

  it("follows a change of the connection's place", async () => {
    const codec = await connect({ place: "local" });
    const place = async (): Promise<string> => (await codec.encode([samples(8, 8)], { width: 8, height: 8, channels: 3 })).provenance.place;
    expect(await place()).toBe("local");
    codec.connection.place = "server";
    expect(await place()).toBe("server");
  });

  it("keeps a deadline and a time limit, wherever the call is", async () => {
    const codec = await connect();
    const slow = { width: 1500, height: 1200, channels: 3, effort: 9 } as const;
    const image = samples(1500, 1200);
    for (const place of ["local", "server"] as const) {
      await expect(codec.encode([image], slow, { place, timeLimit: 150 })).rejects.toMatchObject({ code: "time_limit" });
      await expect(codec.encode([image], slow, { place, deadline: Date.now() + 150 })).rejects.toMatchObject({ code: "time_limit" });
      await expect(codec.encode([image], slow, { place, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    }
    await expect(codec.encode([image], slow, { deadline: new Date(0) })).rejects.toMatchObject({ code: "time_limit" });
    await codec.encode([samples(8, 8)], { width: 8, height: 8, channels: 3 });
  });

  it("goes on where local memory ends, on the service alone where the place is open", async () => {
    const codec = await connect({ memoryLimit: 24 * 2 ** 20 });
    const image = samples(1200, 900);
    const options = { width: 1200, height: 900, channels: 3, effort: 3 } as const;
    await expect(codec.encode([image], options, { place: "local" })).rejects.toMatchObject({ code: "memory_limit" });
    expect((await codec.encode([image], options)).provenance.place).toBe("server");
  });

  it("has what transfer took away still at hand for a second place", async () => {
    const codec = await connect({ memoryLimit: 24 * 2 ** 20, planner: { exploration: 0 } });
    const image = samples(1200, 900);
    const copy = image.slice();
    const { provenance } = await codec.encode([copy], { width: 1200, height: 900, channels: 3, effort: 3 }, { transfer: true });
    expect(copy).toHaveLength(0);
    expect(provenance.bytes.in).toBe(image.length);
  });

  it("shows a file while it arrives, and what is pushed ends as what is given whole", async () => {
    const codec = await connect();
    const { image } = await codec.encode([samples(400, 300)], { width: 400, height: 300, channels: 3, progressive: true, effort: 3 }, { place: "local" });
    const whole = await codec.decode(image, { type: "u8" }, { place: "local" });
    const step = Math.ceil(image.length / 20);
    const pieces = Array.from({ length: 20 }, (_, index) => image.slice(index * step, (index + 1) * step));
    const stream = codec.decode.pushed({ type: "u8" });
    const shown = [];
    for await (const result of stream.from(pieces)) shown.push(result);
    const last = await stream.finish();
    const pictures = [...shown, last].flatMap((result) => result.samples);
    expect(pictures.length).toBeGreaterThan(2);
    expect(pictures.at(-1)).toEqual(whole.samples[0]);
    expect(pictures[0]).not.toEqual(whole.samples[0]);
    expect([shown[0]?.complete, last.complete, last.provenance.place, last.provenance.bytes.in]).toEqual([false, true, "local", image.length]);
  });

  it("tells at the end that a pushed file is cut off, and pushes nowhere but here", async () => {
    const codec = await connect();
    const stream = codec.decode.pushed();
    await stream.push(new Uint8Array([255, 10, 1]));
    await expect(stream.finish()).rejects.toMatchObject({ code: "truncated" });
    expect(() => codec.decode.pushed({}, { place: "server" })).toThrow('a pushed call runs here ("local")');
    await expect(codec.decode.pushed({ type: "u99" as "u8" }).finish()).rejects.toMatchObject({ code: "bad_option", option: "/type" });
  });

  it("has no pictures, and says so", async () => {
    const codec = await connect();
    await expect(codec.decode(new Uint8Array(3), {}, { as: "picture" })).rejects.toMatchObject({ code: "unavailable" });
    await expect(codec.decode(new Uint8Array(3), {}, { place: "native" })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is asked by key before anything is uploaded", async () => {
    const codec = await connect({ ask: "always" });
    const image = samples(SIZE.width + 1, SIZE.height);
    const options = { ...SIZE, width: SIZE.width + 1 };
    const first = await codec.encode([image], options, { place: "server" });
    expect(first.provenance.bytes.up).toBe(image.length);
    const second = await codec.encode([image], options, { place: "server" });
    expect(second.image).toEqual(first.image);
    expect(second.provenance).toMatchObject({ known: true, bytes: { up: 0 } });
    const never = await connect({ ask: "never" });
    expect((await never.encode([image], options, { place: "server" })).provenance.bytes.up).toBe(image.length);
  });

  it("ends a program that has nothing more to do", async () => {
    const program = `
      import { connect } from ${JSON.stringify(pathToFileURL(join(PACKAGE, "node.js")).href)};
      const codec = await connect({ url: ${JSON.stringify(serving.url)} });
      const { image } = await codec.encode([new Uint8Array(192)], { width: 8, height: 8, channels: 3 }, { place: "local" });
      // A stream that is left open keeps no program alive.
      await codec.decode.pushed().push(image.slice(0, 20));
      console.log(image.length > 0);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { timeout: 60_000 });
    expect(stdout.trim()).toBe("true");
  });
});

describe.skipIf(missing !== undefined)("a service that goes away", () => {
  const cleanup: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of cleanup.splice(0).reverse()) await end();
  });
  const connect = async (options: Library.ConnectOptions): Promise<Library.Codec> => {
    const codec = await library.connect(options);
    cleanup.push(() => codec.connection.close());
    return codec;
  };
  const started = async (settings: Record<string, string | number> = {}): Promise<Serving> => {
    const serving = await serve(settings);
    cleanup.push(() => serving.kill());
    return serving;
  };
  const slow = { width: 900, height: 900, channels: 3, effort: 9 } as const;

  it("in the middle of a call: the call fails there, and is made here where the place is open", async () => {
    const dying = await started();
    const codec = await connect({ url: dying.url });
    let sent = 0;
    const onprogress = ({ stage }: Library.Progress): void => {
      if (stage === "sending" && (sent += 1) === 1) setTimeout(() => void dying.kill(), 300);
    };
    await expect(codec.encode([samples(900, 900)], slow, { place: "server", onprogress })).rejects.toMatchObject({ code: "unreachable" });
    const small = await codec.encode([samples(8, 8)], { width: 8, height: 8, channels: 3 });
    expect(small.provenance.place).toBe("local");
    await expect(codec.encode([samples(8, 8)], { width: 8, height: 8, channels: 3 }, { place: "server" })).rejects.toMatchObject({ code: "unreachable" });
  }, 120_000);

  it("and comes back with another module: the old one works on, then the new one takes over", async () => {
    const folder = await mkdtemp(join(tmpdir(), "eitherside-"));
    cleanup.push(() => rm(folder, { recursive: true }));
    const other = join(folder, "other.wasm");
    // A custom section more: the same functions, another identity. The tests of upgrades have the same bytes, so both find it compiled.
    await writeFile(other, Buffer.concat([await readFile(MODULE), Buffer.from("\0\x06\x05other")]));
    const before = await started();
    const stays = await connect({ url: before.url, onupgrade: "stay" });
    const follows = await connect({ url: before.url });
    const old = follows.connection.module.sha256;
    await before.kill();
    await started({ port: before.port, module: other });
    const encode = (codec: Library.Codec, place: Library.PlaceChoice): ReturnType<Library.Codec["encode"]> =>
      codec.encode([samples(8, 8)], { width: 8, height: 8, channels: 3 }, { place });
    await expect(encode(stays, "server")).rejects.toMatchObject({ code: "other_module" });
    const kept = await encode(stays, "auto");
    expect(kept.provenance).toMatchObject({ place: "local", module: old });
    expect(stays.connection.module.sha256).toBe(old);
    const followed = await encode(follows, "server");
    expect(followed.provenance.place).toBe("server");
    expect(followed.provenance.module).not.toBe(old);
    expect(follows.connection.module.sha256).toBe(followed.provenance.module);
    expect(await encode(follows, "local")).toMatchObject({ provenance: { module: followed.provenance.module } });
    expect(followed.image).toEqual(kept.image);
  }, 120_000);

  it("or is there, but never answers", async () => {
    // What the service itself allows a call is added to the limit on silence.
    const hasty = await started({ time_limit: 1, queue_time: 1 });
    let silent = false;
    const proxy = await relay(hasty, () => silent);
    cleanup.push(() => new Promise((closed) => { proxy.server.close(closed); proxy.server.closeAllConnections(); }));
    const codec = await connect({ url: proxy.url, silenceLimit: 2000 });
    silent = true;
    const options = { width: 8, height: 8, channels: 3 } as const;
    await expect(codec.encode([samples(8, 8)], options, { place: "server" })).rejects.toMatchObject({ code: "unreachable", message: expect.stringContaining("said nothing") as string });
    await expect(library.connect({ url: proxy.url, silenceLimit: 500 })).rejects.toMatchObject({ code: "unreachable" });
  });

  it("or has no room: the call runs here, and the service is left alone as long as it asks for", async () => {
    let isBusy = false;
    const proxy = await relay(serving, () => false, () => false, [], () => isBusy);
    cleanup.push(() => new Promise((closed) => { proxy.server.close(closed); proxy.server.closeAllConnections(); }));
    const codec = await connect({ url: proxy.url, planner: { exploration: 0 } });
    isBusy = true;
    const options = { width: 8, height: 8, channels: 3 } as const;
    await expect(codec.encode([samples(8, 8)], options, { place: "server" })).rejects.toMatchObject({ code: "over_capacity", retryAfter: 60 });
    const { estimates } = await codec.explain("encode", [samples(8, 8)], options);
    expect(estimates.map(({ place, available }) => [place, available])).toEqual([["local", true], ["server", false]]);
    expect((await codec.encode([samples(8, 8)], options)).provenance.place).toBe("local");
  });

  it("or breaks its answer off", async () => {
    let cut = false;
    const proxy = await relay(serving, () => false, () => cut);
    cleanup.push(() => new Promise((closed) => { proxy.server.close(closed); proxy.server.closeAllConnections(); }));
    const codec = await connect({ url: proxy.url });
    cut = true;
    const options = { width: 96, height: 64, channels: 3 } as const;
    await expect(codec.encode([samples(96, 64)], options, { place: "server" })).rejects.toMatchObject({ code: "unreachable" });
    expect((await codec.encode([samples(96, 64)], options)).provenance.place).toBe("local");
  });

  it("or is older, and knows neither pinning nor load nor results", async () => {
    const proxy = await relay(serving, () => false, () => false, ["/v1/capacity", "/v1/results/", "/v1/calls/"]);
    cleanup.push(() => new Promise((closed) => { proxy.server.close(closed); proxy.server.closeAllConnections(); }));
    const codec = await connect({ url: proxy.url, ask: "always" });
    const { provenance } = await codec.encode([samples(8, 8)], { width: 8, height: 8, channels: 3 }, { place: "server" });
    expect(provenance).toMatchObject({ place: "server", known: undefined });
  });
});

/** A relay before a service: mute on demand, cutting answers to calls in half, or knowing fewer addresses. */
async function relay(serving: Serving, isMute: () => boolean, isCutting: () => boolean = () => false, unknown: string[] = [], isBusy: () => boolean = () => false): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const answered = (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      if (isMute()) return;
      const path = request.url ?? "/";
      if (unknown.some((each) => path.startsWith(each))) return response.writeHead(404).end();
      if (isBusy() && request.method === "POST") return response.writeHead(503, { "retry-after": "60" }).end();
      const own = /^(host|connection|content-length|transfer-encoding|keep-alive)$/;
      const headers = Object.fromEntries(Object.entries(request.headers as Record<string, string>).filter(([name]) => !own.test(name)));
      const body = parts.length > 0 ? { body: Buffer.concat(parts) } : {};
      const answer = await fetch(new URL(path, serving.url), { method: request.method ?? "GET", headers: { ...headers, "accept-encoding": "identity" }, ...body });
      const bytes = Buffer.from(await answer.arrayBuffer());
      response.writeHead(answer.status, { ...Object.fromEntries([...answer.headers].filter(([name]) => !own.test(name))), "content-length": bytes.length });
      if (!isCutting() || request.method !== "POST") return response.end(bytes);
      response.write(bytes.subarray(0, bytes.length / 2));
      return setTimeout(() => response.destroy(), 50);
    })();
    // The service may be stopped while the relay still asks it.
    answered.catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

describe("the package's types", () => {
  it.each(["node16", "bundler"])("serve a program that is compiled with moduleResolution %s", async (resolution) => {
    const folder = await mkdtemp(join(tmpdir(), "eitherside-"));
    try {
      await mkdir(join(folder, "node_modules"));
      await cp(PACKAGE, join(folder, "node_modules", "eitherside"), { recursive: true });
      await cp(here("consumer.ts.txt"), join(folder, "consumer.ts"));
      await writeFile(join(folder, "package.json"), '{"type": "module"}');
      const module = resolution === "node16" ? "node16" : "ESNext";
      // TypeScript's own declarations are not what is tested here, and most of the work.
      const options = { noEmit: true, strict: true, skipDefaultLibCheck: true, target: "ES2022", lib: ["ES2022", "DOM"], types: [], module, moduleResolution: resolution };
      await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["consumer.ts"] }));
      const compiled = run(process.execPath, [here("../node_modules/typescript/bin/tsc")], { cwd: folder });
      await expect(compiled.then(({ stdout }) => stdout, (error: unknown) => (error as { stdout: string }).stdout)).resolves.toBe("");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});


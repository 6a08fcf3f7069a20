import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { serverTiming } from "../client/places/answer";
import type { Report } from "../client/places/place";
import { body, ServerPlace } from "../client/places/server";
import { blend, count, example, requestOf } from "./example";

interface Reply {
  status?: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

let server: Server | undefined;
afterEach(() => server?.close());

/** A service that answers everything in one way. */
async function place(reply: Reply): Promise<ServerPlace> {
  server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(reply.status ?? 200, reply.headers).end(reply.body));
  });
  await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return new ServerPlace({ ...LIMITS, url: `http://127.0.0.1:${port}/` });
}

const LIMITS = { description: example, sha256: "abc", silenceLimit: 5000, answerLimit: 5000 };
const request = (fn = blend): ReturnType<typeof requestOf> => requestOf({ fn });
const ignore: Report = { progress: () => undefined, note: () => undefined, team: () => false };

describe("a request", () => {
  it("has the options as JSON and the inputs by name, in order", async () => {
    const form = body(request());
    expect([...form.keys()]).toEqual(["options", "layers", "layers"]);
    const options = form.get("options") as File;
    expect(options.type).toBe("application/json");
    expect(await options.text()).toBe('{"opacity":0.5}');
    const sizes = form.getAll("layers").map((part) => (part as File).size);
    expect(sizes).toEqual([3, 1]);
  });
});

describe("an answer", () => {
  const common = { "Eitherside-Module": "abc", "Server-Timing": "queue;dur=1.5, compute;dur=20;desc=x" };

  it("is read from multipart/form-data", async () => {
    const plane = Buffer.from([0, 255, 13, 10, 45, 45]);
    const parts = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="result"\r\nContent-Type: application/json\r\n\r\n{"format":"ras"}\r\n'),
      Buffer.from('--b\r\nContent-Disposition: form-data; name="planes"; filename="planes"\r\nContent-Type: application/octet-stream\r\n\r\n'), plane,
      Buffer.from('\r\n--b\r\nContent-Disposition: form-data; name="picture"; filename="picture"\r\nContent-Type: image/x-raster\r\n\r\nP\r\n--b--\r\n'),
    ]);
    const answer = await (await place({ headers: { ...common, "Content-Type": "multipart/form-data; boundary=b" }, body: parts })).run(request(), ignore);
    expect(answer.result).toEqual({ format: "ras" });
    expect(answer.outputs.map(({ name, mediaType }) => [name, mediaType])).toEqual([["planes", "application/octet-stream"], ["picture", "image/x-raster"]]);
    expect(Buffer.from(answer.outputs[0]?.data ?? new ArrayBuffer())).toEqual(plane);
    expect(answer).toMatchObject({ module: "abc", queued: 1.5, compute: 20, bytesIn: 4 });
  });

  it("is read from a raw body with the result in a header", async () => {
    const headers = { ...common, "Content-Type": "application/octet-stream", "Eitherside-Result": '{"rows":1}' };
    const answer = await (await place({ headers, body: Buffer.from([9, 8]) })).run(request(), ignore);
    expect(answer.result).toEqual({ rows: 1 });
    expect(answer.outputs.map(({ name, data }) => [name, [...new Uint8Array(data)]])).toEqual([["planes", [9, 8]]]);
  });

  it("is read from JSON where the function has no outputs", async () => {
    const answer = await (await place({ headers: { "Content-Type": "application/json" }, body: '{"rows":4}' })).run(request(count), ignore);
    expect(answer).toMatchObject({ result: { rows: 4 }, outputs: [] });
  });

  it.each([
    ["a raw body without its result", { headers: { "Content-Type": "image/png" }, body: "x" }, blend],
    ["JSON that is none", { headers: { "Content-Type": "application/json" }, body: "{" }, count],
    ["a result that is no object", { headers: { "Content-Type": "application/json" }, body: "[1]" }, count],
    ["multipart that is cut off", { headers: { "Content-Type": "multipart/form-data; boundary=b" }, body: "--b\r\nConte" }, blend],
  ])("is refused: %s", async (_, reply, fn) => {
    await expect((await place(reply)).run(request(fn), ignore)).rejects.toMatchObject({ code: "bad_answer" });
  });
});

describe("an error", () => {
  it("is the one that a local call gives", async () => {
    const problem = { code: "corrupt", title: "The input breaks the rules", status: 422, detail: "frame 2 is bad", option: "/rows", input: "layers", index: 1 };
    const reply = { status: 422, headers: { "Content-Type": "application/problem+json" }, body: JSON.stringify(problem) };
    await expect((await place(reply)).run(request(), ignore)).rejects.toMatchObject({
      name: "CodecError", code: "corrupt", message: "frame 2 is bad", title: problem.title, option: "/rows", input: 1, status: 422,
    });
  });

  it.each([
    [502, "unreachable"],
    [500, "bad_answer"],
    [404, "bad_answer"],
  ])("that is not the service's own (%i) is %s", async (status, code) => {
    const reply = { status, headers: { "Content-Type": "text/html" }, body: "<h1>Oops</h1>" };
    await expect((await place(reply)).run(request(), ignore)).rejects.toMatchObject({ code, status });
  });

  it("is unreachable where nobody listens", async () => {
    const dead = new ServerPlace({ ...LIMITS, url: "http://127.0.0.1:9/" });
    await expect(dead.run(request(), ignore)).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("serverTiming", () => {
  it("reads durations and skips everything else", () => {
    const times = serverTiming('queue;desc="a";dur=1, miss, compute;dur=x, total;dur=3.25');
    expect([...times]).toEqual([["queue", 1], ["total", 3.25]]);
    expect(serverTiming(null).size).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { CodecError, hostError } from "../client/errors";
import { judge } from "../client/outcome";
import type { Place } from "../client/protocol";
import { type Course, LOST, race } from "../client/race";
import { example } from "./example";

interface Running {
  place: Place;
  why: string | undefined;
  signal: AbortSignal;
  resolve: (value: string) => void;
  reject: (error: CodecError) => void;
}

function setUp(fields: Partial<Course<string>> = {}): { result: ReturnType<typeof race<string>>; running: Running[]; controller: AbortController } {
  const running: Running[] = [];
  const controller = new AbortController();
  const result = race<string>({
    order: ["local", "server"],
    hedge: undefined,
    mayHedge: () => true,
    attempt: (place, why, signal) =>
      new Promise((resolve, reject) => {
        running.push({ place, why, signal, resolve, reject });
        signal.addEventListener("abort", () => reject(hostError("cancelled", "stopped")));
      }),
    isFinal: ({ code }) => code === "corrupt",
    signal: controller.signal,
    ...fields,
  });
  result.catch(() => undefined);
  return { result, running, controller };
}
const error = (code: string): CodecError => new CodecError({ code, message: code });
const pause = (ms = 0): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe("a call's way through its places", () => {
  it("ends where the first one answers", async () => {
    const { result, running } = setUp();
    running[0]?.resolve("here");
    expect(await result).toEqual({ place: "local", value: "here" });
    expect(running).toHaveLength(1);
  });

  it("goes on after a failure, and says why", async () => {
    const { result, running } = setUp();
    running[0]?.reject(error("over_capacity"));
    await pause();
    expect(running[1]).toMatchObject({ place: "server", why: "Before, local failed: over_capacity." });
    running[1]?.resolve("there");
    expect(await result).toEqual({ place: "server", value: "there" });
  });

  it("ends with a bad input, whatever places are left", async () => {
    const { result, running } = setUp();
    running[0]?.reject(error("corrupt"));
    await expect(result).rejects.toMatchObject({ code: "corrupt" });
    expect(running).toHaveLength(1);
  });

  it("fails with what says most", async () => {
    for (const codes of [["memory_limit", "unreachable"], ["unreachable", "memory_limit"]]) {
      const { result, running } = setUp();
      for (const [index, code] of codes.entries()) {
        running[index]?.reject(error(code));
        await pause();
      }
      await expect(result).rejects.toMatchObject({ code: "memory_limit" });
    }
  });

  it("gives a worker that died one more chance where no other place is left", async () => {
    const { result, running } = setUp({ order: ["local"] });
    running[0]?.reject(error("worker_crashed"));
    await pause();
    expect(running.map(({ place }) => place)).toEqual(["local", "local"]);
    running[1]?.reject(error("worker_crashed"));
    await expect(result).rejects.toMatchObject({ code: "worker_crashed" });
    expect(running).toHaveLength(2);
  });

  it("starts a second one when the first is slow, and stops the slower of the two", async () => {
    const { result, running } = setUp({ hedge: { place: "server", after: 5 } });
    expect(running).toHaveLength(1);
    await pause(30);
    expect(running.map(({ place }) => place)).toEqual(["local", "server"]);
    running[1]?.resolve("there");
    expect(await result).toEqual({ place: "server", value: "there" });
    expect(running[0]?.signal.reason).toBe(LOST);
  });

  it("waits for the other one of a pair when one fails", async () => {
    const { result, running } = setUp({ hedge: { place: "server", after: 5 } });
    await pause(30);
    running[1]?.reject(error("unreachable"));
    await pause();
    running[0]?.resolve("here");
    expect(await result).toEqual({ place: "local", value: "here" });
  });

  it("starts no second one that the budget forbids, or after the end", async () => {
    const forbidden = setUp({ hedge: { place: "server", after: 5 }, mayHedge: () => false });
    const ended = setUp({ hedge: { place: "server", after: 5 } });
    ended.running[0]?.resolve("here");
    await pause(30);
    expect([forbidden.running.length, ended.running.length]).toEqual([1, 1]);
  });

  it("stops everything when the call is stopped, and tries nothing more", async () => {
    const { result, running, controller } = setUp({ hedge: { place: "server", after: 5 } });
    await pause(30);
    controller.abort(hostError("cancelled", "stopped"));
    await expect(result).rejects.toMatchObject({ code: "cancelled" });
    expect(running).toHaveLength(2);
    expect(running.every(({ signal }) => signal.aborted)).toBe(true);
  });
});

describe("an error", () => {
  const verdict = (code: string, place: Place, readsMore = false): string => {
    const { outcome, isFinal } = judge(error(code), place, example, readsMore);
    return `${outcome} ${isFinal ? "final" : "open"}`;
  };

  it("of the input is final; for lack of room or of a connection it is not", () => {
    expect(verdict("corrupt", "local")).toBe("bad_input final");
    expect(verdict("corrupt", "server")).toBe("bad_input final");
    expect(verdict("memory_limit", "local")).toBe("memory open");
    expect(verdict("body_too_large", "server")).toBe("memory open");
    expect(verdict("over_capacity", "server")).toBe("refused open");
    for (const code of ["unreachable", "worker_crashed", "time_limit", "internal", "bad_answer"]) expect(verdict(code, "server")).toBe("failed open");
    expect(verdict("not_decoded", "native")).toBe("bad_input open");
    expect(verdict("other_module", "server")).toBe("bad_input open");
    expect(verdict("not_allowed", "server")).toBe("bad_input open");
  });
});

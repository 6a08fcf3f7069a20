import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CodecError, type HostCode } from "../client/errors";
import type { CallPoint, Estimate, Explanation, PictureDescription, Place } from "../client/index";
import { contingency, known, reasons, tableOf } from "../viewer/model/explained";
import { learned, loadOf } from "../viewer/model/learned";
import { looking } from "../viewer/model/looking";
import { isChoice, placeFor, privacy } from "../viewer/model/places";
import { domainOf, marksOf, median, position, summaries, ticks } from "../viewer/model/plot";
import { awayNotice, Reach } from "../viewer/model/reach";
import { Settings } from "../viewer/model/settings";
import { advice } from "../viewer/view/failure";

const point = (fields: Partial<CallPoint> = {}): CallPoint => ({
  function: "f", kind: "k", place: "local", outcome: "ok", predicted: 100, low: 50, high: 200, actual: 120, at: 1, ...fields,
});
const time = fc.double({ min: 0.001, max: 1e6, noNaN: true });

describe("the plot's scale", () => {
  it("holds every prediction and every time, on whole decades", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ predicted: time, actual: time }), { minLength: 1 }), (all) => {
        const domain = domainOf(all.map((each) => point(each)));
        for (const value of [domain.from, domain.to]) expect(Math.log10(value)).toBeCloseTo(Math.round(Math.log10(value)), 9);
        expect(domain.to / domain.from).toBeGreaterThan(99);
        for (const value of all.flatMap(({ predicted, actual }) => [predicted, actual])) {
          expect(value).toBeLessThanOrEqual(domain.to * (1 + 1e-9));
          expect(Math.max(0.1, value)).toBeGreaterThanOrEqual(domain.from * (1 - 1e-9));
        }
      }),
    );
  });

  it("is there before any call", () => {
    expect(domainOf([])).toEqual({ from: 1, to: 1000 });
  });

  it("is logarithmic, and ends where the axis does", () => {
    const domain = { from: 1, to: 10_000 };
    expect([0, 0.5, 1, 10, 100, 10_000, 1e9].map((value) => position(value, domain))).toEqual([0, 0, 0, 0.25, 0.5, 1, 1].map((each) => expect.closeTo(each, 9) as number));
  });

  it("orders positions as times are", () => {
    const domain = { from: 0.1, to: 1e5 };
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((value) => position(value, domain));
        expect(low).toBeLessThanOrEqual(high ?? -1);
      }),
    );
  });

  it("has a tick at each power of ten", () => {
    expect(ticks({ from: 0.1, to: 100_000 }).map(({ label }) => label)).toEqual(["0.1 ms", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"]);
  });
});

describe("the plot's marks", () => {
  it("are the calls that gave a result", () => {
    const good = point();
    expect(marksOf([point({ outcome: "unreachable" }), good, point({ outcome: "cancelled" }), point({ predicted: 0 })])).toEqual([good]);
  });

  it("are the last ones", () => {
    const all = Array.from({ length: 400 }, (_, at) => point({ at }));
    expect(marksOf(all).at(-1)?.at).toBe(399);
    expect(marksOf(all).length).toBeLessThan(200);
  });

  it("are summed up for each place", () => {
    const marks = [point({ actual: 50 }), point({ actual: 200 }), point({ place: "server", actual: 300 })];
    expect(summaries(marks)).toEqual([
      { place: "local", calls: 2, ratio: 1, within: 1 },
      { place: "server", calls: 1, ratio: 3, within: 0 },
    ]);
  });

  it("have a median that takes twice and half for alike", () => {
    expect([median([3]), median([1, 4, 9]), median([0.5, 2])]).toEqual([3, 4, 1]);
    expect(median([])).toBeNaN();
  });
});

describe("the table of places", () => {
  const parts = { queue: 0, start: 0, roundTrip: 2, up: 3.04, compute: 100, down: 4 };
  const estimate = (place: Place, fields: Partial<Estimate> = {}): Estimate => ({
    place, available: true, why: undefined, expected: 109, low: 60, high: 1300, parts, penalty: 0, cost: 109, samples: 0, ...fields,
  });
  const away = estimate("native", { available: false, why: "does not decode image/jxl", expected: NaN, samples: 2.34 });
  const cells = (estimates: Estimate[]): Record<string, string[]> =>
    Object.fromEntries(tableOf({ estimates, place: "server" }).rows.map(({ label, cells: own }) => [label, own]));

  it("tells what each place takes, in one order", () => {
    const { places } = tableOf({ estimates: [estimate("server"), estimate("local"), away], place: "server" });
    expect(places.map(({ place, isChosen, isAvailable }) => [place, isChosen, isAvailable])).toEqual([
      ["native", false, false], ["local", false, true], ["server", true, true],
    ]);
    expect(cells([estimate("server"), estimate("local"), away])).toMatchObject({
      Predicted: ["–", "109 ms", "109 ms"],
      "Likely range": ["–", "60 ms – 1.30 s", "60 ms – 1.30 s"],
      Queue: ["–", "–", "–"],
      Upload: ["–", "3.0 ms", "3.0 ms"],
      "Learned from": ["2 calls", "nothing yet", "nothing yet"],
    });
  });

  it("has penalties only where there are some", () => {
    expect(Object.keys(cells([estimate("local")]))).not.toContain("Penalty");
    expect(cells([estimate("local"), estimate("server", { penalty: 500, cost: 609 })])).toMatchObject({
      Penalty: ["0.0 ms", "500 ms"], Compared: ["109 ms", "609 ms"],
    });
  });

  it("says which places are out of the question, and why", () => {
    expect(reasons({ estimates: [away, estimate("local")] })).toEqual(["Browser’s own decoder: does not decode image/jxl."]);
  });

  it("says what comes next if that fails or lasts", () => {
    expect(contingency({ place: "local", order: [], hedge: undefined, ask: false })).toBe("");
    expect(contingency({ place: "native", order: ["local", "server"], hedge: { place: "local", after: 1500 }, ask: true })).toBe(
      "Its colours may differ a little from the module’s. The server is asked first whether it has the result. If that fails: browser, then server. " +
        "Without an answer after 1.50 s, it is also started at the other place: browser.",
    );
  });

  it("says what is known of the call, and what is not", () => {
    const job: Explanation["job"] = {
      function: "f", kind: "a/b", work: 12, bytesIn: 1000, bytesOut: 2e6, memory: undefined, pure: true, priority: "auto", deadline: undefined,
    };
    expect(known({ job })).toBe("kind a/b, 12 ms of work on the reference machine, 1.00 kB in, about 2.00 MB out");
    expect(known({ job: { ...job, kind: "", work: undefined, bytesOut: undefined } })).toBe("work unknown, 1.00 kB in");
  });
});

describe("what was learned", () => {
  it("is told in words, but for what nothing was seen of", () => {
    const coefficients = {
      "machine:local": [Math.log(1.5), 0.1, 3, 0], "machine:server": [0, 0.1, 0, 0], "up:server": [Math.log(1e-3), 0.1, 2, 0],
      "kind:local:f:a": [0, 0, 1, 0], "kind:local:f:b": [0, 0, 2, 0], "kind:server:f:b": [0, 0, 0, 0],
    } as const;
    expect(learned({ coefficients })).toEqual([
      { label: "This browser", value: "1.50 × the reference machine’s time" },
      { label: "Upload", value: "1.00 MB/s" },
      { label: "Seen so far", value: "2 kinds of calls" },
    ]);
    expect(learned({ coefficients: {} })).toEqual([{ label: "Seen so far", value: "no calls" }]);
  });

  it("has the server's load beside it", () => {
    expect(loadOf(undefined)).toBe("not heard of");
    expect(loadOf({ running: 1, waiting: 0, threads: 2, wait: 0 })).toBe("1 of 2 threads busy, nothing waiting");
    expect(loadOf({ running: 1, waiting: 3, threads: 1, wait: 250 })).toBe("1 of 1 thread busy, 3 waiting, 250 ms until one begins");
  });
});

describe("looking at a file", () => {
  const picture: PictureDescription = { output: "samples", options: { type: "u8", frames: "first" } };
  const facts = (width: number, height: number, count: number): Parameters<typeof looking>[0] => ({ width, height, frames: Array.from({ length: count }, () => ({})) });

  it("takes a bitmap for a still picture", () => {
    expect(looking(facts(4000, 3000, 1), picture)).toEqual({ options: {}, isPicture: true, tooMany: undefined });
  });

  it("takes samples for an animation, for what no bitmap holds, and where the module has no pictures", () => {
    for (const each of [looking(facts(40, 30, 5), picture), looking(facts(20_000, 30, 1), picture), looking(facts(16_384, 16_385, 1), picture)]) {
      expect(each).toEqual({ options: { type: "u8", frames: "all" }, isPicture: false, tooMany: undefined });
    }
    expect(looking(facts(40, 30, 1), undefined)).toMatchObject({ isPicture: false });
  });

  it("takes one frame where all are too many", () => {
    expect(looking(facts(4000, 3000, 50), picture)).toEqual({ options: { type: "u8", frames: "first" }, isPicture: false, tooMany: 50 });
  });
});

describe("the choice of a place", () => {
  afterEach(() => vi.unstubAllGlobals());

  function store(texts: Record<string, string>): void {
    vi.stubGlobal("localStorage", { getItem: (key: string) => texts[key] ?? null, setItem: (key: string, value: string) => (texts[key] = value) });
  }

  it("is left to the client at first, and remembered from then on", () => {
    store({});
    const settings = new Settings();
    expect(settings.place.value).toBe("auto");
    settings.choosePlace("local");
    expect(new Settings().place.value).toBe("local");
  });

  it("survives a store that holds nonsense, or is forbidden", () => {
    store({ "eitherside:viewer:place": "the moon" });
    expect(new Settings().place.value).toBe("auto");
    const forbidden = (): never => {
      throw new Error("forbidden");
    };
    vi.stubGlobal("localStorage", { getItem: forbidden, setItem: forbidden });
    const settings = new Settings();
    settings.choosePlace("server");
    expect(settings.place.value).toBe("server");
  });

  it("keeps in the browser whatever its own decoder cannot do", () => {
    expect([placeFor("native", true), placeFor("native", false), placeFor("auto", false), placeFor("server", true)]).toEqual(["native", "local", "auto", "server"]);
    expect([isChoice("native"), isChoice(undefined)]).toEqual([true, false]);
  });

  it("is honest about what is sent", () => {
    expect(privacy("auto")).toContain("may be sent to this page’s server");
    expect(privacy("server")).toContain("are sent");
    for (const place of ["local", "native"] as const) expect(privacy(place)).toContain("stay in this browser");
  });
});

describe("the server's reach", () => {
  it("is told by calls on the server alone", () => {
    const reach = new Reach(true);
    const seen: boolean[] = [];
    reach.watch((value) => seen.push(value));
    for (const [place, outcome] of [["local", "unreachable"], ["server", "over_capacity"], ["server", "unreachable"], ["server", "unreachable"], ["server", "cancelled"], ["local", "ok"]] as const) {
      reach.settled({ place, outcome });
    }
    expect(seen).toEqual([true, false]);
    reach.settled({ place: "server", outcome: "ok" });
    expect(seen).toEqual([true, false, true]);
  });

  it("is put into words that fit the choice", () => {
    expect(awayNotice("auto")).toContain("goes on in this browser");
    expect(awayNotice("server")).toContain("Choose");
  });
});

describe("advice", () => {
  // A record, so that the compiler finds a code that is missing.
  const host: Record<HostCode, true> = {
    cancelled: true, time_limit: true, over_capacity: true, worker_crashed: true, unreachable: true, bad_answer: true, bad_module: true,
    other_module: true, not_decoded: true, unavailable: true, internal: true,
  };

  it("is there for every code of the client, wherever it comes from", () => {
    for (const code of Object.keys(host)) {
      for (const place of ["auto", "native", "local", "server"] as const) {
        expect(advice(new CodecError({ code, message: "" }), place, []), `${code} at ${place}`).toMatch(/\.$/);
      }
    }
  });

  it("never sends to the place that has just failed", () => {
    const text = advice(new CodecError({ code: "memory_limit", message: "" }), "server", []);
    expect(text).toContain("“Browser”");
    expect(text).not.toContain("“Server”");
  });
});

import type { FunctionDescription, Interface } from "../client/interface";
import type { Answer, CallRequest } from "../client/protocol";

/** A function of no codec, to show that nothing depends on the names of one. */
export const blend: FunctionDescription = {
  name: "blend",
  id: 7,
  summary: "Blends layers.",
  description: "",
  idempotent: true,
  inputs: [
    { name: "layers", summary: "", repeated: true, array: { shape: ["rows", "columns", "planes"], dtype: "kind" } },
    { name: "mask", summary: "", media_type: "image/x-mask", optional: true },
  ],
  options: { type: "object", properties: { rows: { type: "integer" }, opacity: { type: "number" } } },
  outputs: [
    { name: "planes", summary: "", media_type: "application/octet-stream", repeated: true, array: { shape: ["rows", "columns"], dtype: "kind" } },
    { name: "picture", summary: "", format_from: "format", optional: true },
  ],
  result: { type: "object", properties: { rows: { type: "integer" } } },
  errors: ["corrupt"],
  cost: { drivers: [], summary: "" },
};

export const count: FunctionDescription = { ...blend, name: "count", id: 8, inputs: [{ name: "image", summary: "" }], outputs: [], pushed: { input: "image" } };

export const example: Interface = {
  eitherside: 1,
  name: "example",
  title: "Example",
  summary: "",
  formats: [{ name: "ras", title: "Raster", media_type: "image/x-raster", extensions: ["ras"], read: true, write: true }],
  errors: [{ code: "corrupt", number: 6, title: "The input breaks the rules", status: 422 }],
  functions: [blend, count],
};

/** An answer with nothing in it. */
export const ANSWER: Answer = {
  result: {}, outputs: [], module: "m", bytesIn: 0, bytesUp: 0, bytesDown: 0, queued: 0, start: 0, compute: 1, download: 0,
};

/** A request of a call. */
export const requestOf = (fields: Partial<CallRequest> = {}): CallRequest => ({
  id: "0123456789abcdef", place: "server", fn: blend, options: '{"opacity":0.5}', memoryLimit: undefined, digest: false,
  picture: false, giveBack: false, ask: "no", isPinned: true, priority: "auto", threads: 1,
  sources: [{ input: 0, data: new Uint8Array([1, 2, 3]).buffer }, { input: 0, data: new Uint8Array([4]).buffer }],
  ...fields,
});

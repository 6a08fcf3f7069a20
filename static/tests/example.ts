import type { FunctionDescription, Interface } from "../client/interface";

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

export const count: FunctionDescription = { ...blend, name: "count", id: 8, inputs: [{ name: "image", summary: "" }], outputs: [] };

export const example: Interface = {
  eitherside: 1,
  name: "example",
  title: "Example",
  summary: "",
  formats: [{ name: "ras", title: "Raster", media_type: "image/x-raster", extensions: ["ras"], read: true, write: true }],
  errors: [{ code: "corrupt", number: 6, title: "The input breaks the rules", status: 422 }],
  functions: [blend, count],
};

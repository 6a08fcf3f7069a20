import { hostError } from "./errors";

/** Name of the custom section in which a module describes itself. */
export const SECTION = "eitherside:interface";

/** The part of JSON Schema 2020-12 that options and results are written in. */
export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  unit?: string;
  enum?: (string | number)[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  maxItems?: number;
  format_option?: boolean;
  /** Largest value that a service lets everyone set, unless its owner says otherwise. */
  untrusted_maximum?: number;
}

/** How a buffer is laid out: names in `shape` and `dtype` refer to options (inputs) or result fields (outputs). */
export interface ArrayDescription {
  shape: string[];
  dtype: string;
  /** Name of a list beside them; each item describes one buffer, and comes first where it has such a member. */
  items?: string;
}

export interface BufferDescription {
  name: string;
  summary: string;
  media_type?: string;
  /** Inputs: names of the formats that are read. */
  formats?: string[];
  /** Outputs: name of the result field that tells the format. */
  format_from?: string;
  repeated?: boolean;
  optional?: boolean;
  array?: ArrayDescription;
}

/** Where a function's cost comes from; the expressions are evaluated by cost.ts. */
export interface CostDescription {
  drivers: string[];
  summary: string;
  measure?: { function: string; input: string; prefix: number };
  kind?: unknown[];
  work?: unknown;
  output_bytes?: unknown;
  memory?: unknown;
}

/** An output that can be shown as it is: with these options its first buffer is RGBA, 8 bits, sRGB, straight alpha. */
export interface PictureDescription {
  output: string;
  options: Record<string, unknown>;
  /** Name of the input that a browser may decode on its own instead. */
  native?: string;
}

/** A short call whose time tells how fast a machine is. */
export interface ProbeDescription {
  function: string;
  options: Record<string, unknown>;
  inputs: Record<string, { noise: number }>;
  /** Milliseconds that it takes on the reference machine. */
  work: number;
}

export interface FunctionDescription {
  name: string;
  id: number;
  summary: string;
  description: string;
  idempotent: boolean;
  inputs: BufferDescription[];
  options: Schema;
  outputs: BufferDescription[];
  result: Schema;
  errors: string[];
  cost: CostDescription;
  /** Name of the input whose buffer may be pushed in pieces, with answers in between (docs/abi.md). */
  pushed?: { input: string };
  picture?: PictureDescription;
  /** Whether helpers make it faster. */
  threads?: boolean;
}

export interface Format {
  name: string;
  title: string;
  media_type: string;
  extensions: string[];
  read: boolean;
  write: boolean;
  /** Set by the service where something else than the module reads and writes the format. */
  by?: string;
  /** Options that such a format takes instead of the function's, by name. */
  options?: Record<string, Schema>;
}

export interface ErrorDescription {
  code: string;
  number: number;
  title: string;
  status: number;
}

/** Everything a module says of itself. */
export interface Interface {
  eitherside: number;
  name: string;
  title: string;
  summary: string;
  formats: Format[];
  errors: ErrorDescription[];
  functions: FunctionDescription[];
  probe?: ProbeDescription;
}

/**
 * Reads the interface out of a compiled module.
 *
 * @throws CodecError `bad_module` where the section is absent, doubled or not an interface of this version.
 */
export function readInterface(module: WebAssembly.Module): Interface {
  const sections = WebAssembly.Module.customSections(module, SECTION);
  const [section] = sections;
  if (section === undefined || sections.length !== 1) {
    throw hostError("bad_module", `the module has ${sections.length} sections "${SECTION}", not one`);
  }
  return parseInterface(new TextDecoder("utf-8", { fatal: true }).decode(section));
}

/** Parses the text of the section; see {@link readInterface}. */
export function parseInterface(text: string): Interface {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw hostError("bad_module", `the section "${SECTION}" is not JSON`, error);
  }
  return takeInterface(value);
}

/** Takes a JSON value for an interface; see {@link readInterface}. */
export function takeInterface(value: unknown): Interface {
  if (!isInterface(value)) throw hostError("bad_module", `the section "${SECTION}" is not an interface of version 1`);
  return { ...value, functions: value.functions.map((each) => ({ ...ABSENT, ...each })) };
}

/** What members of a function mean that its description need not have. */
const ABSENT = { description: "", idempotent: true, errors: [], cost: { drivers: [], summary: "" } };

function isInterface(value: unknown): value is Interface {
  if (!isRecord(value) || value.eitherside !== 1) return false;
  const { functions, errors, formats } = value;
  return (
    Array.isArray(functions) &&
    Array.isArray(errors) &&
    Array.isArray(formats) &&
    functions.every(
      (each) =>
        isRecord(each) &&
        typeof each.name === "string" &&
        typeof each.id === "number" &&
        Array.isArray(each.inputs) &&
        Array.isArray(each.outputs) &&
        isRecord(each.options),
    )
  );
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

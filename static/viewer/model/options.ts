import type { Format, FunctionDescription, Interface, Schema } from "../../client/index";

/** One option of a function, or of a format. */
export interface Option {
  readonly name: string;
  readonly schema: Schema;
}

export interface Group {
  readonly title: string;
  readonly options: readonly Option[];
}

/** What a form asks for where one format is written. */
export interface Offer {
  /** Options that exclude each other: at most one is given, and says what is aimed at. */
  readonly aims: readonly Option[];
  readonly common: readonly Option[];
  readonly more: readonly Group[];
}

/** A value that an option's description has a word for. */
export interface Mark {
  readonly value: number;
  readonly words: string;
}

/** By what an option is asked for; undefined where a form cannot ask for it. */
export function kindOf(schema: Schema): "choice" | "check" | "number" | "numbers" | undefined {
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "check";
  if (isNumber(schema)) return "number";
  return schema.type === "array" && isNumber(schema.items) ? "numbers" : undefined;
}

function isNumber(schema: Schema | undefined): boolean {
  return schema?.type === "number" || schema?.type === "integer";
}

/** Options that a form can ask for. Those that bound resources, or that the page chooses itself, are not asked for. */
export function offered(properties: Readonly<Record<string, Schema>> = {}): Option[] {
  const isLimit = (schema: Schema): boolean => kindOf(schema) === "number" && ["pixels", "frames"].includes(schema.unit ?? "");
  return Object.entries(properties)
    .map(([name, schema]) => ({ name, schema }))
    .filter(({ schema }) => schema.format_option !== true && kindOf(schema) !== undefined && !isLimit(schema));
}

/**
 * The options of `fn` that apply where it writes a format.
 *
 * The interface has no table of that, but says it: what the function that encodes takes is for the format that it writes, and for
 * those of which an option's description says "… output"; an option named after a format tells what becomes of such files.
 */
export function offerOf(format: Format, fn: FunctionDescription, { functions, formats }: Pick<Interface, "functions" | "formats">): Offer {
  // Formats that the service adds have options of their own.
  if (format.options) return { aims: [], common: offered(format.options), more: [] };
  const encoder = encoderAmong(functions, formats);
  const isWritten = encoder?.format === format.name;
  const isEncoders = ({ name }: Option): boolean => encoder !== undefined && has(encoder.fn, name);
  const all = offered(fn.options.properties);
  const applying = all.filter((option) => {
    if (isEncoders(option)) return isWritten || (option.schema.description ?? "").includes(`${format.title} output`);
    return !formats.some(({ name }) => name === option.name) || isWritten || format.name === option.name;
  });
  const aims = aimsAmong(applying);
  const rest = applying.filter((option) => !aims.includes(option));
  const goals = aimsAmong(all);
  // What a function that does less than both asks for as well is what most people need.
  const shared = (each: FunctionDescription): number => Object.keys(encoder?.fn.options.properties ?? {}).filter((name) => has(each, name)).length;
  const plain = functions.filter((each) => each !== fn && shared(each) < shared(fn) && goals.some(({ name }) => has(each, name)));
  const isCommon = (option: Option): boolean => !isEncoders(option) || plain.some((each) => has(each, option.name)) || !isWritten;
  return { aims, common: rest.filter(isCommon), more: grouped(rest.filter((option) => !isCommon(option))) };
}

/** The function that makes files of one format alone, out of samples, and that format's name. */
export function encoderAmong(functions: readonly FunctionDescription[], formats: readonly Format[]): { fn: FunctionDescription; format: string } | undefined {
  for (const fn of functions) {
    const format = formats.find(({ media_type: type }) => fn.outputs.some((output) => output.media_type === type));
    if (format && fn.inputs.some((input) => input.array !== undefined)) return { fn, format: format.name };
  }
  return undefined;
}

function has({ options }: FunctionDescription, name: string): boolean {
  return Object.hasOwn(options.properties ?? {}, name);
}

/** Options that say of each other "Excludes …". */
function aimsAmong(options: readonly Option[]): Option[] {
  const excluded = ({ schema, name }: Option): Option[] => {
    const words = (/\bExcludes ([^.]*)\./.exec(schema.description ?? "")?.[1] ?? "").split(/\W+/);
    return options.filter((other) => other.name !== name && words.includes(other.name));
  };
  const involved = new Set(options.flatMap((option) => (excluded(option).length > 0 ? [option, ...excluded(option)] : [])));
  return options.filter((option) => involved.has(option));
}

/** By the word before the colon that many descriptions begin with. */
function grouped(options: readonly Option[]): Group[] {
  const groups = new Map<string, Option[]>();
  for (const option of options) {
    const title = /^([A-Z][\w ]{1,20}): /.exec(option.schema.description ?? "")?.[1] ?? "General";
    groups.set(title, [...(groups.get(title) ?? []), option]);
  }
  return [...groups].map(([title, members]) => ({ title, options: members }));
}

/** All options of an offer. */
export function optionsIn({ aims, common, more }: Offer): Option[] {
  return [...aims, ...common, ...more.flatMap(({ options }) => options)];
}

/** Whether a value is one that the schema allows. */
export function isAllowed(schema: Schema, value: unknown): boolean {
  if (schema.enum) return schema.enum.some((each) => each === value);
  switch (kindOf(schema)) {
    case "check":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number" && Number.isFinite(value) && (schema.type !== "integer" || Number.isInteger(value)) &&
        value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
    case "numbers":
      return Array.isArray(value) && value.length <= (schema.maxItems ?? Infinity) && value.every((each) => isAllowed(schema.items ?? {}, each));
    default:
      return false;
  }
}

/** What an option is where nothing is given, as far as its schema or its description tells. */
export function usual({ default: given, description = "" }: Schema): unknown {
  if (given !== undefined) return given;
  const said = /\bDefault: (-?\d+(?:\.\d+)?)/.exec(description) ?? /(-?\d+(?:\.\d+)?) by default/.exec(description);
  return said ? Number(said[1]) : undefined;
}

/** The values that a description names, such as "1 visually lossless". */
export function marks({ description = "", minimum = -Infinity, maximum = Infinity }: Schema): Mark[] {
  return description.split(/[;:,()]\s*|\.(?:\s|$)/).flatMap((clause) => {
    const [, value, words] = /^(-?\d+(?:\.\d+)?) (?:is )?([a-z][a-z ]*[a-z])$/.exec(clause.trim()) ?? [];
    if (value === undefined || words === undefined || words.startsWith("by ")) return [];
    const number = Number(value);
    return number >= minimum && number <= maximum ? [{ value: number, words }] : [];
  });
}

/** A value of an aim that has a name: what people choose who do not want to know the scale. */
export interface Preset extends Mark {
  readonly option: Option;
}

export function presets({ aims }: Offer): Preset[] {
  const isTitle = (words: string): boolean => aims.some(({ schema }) => schema.title?.toLowerCase() === words);
  return aims.flatMap((option) => marks(option.schema).filter(({ words }) => !isTitle(words)).map((mark) => ({ ...mark, option })));
}

/** Whether all words of a search occur in what an option says of itself. */
export function isFound({ name, schema }: Option, query: string): boolean {
  const said = `${name} ${name.replaceAll("_", " ")} ${schema.title ?? ""} ${schema.description ?? ""} ${(schema.enum ?? []).join(" ")}`.toLowerCase();
  return query.toLowerCase().split(/\s+/).every((word) => said.includes(word));
}

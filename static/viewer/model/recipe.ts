import type { Format, FunctionDescription, Interface, Schema } from "../../client/index";
import { kindOf, type Offer, offerOf, type Option } from "./options";

/** What an edit recipe may say, as far as a form can ask for it. */
export interface RecipeOffer {
  /** What becomes of the pixels: what the function that edits has and the one that converts has not. */
  readonly steps: readonly Option[];
  /** How the outcome is written. */
  readonly output: readonly Option[];
}

/** The options of a recipe whose outcome has a format. */
export function recipeOffer(edit: FunctionDescription, convert: FunctionDescription, format: Format, description: Pick<Interface, "functions" | "formats">): RecipeOffer {
  const steps = stepsOf(edit, convert);
  const isStep = ({ name }: Option): boolean => steps.some((each) => each.name === name);
  return { steps, output: inOrder(offerOf(format, edit, description)).filter((option) => !isStep(option)) };
}

/** Options that say what becomes of the pixels. */
export function stepsOf({ options }: FunctionDescription, convert: FunctionDescription): Option[] {
  const shared = convert.options.properties ?? {};
  const own = Object.entries<Schema>(options.properties ?? {}).filter(([name]) => !Object.hasOwn(shared, name));
  return own.map(([name, schema]) => ({ name, schema })).filter(({ schema }) => kindOf(schema) !== undefined);
}

/** The steps that a recipe has. */
export function stepsIn(recipe: Readonly<Record<string, unknown>>, steps: readonly Option[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(recipe).filter(([name, value]) => value !== undefined && steps.some((step) => step.name === name)));
}

function inOrder({ aims, common, more }: Offer): Option[] {
  return [...aims, ...common, ...more.flatMap(({ options }) => options)];
}

/** A rectangle in pixels: left, top, width, height. */
export type Box = readonly [number, number, number, number];

export function isBox(value: unknown): value is Box {
  return Array.isArray(value) && value.length === 4 && value.every((each) => Number.isInteger(each));
}

/** The box between two points, inside of a picture, of whole pixels and at least one. */
export function boxBetween(from: { x: number; y: number }, to: { x: number; y: number }, { width, height }: { width: number; height: number }): Box {
  const [left, right] = span(from.x, to.x, width);
  const [top, bottom] = span(from.y, to.y, height);
  return [left, top, right - left, bottom - top];
}

/** The box moved, and made larger, as far as that leaves it inside of a picture. */
export function boxChanged([left, top, width, height]: Box, by: { x?: number; y?: number; width?: number; height?: number }, size: { width: number; height: number }): Box {
  const wide = clamped(width + (by.width ?? 0), 1, size.width - left);
  const high = clamped(height + (by.height ?? 0), 1, size.height - top);
  return [clamped(left + (by.x ?? 0), 0, size.width - wide), clamped(top + (by.y ?? 0), 0, size.height - high), wide, high];
}

function span(a: number, b: number, most: number): [number, number] {
  const low = clamped(Math.floor(Math.min(a, b)), 0, most - 1);
  return [low, clamped(Math.ceil(Math.max(a, b)), low + 1, most)];
}

function clamped(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

import { isRecord } from "./interface";

/** What an expression of the interface's `cost` may refer to. */
export interface Facts {
  /** The options as the caller gave them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The options' schema, for its defaults. */
  readonly schema: { readonly properties?: Readonly<Record<string, { readonly default?: unknown }>> | undefined };
  /** Sizes of the buffers given for each input, in bytes. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** The result of the interface's measuring function; undefined where nothing was measured. */
  readonly measured?: Readonly<Record<string, unknown>> | undefined;
}

/** The value of an expression; undefined stands for *unknown*. */
export type Value = number | string | boolean | undefined;

/** What a call will take, as the interface tells it. */
export interface Cost {
  readonly kind: string;
  /** Milliseconds on one thread of the reference machine. */
  readonly work: number | undefined;
  readonly bytesOut: number | undefined;
  readonly memory: number | undefined;
}

// An interface may come from a stranger's module: neither depth nor size of an expression may hold the page up.
const DEEPEST = 64;
const MOST = 4096;
const LONGEST_KIND = 80;

const OPERATORS = ["input_bytes", "count", "option", "given", "measured", "sum", "product", "max", "min", "choose"] as const;
type Operator = (typeof OPERATORS)[number];

/**
 * Evaluates an expression. Total: whatever is given, it returns, and what makes no sense is unknown. Numbers are always finite.
 */
export function evaluate(expression: unknown, facts: Facts): Value {
  return new Evaluation(facts).value(expression, 0);
}

/** Evaluates a function's `cost`. Negative numbers are unknown; without a `cost`, or with a strange one, everything is. */
export function costOf(cost: unknown, facts: Facts): Cost {
  const member = (name: string): unknown => (isRecord(cost) ? own(cost, name) : undefined);
  const number = (name: string): number | undefined => {
    const value = evaluate(member(name), facts);
    return typeof value === "number" && value >= 0 ? value : undefined;
  };
  const parts = member("kind");
  const kind = (Array.isArray(parts) ? parts.slice(0, LONGEST_KIND) : []).map((part) => text(evaluate(part, facts)) ?? "?").join("/");
  return { kind: kind.slice(0, LONGEST_KIND), work: number("work"), bytesOut: number("output_bytes"), memory: number("memory") };
}

class Evaluation {
  private left = MOST;

  constructor(private readonly facts: Facts) {}

  value(expression: unknown, depth: number): Value {
    this.left -= 1;
    if (this.left < 0 || depth > DEEPEST) return undefined;
    if (!isRecord(expression)) return scalar(expression);
    const operators = OPERATORS.filter((name) => Object.hasOwn(expression, name));
    const [operator] = operators;
    if (operator === undefined || operators.length > 1) return undefined;
    const found = this.apply(operator, expression[operator], expression, depth + 1);
    return found === undefined && Object.hasOwn(expression, "else") ? this.otherwise(operator, expression.else, depth + 1) : found;
  }

  private otherwise(operator: Operator, expression: unknown, depth: number): Value {
    return operator === "option" || operator === "measured" || operator === "choose" ? this.value(expression, depth) : undefined;
  }

  private apply(operator: Operator, argument: unknown, whole: Record<string, unknown>, depth: number): Value {
    const { options, schema, inputs, measured } = this.facts;
    switch (operator) {
      case "input_bytes":
        return typeof argument === "string" ? scalar(sizes(inputs, argument).reduce((sum, size) => sum + size, 0)) : undefined;
      case "count":
        return typeof argument === "string" ? sizes(inputs, argument).length : undefined;
      case "given":
        return typeof argument === "string" ? isGiven(options, argument) : undefined;
      case "option":
        if (typeof argument !== "string") return undefined;
        return scalar(isGiven(options, argument) ? options[argument] : own(own(schema.properties, argument), "default"));
      case "measured":
        return typeof argument === "string" ? scalar(own(measured, argument)) : undefined;
      case "choose": {
        const key = text(this.value(argument, depth));
        const table = own(whole, "from");
        return key !== undefined && isRecord(table) && Object.hasOwn(table, key) ? this.value(table[key], depth) : undefined;
      }
      default:
        return this.fold(operator, argument, depth);
    }
  }

  private fold(operator: "sum" | "product" | "max" | "min", operands: unknown, depth: number): Value {
    if (!Array.isArray(operands)) return undefined;
    let result: number | undefined;
    for (const operand of operands) {
      const value = this.value(operand, depth);
      if (typeof value !== "number") return undefined;
      if (result === undefined) result = value;
      else if (operator === "sum") result += value;
      else if (operator === "product") result *= value;
      else result = operator === "max" ? Math.max(result, value) : Math.min(result, value);
    }
    if (result === undefined) return operator === "sum" ? 0 : operator === "product" ? 1 : undefined;
    return scalar(result);
  }
}

function scalar(value: unknown): Value {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" || typeof value === "boolean" ? value : undefined;
}

/** A value as JSON writes it, without quotes; integers without fraction. */
function text(value: Value): string | undefined {
  return value === undefined ? undefined : String(value);
}

function own(of: unknown, name: string): unknown {
  return isRecord(of) && Object.hasOwn(of, name) ? of[name] : undefined;
}

function isGiven(options: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = own(options, name);
  return value !== undefined && value !== null;
}

function sizes(inputs: Readonly<Record<string, readonly number[]>>, name: string): readonly number[] {
  const found = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
  return found ?? [];
}

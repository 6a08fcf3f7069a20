import type { Schema } from "../../client/index";
import { isAllowed, kindOf, type Option, usual } from "../model/options";
import { make } from "./dom";

/** A form field made from an option's schema. */
export interface Field {
  readonly option: Option;
  readonly element: HTMLElement;
  /** The option's value, or undefined where it is left to its default. */
  value: () => unknown;
  set: (value: unknown) => void;
  isValid: () => boolean;
  focus: () => void;
}

/** What one kind of field is made of; `value` is undefined where the control says nothing. */
interface Control {
  /** What the label is for. */
  main: HTMLInputElement | HTMLSelectElement;
  elements: HTMLElement[];
  value: () => unknown;
  set: (value: unknown) => void;
}

/** A range of more steps than this is no use as a slider. */
const WIDEST = 200;

/**
 * Makes the field of an option: label, range and help are the schema's.
 *
 * @param isAim whether the option says what is aimed at: then its value is given even where it is the default, and none is an error.
 */
export function field(prefix: string, option: Option, isAim = false): Field {
  const { name, schema } = option;
  const id = `${prefix}-${name}`;
  const title = schema.title ?? name;
  const hint = make("p", { id: `${id}-hint`, className: "hint" }, schema.description ?? "");
  const label = make("label", { htmlFor: id }, title);
  if (schema.unit) label.append(" ", make("span", { className: "muted" }, `(${schema.unit})`));
  const control = controlOf(id, schema, title);
  control.main.setAttribute("aria-describedby", hint.id);
  if (isAim && control.main instanceof HTMLInputElement && control.main.type !== "checkbox") control.main.required = true;
  const value = (): unknown => {
    const given = control.value();
    return !isAim && isSame(given, schema.default) ? undefined : given;
  };
  const reset = make("button", { type: "button", className: "reset", "aria-label": `Reset ${title}` }, "Reset");
  const row = make("div", { className: "field-head" }, label, reset);
  const isCheck = kindOf(schema) === "check";
  const element = isCheck
    ? make("div", { className: "field check-field" }, ...control.elements, row, hint)
    : make("div", { className: "field" }, row, make("div", { className: "field-row" }, ...control.elements), hint);
  const mark = (): void => {
    reset.hidden = isAim || value() === undefined;
    element.classList.toggle("changed", !reset.hidden);
  };
  reset.addEventListener("click", () => {
    control.set(undefined);
    control.main.focus();
    control.main.dispatchEvent(new Event("input", { bubbles: true }));
  });
  element.addEventListener("input", mark);
  mark();
  return {
    option, element, value,
    set: (given) => {
      control.set(given);
      mark();
    },
    isValid: () => control.main.validity.valid,
    focus: () => control.main.focus(),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function controlOf(id: string, schema: Schema, title: string): Control {
  switch (kindOf(schema)) {
    case "choice":
      return choice(id, schema);
    case "check":
      return check(id, schema);
    case "numbers":
      return numbers(id, schema);
    default:
      return number(id, schema, title);
  }
}

function choice(id: string, { enum: all = [], default: fallback }: Schema): Control {
  const main = make("select", { id }, ...all.map((each) => make("option", { value: String(each) }, String(each))));
  const set = (value: unknown): void => {
    const wanted = value ?? fallback;
    main.value = String(all.find((each) => each === wanted) ?? all[0] ?? "");
  };
  set(undefined);
  // The enum's own value: a number must not become a text.
  return { main, elements: [main], set, value: () => all.find((each) => String(each) === main.value) };
}

function check(id: string, { default: fallback }: Schema): Control {
  const main = make("input", { id, type: "checkbox" });
  const set = (value: unknown): void => {
    main.checked = (value ?? fallback) === true;
  };
  set(undefined);
  return { main, elements: [main], set, value: () => main.checked };
}

/** A number, with a slider where the schema gives a range that one can slide over. */
function number(id: string, schema: Schema, title: string): Control {
  const { minimum, maximum, type } = schema;
  const expected = usual(schema);
  const main = make("input", {
    id, type: "number", min: String(minimum ?? ""), max: String(maximum ?? ""), step: type === "integer" ? "1" : "any",
    placeholder: typeof expected === "number" ? String(expected) : "automatic", inputMode: type === "integer" ? "numeric" : "decimal",
  });
  const value = (): unknown => (main.value === "" ? undefined : main.valueAsNumber);
  if (minimum === undefined || maximum === undefined || maximum - minimum > WIDEST) {
    return { main, elements: [main], value, set: (given) => (main.value = asText(given)) };
  }
  const slider = make("input", { type: "range", min: main.min, max: main.max, step: stepOf(schema), "aria-label": title });
  slider.setAttribute("aria-describedby", `${id}-hint`);
  const follow = (): void => {
    slider.value = main.value === "" ? asText(expected ?? minimum) : main.value;
  };
  slider.addEventListener("input", () => (main.value = slider.value));
  main.addEventListener("input", follow);
  follow();
  const set = (given: unknown): void => {
    main.value = asText(given);
    follow();
  };
  return { main, elements: [slider, main], value, set };
}

function stepOf({ minimum = 0, maximum = 0, type }: Schema): string {
  if (type === "integer") return "1";
  return String(Math.min(1, 10 ** Math.floor(Math.log10((maximum - minimum) / 100))));
}

/** Several numbers in a line. */
function numbers(id: string, schema: Schema): Control {
  const most = schema.maxItems === undefined ? "" : `up to ${schema.maxItems} `;
  const main = make("input", { id, type: "text", placeholder: "automatic", inputMode: "decimal" });
  const value = (): unknown => {
    const words = main.value.trim().split(/[\s,;]+/).filter((word) => word !== "");
    return words.length === 0 ? undefined : words.map(Number);
  };
  const validate = (): void => {
    const given = value();
    main.setCustomValidity(given === undefined || isAllowed(schema, given) ? "" : `Give ${most}numbers, with a space between them.`);
  };
  main.addEventListener("input", validate);
  const set = (given: unknown): void => {
    main.value = Array.isArray(given) ? given.map(Number).join(" ") : "";
    validate();
  };
  return { main, elements: [main], value, set };
}

function asText(value: unknown): string {
  return typeof value === "number" ? String(value) : "";
}

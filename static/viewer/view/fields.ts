import type { Schema } from "../../client/index";
import { make } from "./dom";

/** A form field made from an option's schema. */
export interface Field {
  name: string;
  element: HTMLElement;
  /** The option's value, or undefined where it is left to its default. */
  value: () => unknown;
  isValid: () => boolean;
}

/** Options that bound resources, or that the page chooses itself, are not asked for. */
export function offered(schema: Schema): [string, Schema][] {
  const limits = new Set(["pixels", "frames"]);
  return Object.entries(schema.properties ?? {}).filter(
    ([, option]) => option.format_option !== true && !limits.has(option.unit ?? "") && controlFor(option) !== undefined,
  );
}

function controlFor(option: Schema): "select" | "check" | "number" | undefined {
  if (option.enum) return "select";
  if (option.type === "boolean") return "check";
  return option.type === "number" || option.type === "integer" ? "number" : undefined;
}

/** Makes the field of an option: label, range and help are the schema's. */
export function field(prefix: string, name: string, option: Schema): Field {
  const id = `${prefix}-${name}`;
  const hint = make("p", { id: `${id}-hint`, className: "hint" }, option.description ?? "");
  const label = make("label", { htmlFor: id }, option.title ?? name);
  if (option.unit) label.append(" ", make("span", { className: "muted" }, `(${option.unit})`));
  const { control, value } = makeControl(id, option);
  control.setAttribute("aria-describedby", hint.id);
  const row = option.type === "boolean" ? [control, label] : [label, control];
  const container = make("div", { className: option.type === "boolean" ? "field check-field" : "field" }, ...row, hint);
  return { name, element: container, value, isValid: () => control.validity.valid };
}

function makeControl(id: string, option: Schema): { control: HTMLInputElement | HTMLSelectElement; value: () => unknown } {
  const fallback = typeof option.default === "string" || typeof option.default === "number" ? String(option.default) : undefined;
  switch (controlFor(option)) {
    case "select": {
      const select = make("select", { id }, ...(option.enum ?? []).map((each) => make("option", { value: String(each) }, String(each))));
      if (fallback !== undefined) select.value = fallback;
      return { control: select, value: () => (select.value === fallback ? undefined : select.value) };
    }
    case "check": {
      const check = make("input", { id, type: "checkbox", checked: option.default === true });
      return { control: check, value: () => (check.checked === (option.default === true) ? undefined : check.checked) };
    }
    default: {
      const input = make("input", {
        id,
        type: "number",
        min: String(option.minimum ?? ""),
        max: String(option.maximum ?? ""),
        step: option.type === "integer" ? "1" : "any",
        placeholder: fallback ?? "automatic",
      });
      return { control: input, value: () => (input.value === "" ? undefined : input.valueAsNumber) };
    }
  }
}

import type { Format, FunctionDescription, Interface } from "../../client/index";
import { isBox, recipeOffer } from "../model/recipe";
import { byId, element, make } from "./dom";
import { type Field, field } from "./fields";

/** A recipe: options of the function that edits. */
export type Recipe = Readonly<Record<string, unknown>>;

export interface RecipeParts {
  description: Pick<Interface, "functions" | "formats">;
  /** The function that applies a recipe, and the one that converts without any. */
  edit: FunctionDescription;
  convert: FunctionDescription;
  /** Something was changed by the user; undefined takes an option back to its default. */
  change: (recipe: Record<string, unknown>) => void;
}

/** The form of an edit recipe, made from the interface. */
export class RecipeView {
  private readonly form = byId("edit-form", HTMLFormElement);
  private readonly format = byId("edit-format", HTMLSelectElement);
  private readonly formats: readonly Format[];
  private fields: Field[] = [];
  private made: Format | undefined;
  private shown: Recipe = {};

  constructor(private readonly parts: RecipeParts) {
    const { description, edit } = parts;
    const allowed = edit.options.properties?.to?.enum ?? [];
    this.formats = description.formats.filter(({ name, write }) => write && allowed.includes(name));
    this.format.replaceChildren(...this.formats.map((each) => make("option", { value: each.name }, each.title)));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => this.changed(event.target));
  }

  /** Shows a recipe; fields that are being typed into stay as they are. */
  render(recipe: Recipe): void {
    this.shown = recipe;
    const wanted = this.formats.find(({ name }) => name === recipe.to) ?? this.formats[0];
    if (!wanted) return;
    this.format.value = wanted.name;
    if (wanted !== this.made) this.make(wanted);
    for (const each of this.fields) {
      const { name } = each.option;
      if (each.element.contains(document.activeElement)) continue;
      if (JSON.stringify(each.value()) !== JSON.stringify(recipe[name])) each.set(recipe[name]);
    }
  }

  /** The format that the outcome has. */
  get to(): Format | undefined {
    return this.made;
  }

  /** Puts the focus on the option that an error names by JSON Pointer. */
  tell(text: string, isError = false): void {
    element("edit-note").textContent = text;
    element("edit-note").classList.toggle("error", isError);
  }

  private make(format: Format): void {
    const { edit, convert, description } = this.parts;
    const { steps, output } = recipeOffer(edit, convert, format, description);
    this.made = format;
    const made = (names: typeof steps): Field[] => names.map((option) => field("edit", option));
    const [stepFields, outputFields] = [made(steps), made(output)];
    this.fields = [...stepFields, ...outputFields];
    element("edit-steps").replaceChildren(...stepFields.map((each) => each.element));
    element("edit-fields").replaceChildren(...outputFields.map((each) => each.element));
    element("edit-output").hidden = output.length === 0;
  }

  private changed(target: EventTarget | null): void {
    if (target === this.format) {
      // What the other format does not know would be refused.
      const chosen = this.formats.find(({ name }) => name === this.format.value);
      const before = this.fields.map(({ option }) => option.name);
      if (chosen) this.make(chosen);
      const after = new Set(this.fields.map(({ option }) => option.name));
      const gone = before.filter((name) => !after.has(name) && this.shown[name] !== undefined);
      this.parts.change({ ...Object.fromEntries(gone.map((name) => [name, undefined])), to: this.format.value });
      this.render({ ...this.shown, to: this.format.value });
      return;
    }
    const found = this.fields.find((each) => target instanceof Node && each.element.contains(target));
    if (!found?.isValid()) return;
    const value = found.value();
    const isHalf = found.option.schema.maxItems === 4 && value !== undefined && !isBox(value);
    if (!isHalf) this.parts.change({ [found.option.name]: value });
  }
}

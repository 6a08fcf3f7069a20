import type { Format, FunctionDescription, Schema } from "../../client/index";
import { button, byId, element, make } from "./dom";
import { type Field, field, offered } from "./fields";

export interface SaveChoice {
  format: Format;
  options: Record<string, unknown>;
}

/** The form that saves a picture: its options come from the function's schema. */
export class SaveView {
  private readonly select = byId("save-format", HTMLSelectElement);
  private readonly form = byId("save", HTMLFormElement);
  private readonly result = element("save-result");
  private fields: Field[] = [];
  private schema: Schema = {};
  /** What the fields were made from. */
  private shown: Schema | undefined;
  private formats: Format[] = [];

  /** @param act called with the form's choice, or with `exact` for the JPEG file inside. */
  constructor(act: (choice: SaveChoice | "exact") => void) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = this.choice;
      if (choice) act(choice);
    });
    button("save-exact").addEventListener("click", () => act("exact"));
    this.select.addEventListener("change", () => this.renderFields());
  }

  setFunction(fn: FunctionDescription): void {
    this.schema = fn.options;
    this.renderFields();
  }

  /** Makes the fields anew where the format has options of its own, so that what was filled in stays otherwise. */
  private renderFields(): void {
    const own = this.chosen?.options;
    const schema = own ? { properties: own } : this.schema;
    if (schema === this.shown || (own !== undefined && own === this.shown?.properties)) return;
    this.shown = schema;
    this.fields = offered(schema).map(([name, option]) => field("option", name, option));
    element("save-fields").replaceChildren(...this.fields.map((each) => each.element));
  }

  private get chosen(): Format | undefined {
    return this.formats.find((each) => each.name === this.select.value);
  }

  /** The formats to offer; the choice stays where it is among them. */
  setFormats(formats: Format[], preferred: string): void {
    const chosen = this.select.value;
    this.formats = formats;
    this.select.replaceChildren(...formats.map((each) => make("option", { value: each.name }, each.title)));
    const wanted = formats.find((each) => each.name === chosen) ?? formats.find((each) => each.name === preferred) ?? formats[0];
    this.select.value = wanted?.name ?? "";
    this.renderFields();
  }

  /** What is chosen; where a field is not valid, the user is told. */
  get choice(): SaveChoice | undefined {
    return this.form.reportValidity() ? this.draft : undefined;
  }

  /** What is chosen, if all of it is valid. */
  get draft(): SaveChoice | undefined {
    const format = this.chosen;
    if (!format || this.fields.some(({ isValid }) => !isValid())) return undefined;
    const values = this.fields.map(({ name, value }) => [name, value()] as const);
    return { format, options: Object.fromEntries(values.filter(([, value]) => value !== undefined)) };
  }

  setExact(isExact: boolean): void {
    element("exact").hidden = !isExact;
  }

  /** Opens the options and puts the focus on the one that an error names by JSON Pointer. */
  pointOut(option: string): void {
    const name = option.split("/")[1] ?? "";
    const control = document.getElementById(`option-${name}`);
    if (!control) return;
    byId("save-options", HTMLDetailsElement).open = true;
    control.focus();
  }

  tell(text: string, isError = false): void {
    this.result.textContent = text;
    this.result.classList.toggle("error", isError);
  }

  focus(): void {
    this.select.focus();
  }
}

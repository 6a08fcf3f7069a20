import type { Format, FunctionDescription } from "../../client/index";
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
  private formats: Format[] = [];

  /** @param act called with the form's choice, or with `exact` for the JPEG file inside. */
  constructor(act: (choice: SaveChoice | "exact") => void) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = this.choice;
      if (choice) act(choice);
    });
    button("save-exact").addEventListener("click", () => act("exact"));
  }

  setFunction(fn: FunctionDescription): void {
    this.fields = offered(fn.options).map(([name, option]) => field("option", name, option));
    element("save-fields").replaceChildren(...this.fields.map((each) => each.element));
  }

  /** The formats to offer; the choice stays where it is among them. */
  setFormats(formats: Format[], preferred: string): void {
    const chosen = this.select.value;
    this.formats = formats;
    this.select.replaceChildren(...formats.map((each) => make("option", { value: each.name }, each.title)));
    const wanted = formats.find((each) => each.name === chosen) ?? formats.find((each) => each.name === preferred) ?? formats[0];
    this.select.value = wanted?.name ?? "";
  }

  get choice(): SaveChoice | undefined {
    const format = this.formats.find((each) => each.name === this.select.value);
    if (!format || !this.form.reportValidity()) return undefined;
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

import type { Format, FunctionDescription, Interface } from "../../client/index";
import { callOptions, type Choice, type Chosen, type SaveChoice } from "../model/choice";
import { many } from "../model/format";
import { isFound, type Offer, offerOf, type Option, type Preset, presets, usual } from "../model/options";
import { button, byId, element, make } from "./dom";
import { type Field, field } from "./fields";
import { announce } from "./status";

export interface ConvertActions {
  /** Saves the picture that is shown; `exact` restores the JPEG file inside. */
  save: (choice: SaveChoice | "exact") => void;
  /** Saves all that are open. */
  saveAll: (choice: SaveChoice) => void;
  /** Something was chosen. */
  changed: () => void;
}

const CODECS_CHOICE = "Automatic";
const OWN = "own";

/** The form that pictures are converted by: its options come from the interface, its values are the model's. */
export class ConvertView {
  private readonly form = byId("save", HTMLFormElement);
  private readonly format = byId("save-format", HTMLSelectElement);
  private readonly preset = byId("save-preset", HTMLSelectElement);
  private readonly aim = byId("save-aim", HTMLSelectElement);
  private readonly find = byId("save-find", HTMLInputElement);
  private readonly details = byId("save-options", HTMLDetailsElement);
  private formats: readonly Format[] = [];
  private offer: Offer = { aims: [], common: [], more: [] };
  private presets: readonly Preset[] = [];
  /** What the fields were made from. */
  private shown: Format | undefined;
  private fields: Field[] = [];
  private aimField: Field | undefined;
  /** Bytes of the opened file, which a target in bytes begins from. */
  private source = 0;

  constructor(
    private readonly description: Pick<Interface, "functions" | "formats">,
    private readonly fn: FunctionDescription,
    private readonly choices: Choice,
    private readonly actions: ConvertActions,
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = this.choice;
      if (choice) actions.save(choice);
    });
    button("save-exact").addEventListener("click", () => actions.save("exact"));
    button("save-all").addEventListener("click", () => {
      const choice = this.choice;
      if (choice) actions.saveAll(choice);
    });
    button("save-reset").addEventListener("click", () => this.reset());
    this.form.addEventListener("input", (event) => this.changed(event.target));
  }

  /** The formats to offer; the choice stays where it is among them, else `preferred` is shown. */
  setFormats(formats: readonly Format[], preferred: string): void {
    this.formats = formats;
    this.format.replaceChildren(...formats.map((each) => make("option", { value: each.name }, each.title)));
    const named = (name: string): Format | undefined => formats.find((each) => each.name === name);
    const wanted = named(this.choices.value.format) ?? named(preferred) ?? formats[0];
    this.format.value = wanted?.name ?? "";
    this.render();
  }

  /** Tells of the picture that is shown, and of how many there are. */
  setSource(bytes: number, isExact: boolean, count: number): void {
    this.source = bytes;
    element("exact").hidden = !isExact;
    const all = button("save-all");
    all.hidden = count < 2;
    all.textContent = `Save all ${count} (zip)`;
  }

  /** What is chosen; where a field is not valid, the user is told. */
  get choice(): SaveChoice | undefined {
    const wrong = this.everyField.find(({ isValid }) => !isValid());
    // A field that is not to be seen cannot be pointed at.
    if (wrong && this.details.contains(wrong.element)) this.openMore();
    return this.form.reportValidity() ? this.draft : undefined;
  }

  /** What is chosen, if all of it is valid. */
  get draft(): SaveChoice | undefined {
    const format = this.chosen;
    if (!format || this.everyField.some(({ isValid }) => !isValid())) return undefined;
    const options = callOptions(this.choices.of(format.name, this.offer), this.offer);
    return options && { format, options };
  }

  /** Puts the focus on the option that an error names by JSON Pointer. */
  pointOut(pointer: string): void {
    const name = pointer.split("/")[1] ?? "";
    const found = this.everyField.find(({ option }) => option.name === name);
    if (!found) return;
    if (this.details.contains(found.element)) this.openMore();
    found.focus();
  }

  tell(text: string, isError = false): void {
    element("save-result").textContent = text;
    element("save-result").classList.toggle("error", isError);
  }

  focus(): void {
    this.format.focus();
  }

  private get chosen(): Format | undefined {
    return this.formats.find((each) => each.name === this.format.value);
  }

  private get everyField(): Field[] {
    return this.aimField ? [this.aimField, ...this.fields] : this.fields;
  }

  private openMore(): void {
    this.details.open = true;
    this.find.value = "";
    this.filter();
  }

  private reset(): void {
    const format = this.chosen;
    if (!format) return;
    this.choices.put(format.name, { aim: "", values: {} });
    this.shown = undefined;
    this.render();
    announce(`All options of ${format.title} are reset`);
    this.form.dispatchEvent(new Event("input"));
  }

  private changed(target: EventTarget | null): void {
    if (target === this.find) {
      this.filter();
      return;
    }
    if (target === this.format) {
      this.choices.choose(this.format.value);
      this.render();
    } else if (target === this.preset) this.take(this.preset.value);
    else if (target === this.aim) this.renderAim(this.aim.value, this.startOf(this.aim.value), true);
    this.keep();
    this.actions.changed();
  }

  /** Takes the form's values over into the model. */
  private keep(): void {
    const format = this.chosen;
    if (!format) return;
    const before = this.choices.of(format.name, this.offer);
    const aims = Object.entries(before.values).filter(([name]) => this.offer.aims.some((each) => each.name === name));
    const given = this.everyField.filter(({ isValid }) => isValid()).map(({ option, value }): [string, unknown] => [option.name, value()]);
    const values = Object.fromEntries([...aims, ...given].filter(([, value]) => value !== undefined));
    this.choices.put(format.name, { aim: this.aim.value, values });
    this.renderPreset();
  }

  /** Makes the fields where the format is another one. */
  private render(): void {
    const format = this.chosen;
    if (!format || format === this.shown) return;
    this.shown = format;
    this.offer = offerOf(format, this.fn, this.description);
    this.presets = presets(this.offer);
    const chosen = this.choices.of(format.name, this.offer);
    const { aims, common, more } = this.offer;
    element("save-aims").hidden = aims.length === 0;
    this.aim.replaceChildren(make("option", { value: "" }, CODECS_CHOICE), ...aims.map(({ name, schema }) => make("option", { value: name }, schema.title ?? name)));
    this.renderAim(chosen.aim, chosen.values[chosen.aim]);
    this.renderPresets();
    this.fields = [];
    element("save-common").replaceChildren(...common.map((option) => this.made(option, chosen).element));
    this.details.hidden = more.length === 0;
    element("save-fields").replaceChildren(
      ...more.map(({ title, options }) => {
        const legend = make("h3", { className: "group-title" }, title);
        return make("div", { className: "fields group" }, legend, ...options.map((option) => this.made(option, chosen).element));
      }),
    );
    this.filter();
  }

  private made(option: Option, { values }: Chosen): Field {
    const made = field("option", option);
    if (Object.hasOwn(values, option.name)) made.set(values[option.name]);
    this.fields.push(made);
    return made;
  }

  /** Shows the field of what is aimed at. */
  private renderAim(name: string, value: unknown, isNew = false): void {
    this.aim.value = name;
    const option = this.offer.aims.find((each) => each.name === name);
    const isSwitch = option?.schema.type === "boolean";
    this.aimField = option && field("option", option, true);
    this.aimField?.set(isSwitch ? true : value);
    element("save-aim-field").replaceChildren(...(this.aimField ? [this.aimField.element] : []));
    // Chosen already: a box to tick would say it twice.
    if (option && isSwitch) element("save-aim-field").replaceChildren(make("p", { className: "hint" }, option.schema.description ?? ""));
    if (isNew && option && value === undefined && !isSwitch) this.aimField?.focus();
  }

  /** What an aim begins with that was just chosen: what it was, else what is usual, else the first value that has a name. */
  private startOf(name: string): unknown {
    const format = this.chosen;
    const option = this.offer.aims.find((each) => each.name === name);
    if (!format || !option) return undefined;
    const kept = this.choices.of(format.name, this.offer).values[name];
    const named = this.presets.find((each) => each.option === option)?.value;
    const half = option.schema.unit === "bytes" && this.source > 0 ? Math.max(1, Math.round(this.source / 2)) : undefined;
    return kept ?? usual(option.schema) ?? named ?? half;
  }

  private renderPresets(): void {
    element("save-presets").hidden = this.presets.length === 0;
    const entries = this.presets.map(({ words, value, option }, index) => {
      const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
      return make("option", { value: String(index) }, `${title} (${option.schema.title ?? option.name} ${value})`);
    });
    this.preset.replaceChildren(make("option", { value: "" }, CODECS_CHOICE), ...entries, make("option", { value: OWN, hidden: true, disabled: true }, "As set below"));
    this.renderPreset();
  }

  private renderPreset(): void {
    const { value } = this.aim;
    const given = this.aimField?.value();
    const index = this.presets.findIndex((each) => each.option.name === value && each.value === given);
    this.preset.value = value === "" ? "" : index < 0 ? OWN : String(index);
  }

  private take(value: string): void {
    const preset = value === "" ? undefined : this.presets[Number(value)];
    this.renderAim(preset?.option.name ?? "", preset?.value);
  }

  /** Shows the options under "More" that a search finds. */
  private filter(): void {
    const query = this.find.value.trim();
    const inMore = this.fields.filter((each) => this.details.contains(each.element));
    let found = 0;
    for (const each of inMore) {
      const isShown = query === "" || isFound(each.option, query);
      each.element.hidden = !isShown;
      found += isShown ? 1 : 0;
    }
    for (const group of element("save-fields").children) {
      (group as HTMLElement).hidden = group.querySelector(".field:not([hidden])") === null;
    }
    element("save-found").textContent = query === "" ? "" : `${many(found, "option")} found`;
  }
}

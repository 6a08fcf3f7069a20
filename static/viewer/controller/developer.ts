import type { PictureEntry } from "../../library/index";
import { type Box, isBox, stepsIn, stepsOf } from "../model/recipe";
import type { Option } from "../model/options";
import { described } from "../model/described";
import { CropView } from "../view/crop";
import { button } from "../view/dom";
import { type Recipe, RecipeView } from "../view/recipe";
import { announce } from "../view/status";
import { asCodecError, type Caller } from "./caller";

/** Pixels of the longer side of the picture that an edit is looked at in. */
const SIDE = 640;
/** Milliseconds that whoever turns a knob may pause. */
const PAUSE = 200;

export interface DeveloperParts {
  /** Its calls are not in the page's table. */
  caller: Caller;
  file: (picture: PictureEntry) => Promise<File>;
  change: (picture: PictureEntry, recipe: Record<string, unknown>) => void;
  /** Gives a recipe to all that are selected. */
  paste: (recipe: Record<string, unknown>) => void;
}

/** Edits one picture: the form of its recipe, and what the recipe makes of it, in small. */
export class Developer {
  private readonly recipe: RecipeView;
  private readonly crop: CropView;
  private readonly steps: readonly Option[];
  private picture: PictureEntry | undefined;
  private copied: Recipe | undefined;
  private shown = "";
  private url = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private run: AbortController | undefined;

  constructor(private readonly parts: DeveloperParts) {
    const { interface: description } = parts.caller.codec.connection;
    const [edit, convert] = [described(description, "edit"), described(description, "transcode")];
    this.steps = stepsOf(edit, convert);
    this.recipe = new RecipeView({ description, edit, convert, change: (recipe) => this.change(recipe) });
    this.crop = new CropView({ toggled: () => this.look(), cropped: (box) => this.cropped(box) });
    button("edit-reset").addEventListener("click", () => this.reset());
    button("edit-copy").addEventListener("click", () => this.copy());
    button("edit-paste").addEventListener("click", () => {
      if (this.copied) parts.paste({ ...this.copied });
    });
  }

  /** What a recipe does to the pixels. */
  stepsIn(recipe: Recipe): Record<string, unknown> {
    return stepsIn(recipe, this.steps);
  }

  /** The picture to edit; undefined where there is none, or many are selected. */
  render(picture: PictureEntry | undefined): void {
    if (picture?.sha256 !== this.picture?.sha256 || picture?.id !== this.picture?.id) {
      this.crop.set(false);
      this.shown = "";
      this.crop.show("", "");
      this.recipe.tell("");
    }
    this.picture = picture;
    button("edit-paste").disabled = this.copied === undefined;
    if (!picture) {
      this.stop();
      return;
    }
    this.recipe.render(picture.recipe);
    button("edit-reset").disabled = Object.keys(picture.recipe).length === 0;
    this.look();
  }

  private change(recipe: Record<string, unknown>): void {
    if (this.picture) this.parts.change(this.picture, recipe);
  }

  private cropped(box: Box): void {
    const { width, height } = this.picture ?? {};
    const isWhole = box[0] === 0 && box[1] === 0 && box[2] === width && box[3] === height;
    this.change({ crop: isWhole ? undefined : [...box] });
  }

  private reset(): void {
    if (!this.picture) return;
    this.change(Object.fromEntries(Object.keys(this.picture.recipe).map((name) => [name, undefined])));
    announce("All edits are undone");
  }

  private copy(): void {
    this.copied = this.picture?.recipe;
    button("edit-paste").disabled = this.copied === undefined;
    announce("The edits are copied");
  }

  /** Draws the box, and makes the picture anew where it would be another one. */
  private look(): void {
    const { picture } = this;
    if (!picture) return;
    const { width = 0, height = 0, recipe, sha256 } = picture;
    this.crop.render({ width, height }, isBox(recipe.crop) ? recipe.crop : undefined);
    // While it is cropped, all of it is looked at, and as it lies.
    const steps = this.crop.active ? {} : this.stepsIn(recipe);
    const wanted = JSON.stringify([sha256, steps]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.make(picture, steps), PAUSE);
  }

  private async make(picture: PictureEntry, steps: Record<string, unknown>): Promise<void> {
    this.run?.abort();
    const run = new AbortController();
    this.run = run;
    const { caller, file } = this.parts;
    const side = (name: string): number => Math.min(SIDE, typeof steps[name] === "number" ? steps[name] : SIDE);
    try {
      const source = await file(picture);
      const options = { ...steps, width: side("width"), height: side("height"), to: "png" } as const;
      const { image } = await caller.call({ fn: "edit", label: `Editing ${picture.name}`, signal: run.signal, run: (settings) => caller.codec.edit(source, options, settings) });
      if (run.signal.aborted) return;
      this.give(URL.createObjectURL(new Blob([image], { type: "image/png" })));
      this.crop.show(this.url, `${picture.name}, edited`);
      this.recipe.tell("");
    } catch (thrown) {
      if (run.signal.aborted) return;
      const { message, code } = asCodecError(thrown);
      this.recipe.tell(`This cannot be shown: ${message} (${code})`, true);
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.run?.abort();
    this.shown = "";
    this.give("");
  }

  private give(url: string): void {
    if (this.url !== "") URL.revokeObjectURL(this.url);
    this.url = url;
  }
}

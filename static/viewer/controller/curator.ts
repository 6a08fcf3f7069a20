import type { Format } from "../../client/index";
import type { Conversion, Library } from "../../library/index";
import { many, savedName } from "../model/format";
import type { Settings } from "../model/settings";
import type { Shelf } from "../model/shelf";
import { ask } from "../view/ask";
import { announce } from "../view/status";
import { download } from "./sink";

/** Milliseconds that typing may pause before it is kept. */
const PAUSE = 250;

export interface CuratorParts {
  shelf: Shelf;
  settings: Settings;
  formats: readonly Format[];
  /** What of a recipe concerns the pixels. */
  stepsIn: (recipe: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  /** Changes the library that is open, after what was asked for before; what goes wrong is told. */
  doing: (act: (library: Library) => Promise<unknown>) => Promise<void>;
  /** Does something with it that may take long. */
  trying: (act: (library: Library) => Promise<unknown>) => Promise<void>;
  tell: (text: string) => void;
  /** Conversions were asked for. */
  asked: () => void;
}

/** Does what the user asks for with the selected pictures, and with collections. */
export class Curator {
  private captioning: { id: string; text: string; timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(private readonly parts: CuratorParts) {}

  caption(text: string): void {
    const { single } = this.parts.shelf;
    if (!single) return;
    if (this.captioning && this.captioning.id !== single.id) void this.captioned();
    clearTimeout(this.captioning?.timer);
    this.captioning = { id: single.id, text, timer: setTimeout(() => void this.captioned(), PAUSE) };
  }

  /** Keeps what was typed, now. */
  async captioned(): Promise<void> {
    const { captioning } = this;
    if (!captioning) return;
    clearTimeout(captioning.timer);
    this.captioning = undefined;
    await this.parts.doing((library) => library.caption(captioning.id, captioning.text));
  }

  async rate(stars: number): Promise<void> {
    const chosen = this.parts.shelf.chosen;
    if (chosen.length === 0) return;
    await this.parts.doing(async (library) => {
      for (const { id } of chosen) await library.rate(id, stars);
    });
    announce(`${many(chosen.length, "picture")}: ${many(stars, "star")}`);
  }

  async remove(): Promise<void> {
    const ids = this.parts.shelf.chosen.map(({ id }) => id);
    if (ids.length === 0) return;
    await this.parts.doing((library) => library.remove(ids));
    this.parts.tell(`${many(ids.length, "picture")} removed; Undo brings ${ids.length === 1 ? "it" : "them"} back`);
  }

  async collect(collection: string, isIn: boolean): Promise<void> {
    const ids = this.parts.shelf.chosen.map(({ id }) => id);
    await this.parts.doing((library) => (isIn ? library.put(ids, collection) : library.take(ids, collection)));
  }

  async paste(recipe: Record<string, unknown>): Promise<void> {
    const chosen = this.parts.shelf.chosen;
    await this.parts.doing(async (library) => {
      for (const { id } of chosen) await library.recipe(id, recipe);
    });
    announce(`Edits given to ${many(chosen.length, "picture")}`);
  }

  async convert(): Promise<void> {
    const chosen = this.parts.shelf.chosen;
    const isAway = this.parts.settings.place.value === "server";
    const to = this.parts.formats.find(({ write }) => write)?.name;
    await this.parts.doing(async (library) => {
      if (isAway) await library.publish();
      // As they are by now: edits may just have been given to them.
      const pictures = chosen.flatMap(({ id }) => library.model.value.pictures.get(id) ?? []);
      for (const { id, recipe } of pictures) {
        const isEdited = Object.keys(this.parts.stepsIn(recipe)).length > 0;
        await library.ask(id, isEdited ? "edit" : "transcode", { to, ...recipe }, isAway ? "service" : "here");
      }
    });
    this.parts.asked();
    announce(`${many(chosen.length, "conversion")} asked for`);
  }

  async download(conversion: Conversion): Promise<void> {
    const { result, picture, options } = conversion;
    if (!result) return;
    await this.parts.trying(async (library) => {
      const name = library.model.value.pictures.get(picture)?.name ?? "picture";
      const extension = this.parts.formats.find((each) => each.name === options.to)?.extensions[0] ?? "bin";
      download(new Blob([await library.file(result.sha256)], { type: result.type }), savedName(name, extension));
    });
  }

  async cancel(conversion: Conversion): Promise<void> {
    await this.parts.doing((library) => library.cancel(conversion.id));
  }

  async discard(key: string): Promise<void> {
    await this.parts.trying(async (library) => {
      const command = library.sync.value.commands.find((each) => each.key === key);
      if (!command) return;
      const answer = await ask({ title: "Give up?", text: `What was not sent of “${command.about}” will not reach the server or anybody else.`, yes: "Give up" });
      if (answer !== undefined) await library.discard(key);
    });
  }

  async share(): Promise<void> {
    await this.parts.trying(async (library) => {
      await library.publish();
      const link = library.link(new URL(location.href));
      if (!link) {
        this.parts.tell("The link can be had as soon as the server has been reached");
        return;
      }
      const text = "Whoever has this link sees and changes all of this library. There is no way to take it back.";
      const answer = await ask({ title: "Share this library", text, label: "Link", value: link.href, isReadOnly: true, yes: "Copy the link" });
      if (answer !== undefined) await navigator.clipboard.writeText(link.href);
    });
  }

  async makeCollection(): Promise<void> {
    const title = await ask({ title: "New collection", label: "Title", yes: "Make" });
    if (title === undefined || title === "") return;
    await this.parts.doing(async (library) => {
      const chosen = this.parts.shelf.chosen.map(({ id }) => id);
      const id = await library.makeCollection(title);
      if (chosen.length > 0) await library.put(chosen, id);
      this.parts.shelf.look({ collection: id });
    });
  }

  async renameCollection(): Promise<void> {
    const { collection } = this.parts.shelf.looked;
    await this.parts.trying(async (library) => {
      const before = library.model.value.collections.find(({ id }) => id === collection);
      const title = before && (await ask({ title: "Rename the collection", label: "Title", value: before.title, yes: "Rename" }));
      if (title !== undefined && title !== "") await library.renameCollection(collection, title);
    });
  }
}

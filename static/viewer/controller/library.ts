import type { Conversion, Library, LibraryState, PictureEntry } from "../../library/index";
import { bytes, many } from "../model/format";
import { joined, lastOpen } from "../model/joined";
import type { Settings } from "../model/settings";
import { type Order, Shelf } from "../model/shelf";
import { Thumbnails } from "../model/thumbnails";
import { button, byId, element, make } from "../view/dom";
import { EntryView } from "../view/entry";
import { GridView, type Look, SIDE } from "../view/grid";
import { type Done, renderSync, summary } from "../view/sync";
import type { Bitmaps } from "./bitmaps";
import { asCodecError, type Caller } from "./caller";
import { Curator } from "./curator";
import { Developer } from "./developer";
import { type Intake, walk } from "./intake";
import { askedFor, openLibrary, takeOpening } from "./opening";
import { Performer } from "./performer";
import { download } from "./sink";
import { type Pictured, Thumbnailer } from "./thumbnailer";

export interface LibraryParts {
  caller: Caller;
  /** Its calls are not in the page's table. */
  quiet: Caller;
  bitmaps: Bitmaps;
  settings: Settings;
  isPicture: (file: File) => boolean;
  /** Shows files in the viewer. */
  open: (files: readonly File[]) => void;
}

/** What a tile's thumbnail is made of: the picture with its edits. */
interface Drawn extends Pictured<string> {
  readonly picture: PictureEntry;
}

/** The page of the library: its views, and the library that is open. */
export class LibraryPage {
  private readonly shelf = new Shelf();
  private readonly thumbnails = new Thumbnails<string>();
  private readonly grid: GridView;
  private readonly entry: EntryView;
  private readonly developer: Developer;
  private readonly curator: Curator;
  private readonly thumbnailer: Thumbnailer<string, Drawn>;
  private library: Library | undefined;
  private performer: Performer | undefined;
  private opening: Promise<Library> | undefined;
  private endings: (() => void)[] = [];
  private said = "";
  /** Files that were looked into by now, readable or not. */
  private readonly inspected = new Set<string>();
  /** What the user asked for last. */
  private asked: Promise<void> = Promise.resolve();

  constructor(private readonly parts: LibraryParts) {
    const { quiet, settings, caller } = parts;
    this.developer = new Developer({
      caller: quiet,
      file: (picture) => this.file(picture),
      change: ({ id }, recipe) => void this.doing((library) => library.recipe(id, recipe)),
      paste: (recipe) => void this.curator.paste(recipe),
    });
    this.curator = new Curator({
      shelf: this.shelf, settings, formats: caller.codec.connection.interface.formats,
      stepsIn: (recipe) => this.developer.stepsIn(recipe),
      doing: (act) => this.doing(act),
      trying: (act) => this.trying(act),
      tell: (text) => this.tell(text),
      asked: () => void this.performer?.next(),
    });
    this.thumbnailer = this.thumbnailing();
    this.entry = this.describing();
    this.grid = this.laying();
    this.thumbnails.watch(() => this.grid.refresh());
    this.shelf.watch(() => this.render());
    this.bind();
  }

  /** Opens the library that the page's address names, or the one that was open before. */
  async begin(): Promise<void> {
    const remote = askedFor();
    if (remote) await this.turnTo(openLibrary(remote));
    else await this.trying(() => Promise.resolve());
    this.grid.refresh();
  }

  /** Keeps files in the library; gives what became of them, in words. */
  async keep(intake: Pick<Intake, "files" | "folders">): Promise<string> {
    const { isPicture } = this.parts;
    const files = [...intake.files];
    for await (const { files: found } of walk(intake.folders, new AbortController().signal)) files.push(...found.filter(isPicture));
    let told = "";
    if (files.length > 0) await this.trying(async (library) => (told = await this.take(library, files)));
    return told === "" ? element("shelf-warning").textContent : told;
  }

  private async take(library: Library, files: readonly File[]): Promise<string> {
    const { collection } = this.shelf.looked;
    const { ids, already, refused } = await library.add(files, collection === "" ? undefined : collection, (done, of) => this.tell(`Keeping ${done} of ${many(of, "picture")}…`));
    // Somebody who keeps pictures here wants them to stay.
    void library.keep();
    const said = [
      ids.length > 0 ? `${many(ids.length, "picture")} added to the library` : "",
      already.length > 0 ? `${many(already.length, "picture")} ${already.length === 1 ? "was" : "were"} there already` : "",
      ...refused.slice(0, 3).map(({ file, why }) => `${file.name} was not taken: ${why}`),
      refused.length > 3 ? `and ${refused.length - 3} more were not taken` : "",
    ].filter((part) => part !== "").join(". ");
    this.tell(said);
    if (refused.length > 0) this.warn(said);
    void this.describe(library, ids);
    return said;
  }

  private thumbnailing(): Thumbnailer<string, Drawn> {
    const { quiet, bitmaps, settings } = this.parts;
    return new Thumbnailer({
      codec: quiet.codec, thumbnails: this.thumbnails, bitmaps, settings, side: SIDE,
      isThere: () => true,
      read: ({ picture }) => this.file(picture),
      make: async ({ picture }, file, side, how) => {
        const steps = this.developer.stepsIn(picture.recipe);
        const within = { width: side, height: side, to: "png" } as const;
        if (Object.keys(steps).length === 0) return (await quiet.codec.thumbnail(file, within, how)).image;
        return (await quiet.codec.edit(file, { ...steps, ...within }, how)).image;
      },
    });
  }

  private describing(): EntryView {
    const { curator } = this;
    return new EntryView({
      open: () => void this.show(this.shelf.single?.id),
      original: () => void this.original(),
      remove: () => void this.remove(),
      caption: (text) => curator.caption(text),
      rate: (stars) => void curator.rate(stars),
      collect: (collection, isIn) => void curator.collect(collection, isIn),
      convert: () => void curator.convert(),
      download: (conversion) => void curator.download(conversion),
      cancel: (conversion) => void this.cancel(conversion),
    });
  }

  private laying(): GridView {
    const { shelf, curator } = this;
    return new GridView((picture) => this.lookOf(picture), {
      select: (id, how) => (how === "alone" ? shelf.select(id) : how === "toggle" ? shelf.toggle(id) : shelf.reach(id)),
      selectAll: () => shelf.selectAll(),
      open: (id) => void this.show(id),
      remove: () => void this.remove(),
      rate: (stars) => void curator.rate(stars),
      want: (pictures) => this.thumbnailer.want(pictures.map((picture) => this.drawn(picture))),
    });
  }

  private opened(): Promise<Library> {
    this.opening ??= this.use(takeOpening() ?? openLibrary(lastOpen()));
    return this.opening;
  }

  /** Another library takes the place of the one that is open. */
  private turnTo(opening: Promise<Library>): Promise<void> {
    this.opening = this.use(opening);
    return this.trying(() => Promise.resolve());
  }

  private async use(opening: Promise<Library>): Promise<Library> {
    let library: Library;
    try {
      library = await opening;
    } catch (error) {
      // The next who asks tries again, with the one that is still open where there is one.
      this.opening = this.library && Promise.resolve(this.library);
      this.renderWhich();
      throw error;
    }
    for (const end of this.endings) end();
    this.performer?.close();
    await this.library?.close();
    this.library = library;
    this.performer = new Performer({ caller: this.parts.caller, library, file: (picture) => this.file(picture) });
    this.endings = [library.model.watch((state) => this.follow(state)), library.sync.watch(() => this.renderSync())];
    this.renderWhich();
    return library;
  }

  private follow(state: LibraryState): void {
    button("shelf-undo").disabled = !state.canUndo;
    button("shelf-redo").disabled = !state.canRedo;
    this.shelf.follow(state);
  }

  private render(): void {
    const { pictures } = this.shelf.value;
    const state = this.library?.model.value;
    const total = state?.pictures.size ?? 0;
    this.grid.render(this.shelf.value);
    element("shelf-count").textContent = pictures.length === total ? many(total, "picture") : `${pictures.length} of ${many(total, "picture")}`;
    element("shelf-none").hidden = pictures.length > 0;
    element("shelf-scroll").hidden = pictures.length === 0;
    element("shelf-none").textContent = total === 0 ? "Nothing is kept here yet. Drop pictures on this page, or add some." : "No picture is like that.";
    if (!state) return;
    this.renderCollections(state);
    const chosen = this.shelf.chosen;
    const { single } = this.shelf;
    this.entry.render(chosen, state.collections);
    this.developer.render(single);
    const ids = new Set(chosen.map(({ id }) => id));
    const asked = ids.size > 0 ? [...state.conversions.values()].filter(({ picture }) => ids.has(picture)) : [];
    this.entry.renderMade(chosen, asked.reverse().slice(0, 50));
    if (single) void this.describe(this.library, [single.id]);
  }

  private renderCollections({ collections, pictures }: LibraryState): void {
    const select = byId("shelf-collection", HTMLSelectElement);
    const { collection } = this.shelf.looked;
    const wanted = [["", `All pictures (${pictures.size})`], ...collections.map(({ id, title, pictures: held }) => [id, `${title} (${held.length})`])];
    const told = JSON.stringify(wanted);
    if (select.dataset.told !== told) {
      select.dataset.told = told;
      select.replaceChildren(...wanted.map(([value = "", text = ""]) => make("option", { value }, text)));
    }
    select.value = collection;
    button("collection-rename").hidden = button("collection-remove").hidden = select.value === "";
  }

  private renderSync(): void {
    const { library } = this;
    if (!library) return;
    const state = library.sync.value;
    const done = [...library.model.value.conversions.values()].filter((each) => each.state === "done");
    const places = new Map<string, number>();
    for (const { place } of done) if (place !== undefined) places.set(place, (places.get(place) ?? 0) + 1);
    const told: Done = { count: done.length, places };
    const { module } = this.parts.caller.codec.connection;
    renderSync(state, told, `${module.sha256.slice(0, 16)}…, ${bytes(module.bytes)}`, {
      retry: (key) => void this.doing((each) => each.retry(key)),
      discard: (key) => void this.curator.discard(key),
    });
    const { nearlyFull, usage, quota } = state.storage;
    if (nearlyFull) this.warn(`This browser’s storage is nearly full: ${bytes(usage)} of ${bytes(quota)}. ${state.evictable > 0 ? "“Free up space” below removes what the server has, too." : "Remove pictures that you do not need here."}`);
    const text = summary(state);
    if (element("library-state").textContent === "" || this.said !== text) element("library-state").textContent = text;
    this.said = text;
  }

  private renderWhich(): void {
    const others = joined();
    const chosen = lastOpen()?.id ?? "";
    const select = byId("library-which", HTMLSelectElement);
    select.hidden = others.length === 0;
    select.replaceChildren(make("option", { value: "" }, "Mine"), ...others.map(({ id }) => make("option", { value: id }, `Shared with me, ${id.slice(0, 6)}`)));
    select.value = chosen;
  }

  private lookOf(picture: PictureEntry): Look {
    const { id } = this.drawn(picture);
    const isEdited = Object.keys(this.developer.stepsIn(picture.recipe)).length > 0;
    return { url: this.thumbnails.get(id)?.url, failure: this.thumbnails.failure(id), isEdited };
  }

  private drawn(picture: PictureEntry): Drawn {
    return { id: `${picture.sha256} ${JSON.stringify(this.developer.stepsIn(picture.recipe))}`, picture };
  }

  private async file({ sha256, name, type }: PictureEntry): Promise<File> {
    const library = await this.opened();
    return new File([await library.file(sha256)], name, { type });
  }

  /** What a file is, for the page to show without reading it again. */
  private async describe(library: Library | undefined, ids: readonly string[]): Promise<void> {
    const { codec } = this.parts.quiet;
    for (const id of ids) {
      const picture = library?.model.value.pictures.get(id);
      if (!library || !picture || picture.width !== undefined || this.inspected.has(picture.sha256)) continue;
      this.inspected.add(picture.sha256);
      try {
        const { width, height, format } = await codec.inspect(await this.file(picture), {}, { priority: "low" });
        await library.describe(id, { width, height, format });
      } catch {
        // The thumbnail says that it cannot be shown.
      }
    }
  }

  private async show(id: string | undefined): Promise<void> {
    const picture = id === undefined ? undefined : this.library?.model.value.pictures.get(id);
    if (!picture) return;
    await this.trying(async () => {
      this.parts.open([await this.file(picture)]);
      location.hash = "viewer";
    });
  }

  private async original(): Promise<void> {
    const { single } = this.shelf;
    if (single) await this.trying(async () => download(await this.file(single), single.name));
  }

  private async remove(): Promise<void> {
    await this.curator.remove();
    this.grid.focus();
  }

  private async cancel(conversion: Conversion): Promise<void> {
    await this.curator.cancel(conversion);
    this.performer?.cancel(conversion);
  }

  /** Changes the library, after what was asked for before; what goes wrong is told. */
  private doing(act: (library: Library) => Promise<unknown>): Promise<void> {
    return (this.asked = this.asked.then(() => this.trying(act)));
  }

  /** Does something with the library that may take long; what goes wrong is told. */
  private async trying(act: (library: Library) => Promise<unknown>): Promise<void> {
    element("shelf-warning").hidden = true;
    try {
      await act(await this.opened());
    } catch (thrown) {
      this.warn(`This was not done: ${asCodecError(thrown).message}.`);
    }
  }

  private tell(text: string): void {
    element("library-state").textContent = text;
  }

  private warn(text: string): void {
    element("shelf-warning").hidden = false;
    element("shelf-warning").textContent = text;
  }

  private bind(): void {
    const clicks: [string, () => void][] = [
      ["shelf-undo", () => void this.doing((library) => library.undo())],
      ["shelf-redo", () => void this.doing((library) => library.redo())],
      ["shelf-share", () => void this.curator.share()],
      ["collection-make", () => void this.curator.makeCollection()],
      ["collection-rename", () => void this.curator.renameCollection()],
      ["collection-remove", () => void this.doing((library) => library.removeCollection(this.shelf.looked.collection))],
      ["sync-publish", () => void this.doing((library) => library.publish())],
      ["sync-free", () => void this.trying(async (library) => this.tell(`${bytes(await library.freeUp())} are free again`))],
    ];
    for (const [id, act] of clicks) button(id).addEventListener("click", act);
    const filter = byId("shelf-filter", HTMLInputElement);
    filter.addEventListener("input", () => this.shelf.look({ filter: filter.value }));
    const choose = (id: string, act: (value: string) => void): void => {
      const select = byId(id, HTMLSelectElement);
      select.addEventListener("change", () => act(select.value));
    };
    choose("shelf-collection", (value) => this.shelf.look({ collection: value }));
    choose("shelf-stars", (value) => this.shelf.look({ stars: Number(value) }));
    choose("shelf-order", (value) => this.shelf.look({ order: value as Order }));
    choose("library-which", (value) => void this.turnTo(openLibrary(joined().find(({ id }) => id === value))));
    element("library").addEventListener("keydown", (event) => this.key(event));
    addEventListener("pagehide", () => void this.curator.captioned());
  }

  /** Undo in a text that is being typed is the browser's own. */
  private key(event: KeyboardEvent): void {
    const isText = event.target instanceof HTMLElement && event.target.matches("textarea, input:not([type=checkbox], [type=radio], [type=range])");
    if (isText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    void this.doing((library) => (event.shiftKey ? library.redo() : library.undo()));
  }
}

import type { Codec } from "../../client/index";
import type { Document, Documents } from "../model/documents";
import { many } from "../model/format";
import type { Settings } from "../model/settings";
import { Strip } from "../model/strip";
import { Thumbnails } from "../model/thumbnails";
import { button, byId, element } from "../view/dom";
import { announce } from "../view/status";
import { SIDE, StripView } from "../view/strip";
import type { Bitmaps } from "./bitmaps";
import type { Opener } from "./opener";
import { Thumbnailer } from "./thumbnailer";

/** Files from which on they can be filtered and sorted. */
const MANY = 6;
/** Milliseconds that typing may pause before names are searched. */
const PAUSE = 120;

export interface FilesParts {
  codec: Codec;
  bitmaps: Bitmaps;
  documents: Documents;
  settings: Settings;
  opener: Opener;
  /** The focus was on something that is gone. */
  lost: () => void;
}

/** The strip of opened files: shows, filters, sorts and closes them. */
export class Files {
  private readonly strip: Strip;
  private readonly view: StripView;
  private readonly thumbnailer: Thumbnailer<number, Document>;
  private readonly filter = byId("files-filter", HTMLInputElement);
  private readonly sort = byId("files-sort", HTMLSelectElement);
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: FilesParts) {
    const { codec, bitmaps, documents, settings, opener } = parts;
    const thumbnails = new Thumbnails();
    this.strip = new Strip(documents);
    this.thumbnailer = new Thumbnailer({
      codec, thumbnails, bitmaps, settings, side: SIDE,
      // The size of a file on a disk is asked for there: of many that takes long.
      isThere: ({ address, file }) => address === undefined || file.size > 0,
      read: ({ file }) => file,
    });
    this.view = new StripView(thumbnails, {
      show: (document) => void opener.show(document),
      close: (document) => this.close(document),
      want: (wanted) => this.thumbnailer.want(wanted),
    });
    documents.watch(() => this.render());
    this.strip.watch(() => this.render());
    this.filter.addEventListener("input", () => this.typed());
    this.sort.addEventListener("change", () => this.strip.arrange({ sort: this.sort.value === "name" ? "name" : "added" }));
    button("files-close").addEventListener("click", () => this.closeAll());
  }

  /** Shows the file before or after the one that is shown, as the strip has them. */
  neighbour(by: 1 | -1): void {
    const { current } = this.parts.documents.value;
    const next = current && this.strip.neighbour(current, by);
    if (next) void this.parts.opener.show(next);
  }

  close(document: Document): void {
    const { opener, lost } = this.parts;
    const wasInside = this.view.hasFocus;
    const next = this.strip.successor(document);
    this.thumbnailer.forget(document.id);
    opener.close(document, next);
    announce(`${document.file.name} is closed`);
    if (wasInside && !element("files").hidden) this.view.focus();
    else lost();
  }

  private closeAll(): void {
    const count = this.parts.documents.value.list.length;
    this.thumbnailer.clear();
    this.parts.opener.closeAll();
    this.filter.value = "";
    this.strip.arrange({ filter: "" });
    announce(`${many(count, "file")} closed`);
    this.parts.lost();
  }

  private typed(): void {
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.strip.arrange({ filter: this.filter.value });
      if (this.strip.filter !== "") announce(`${many(this.strip.value.length, "file")} found`);
    }, PAUSE);
  }

  private render(): void {
    const { list, current } = this.parts.documents.value;
    const found = this.strip.value;
    element("files").hidden = list.length < 2;
    const isSearched = this.strip.filter.trim() !== "";
    this.filter.hidden = this.sort.hidden = list.length < MANY && !isSearched;
    element("files-count").textContent = isSearched ? `${found.length} of ${many(list.length, "file")}` : many(list.length, "file");
    element("files-none").hidden = found.length > 0;
    element("files-scroll").hidden = found.length === 0;
    element("files-none").textContent = `No name contains “${this.strip.filter.trim()}”.`;
    this.view.render(found, current);
  }
}

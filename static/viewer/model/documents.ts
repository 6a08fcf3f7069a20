import type { CodecError, InspectResult, PlaceChoice } from "../../client/index";
import type { Flaw } from "./flaw";
import { Observable } from "./observable";
import { closePicture, type Picture, pictureBytes } from "./picture";

/** What is known of a file that the module does not read, but something else here does. */
export interface PlainFacts {
  /** What the format is called. */
  title: string;
  width: number;
  height: number;
  /** How many frames are shown. */
  frames: number;
}

/** Bytes that have come of a file on its way here, and of how many, where that is known. */
export interface Progress {
  loaded: number;
  total: number | undefined;
}

/** One opened file and what is known of it. */
export interface Document {
  readonly id: number;
  /** Empty, but for its name, until a file from an address has come. */
  file: File;
  /** Where the file is, if not on this device. */
  readonly address: URL | undefined;
  /** `waiting`: not looked at yet, or its picture was given up for others. */
  state: "waiting" | "opening" | "ready" | "failed";
  facts?: InspectResult | undefined;
  /** In place of `facts` where the module cannot read the file. */
  plain?: PlainFacts | undefined;
  /** While it is opened, as much as there is of it. */
  picture?: Picture | undefined;
  /** What is shown in the picture's place, such as one of its channels alone. */
  aspect?: Picture | undefined;
  error?: CodecError | undefined;
  /** Why not all of the picture is shown, and how much of it is. */
  flaw?: Flaw | undefined;
  /** Something to know about the picture, such as that it shows one frame of many. */
  notice?: string | undefined;
  progress?: Progress | undefined;
  /** Where its calls run that show it, if not where the page's do. */
  place?: PlaceChoice | undefined;
}

export interface Opened {
  readonly list: readonly Document[];
  readonly current: Document | undefined;
}

/** What is seen of a document. */
export function seen(document: Document | undefined): Picture | undefined {
  return document?.aspect ?? document?.picture;
}

/** Bytes that the pictures of all documents may have together; the one that is shown may have more. */
const PICTURE_BUDGET = 2 ** 30;
/** Most documents at a time. */
export const MOST_DOCUMENTS = 10_000;

/** The opened files, one of which is shown. */
export class Documents extends Observable<Opened> {
  private ids = 0;
  /** Documents in the order in which they were last shown. */
  private shown: Document[] = [];

  /** @param budget bytes of bitmaps that are kept, beside those that are shown. */
  constructor(private readonly budget = PICTURE_BUDGET) {
    super({ list: [], current: undefined });
  }

  /** How many documents may still be added. */
  get room(): number {
    return MOST_DOCUMENTS - this.value.list.length;
  }

  /** Adds files, as many as there is room for, behind the others. */
  add(files: readonly File[]): Document[] {
    return this.append(files.slice(0, this.room).map((file) => this.made(file, undefined)));
  }

  /** Adds a file that is to be had from an address. */
  addAddress(name: string, address: URL | undefined): Document[] {
    return this.append(this.room > 0 ? [this.made(new File([], name), address)] : []);
  }

  select(document: Document | undefined): void {
    if (document) this.shown = [...this.shown.filter((each) => each !== document), document];
    this.set({ list: this.value.list, current: document });
    this.evict();
  }

  /** @param next what is shown instead, if it was shown. */
  remove(document: Document, next?: Document): void {
    const index = this.value.list.indexOf(document);
    const list = this.value.list.filter((each) => each !== document);
    this.drop(document);
    this.shown = this.shown.filter((each) => each !== document);
    const current = this.value.current === document ? (next ?? list[Math.min(index, list.length - 1)]) : this.value.current;
    this.set({ list, current });
  }

  clear(): void {
    for (const document of this.shown) this.drop(document);
    this.shown = [];
    this.set({ list: [], current: undefined });
  }

  /** Tells the views that a document has changed. */
  changed(): void {
    this.set({ ...this.value });
    this.evict();
  }

  private made(file: File, address: URL | undefined): Document {
    return { id: (this.ids += 1), file, address, state: "waiting" };
  }

  private append(added: Document[]): Document[] {
    this.set({ list: [...this.value.list, ...added], current: this.value.current });
    return added;
  }

  /** Pictures beyond the budget are dropped, the longest unseen first; they are decoded again when looked at. */
  private evict(): void {
    let bytes = 0;
    for (const document of [...this.shown].reverse()) {
      for (const picture of [document.picture, document.aspect]) bytes += picture ? pictureBytes(picture) : 0;
      if (bytes > this.budget && document !== this.value.current) this.drop(document);
    }
  }

  private drop(document: Document): void {
    for (const picture of [document.picture, document.aspect]) if (picture) closePicture(picture);
    document.picture = document.aspect = undefined;
    if (document.state === "ready") document.state = "waiting";
  }
}

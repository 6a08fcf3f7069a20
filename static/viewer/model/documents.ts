import type { CodecError, InspectResult } from "../../client/index";
import { Observable } from "./observable";
import { closePicture, type Picture, pictureBytes } from "./picture";

/** One opened file and what is known of it. */
export interface Document {
  readonly id: number;
  readonly file: File;
  state: "opening" | "ready" | "failed";
  facts?: InspectResult | undefined;
  picture?: Picture | undefined;
  /** What is shown in the picture's place, such as one of its channels alone. */
  aspect?: Picture | undefined;
  error?: CodecError | undefined;
  /** Something to know about the picture, such as that it shows one frame of many. */
  notice?: string | undefined;
}

export interface Opened {
  readonly list: readonly Document[];
  readonly current: Document | undefined;
}

/** What is seen of a document. */
export function seen(document: Document | undefined): Picture | undefined {
  return document?.aspect ?? document?.picture;
}

const PICTURE_BUDGET = 2 ** 30;

/** The opened files, one of which is shown. */
export class Documents extends Observable<Opened> {
  private ids = 0;
  /** Documents in the order in which they were last shown. */
  private shown: Document[] = [];

  constructor() {
    super({ list: [], current: undefined });
  }

  add(files: readonly File[]): Document[] {
    const added = files.map((file): Document => ({ id: (this.ids += 1), file, state: "opening" }));
    this.set({ list: [...this.value.list, ...added], current: this.value.current });
    return added;
  }

  select(document: Document | undefined): void {
    if (document) this.shown = [...this.shown.filter((each) => each !== document), document];
    this.set({ list: this.value.list, current: document });
    this.evict();
  }

  remove(document: Document): void {
    const index = this.value.list.indexOf(document);
    const list = this.value.list.filter((each) => each !== document);
    this.drop(document);
    this.shown = this.shown.filter((each) => each !== document);
    const current = this.value.current === document ? list[Math.min(index, list.length - 1)] : this.value.current;
    this.set({ list, current });
  }

  /** Tells the views that a document has changed. */
  changed(): void {
    this.set({ ...this.value });
    this.evict();
  }

  /** Pictures beyond the budget are dropped, the longest unseen first; they are decoded again when looked at. */
  private evict(): void {
    let bytes = 0;
    for (const document of [...this.shown].reverse()) {
      for (const picture of [document.picture, document.aspect]) bytes += picture ? pictureBytes(picture) : 0;
      if (bytes > PICTURE_BUDGET && document !== this.value.current) this.drop(document);
    }
  }

  private drop(document: Document): void {
    for (const picture of [document.picture, document.aspect]) if (picture) closePicture(picture);
    document.picture = document.aspect = undefined;
  }
}

import { CodecError } from "../../client/index";
import { type Asked, nameAt } from "../model/address";
import { type Document, type Documents, MOST_DOCUMENTS } from "../model/documents";
import { many } from "../model/format";
import { closePicture } from "../model/picture";
import { asCodecError } from "./caller";
import { type Intake, walk } from "./intake";
import type { Loader } from "./loader";

/** Opens files: adds them to the documents, and loads the one that is looked at. */
export class Opener {
  private readonly working = new Map<Document, AbortController>();
  private walking = new AbortController();

  /**
   * @param isWanted whether a file of a folder is to be opened.
   * @param tell says something of what was taken in, and what was not.
   */
  constructor(
    private readonly documents: Documents,
    private readonly loader: Pick<Loader, "load">,
    private readonly isWanted: (file: File) => boolean,
    private readonly tell: (text: string) => void,
  ) {}

  /** Adds what was dropped, pasted or picked, and shows the first of it. Folders are walked, and what they hold comes as it is found. */
  async open({ files, folders, isFolder }: Intake): Promise<void> {
    const { signal } = this.walking;
    // What was handed over, what adds it and what shows it are tasks of their own: of many files each takes its time.
    await nextTask();
    const taken = new Taken();
    const take = (found: readonly File[], isChosen: boolean): void => {
      const wanted = isChosen ? [...found] : found.filter(this.isWanted);
      const added = this.documents.add(wanted);
      const first = taken.count === 0 ? added[0] : undefined;
      taken.add(added.length, found.length - wanted.length, wanted.length - added.length);
      if (first) void nextTask().then(() => this.show(first));
    };
    take(files, !isFolder);
    for await (const { files: found, unreadable, isCut } of walk(folders, signal)) {
      // Only what is walked for now is still wanted after all were closed.
      if (signal.aborted) return;
      take(found, false);
      taken.unreadable += unreadable;
      taken.isCut ||= isCut || this.documents.room === 0;
      if (this.documents.room === 0) break;
    }
    const text = taken.text(isFolder || folders.length > 0);
    if (text !== "") this.tell(text);
  }

  /** Opens what the page's address asks for. */
  async openAsked(all: readonly Asked[]): Promise<void> {
    const added = all.flatMap(({ text, url, refused }) => {
      const [document] = this.documents.addAddress(url ? nameAt(url) : text, url);
      if (document && refused !== undefined) this.fail(document, new CodecError({ code: "refused", message: refused, title: "The link is not followed" }));
      return document ? [document] : [];
    });
    const [first] = added;
    if (first) await this.show(first);
  }

  /** Shows a document, decoding it where that is still to be done. */
  async show(document: Document): Promise<void> {
    for (const [other, abort] of this.working) if (other !== document) abort.abort();
    const isToBeLoaded = document.state === "waiting" && !this.working.has(document);
    if (isToBeLoaded) document.state = "opening";
    this.documents.select(document);
    if (isToBeLoaded) await this.load(document);
  }

  /**
   * Tries a document again that failed, or of which only a part is shown.
   *
   * @param place where, if not where it was tried.
   */
  async retry(document: Document, place = document.place): Promise<void> {
    if (document.error?.code === "refused") return;
    const { picture } = document;
    document.place = place;
    document.state = "waiting";
    document.picture = document.error = document.flaw = undefined;
    // By now nothing shows it any more.
    const isShown = this.show(document);
    if (picture) closePicture(picture);
    await isShown;
  }

  /** @param next what is shown instead. */
  close(document: Document, next?: Document): void {
    this.working.get(document)?.abort();
    this.documents.remove(document, next);
    const { current } = this.documents.value;
    if (current) void this.show(current);
  }

  closeAll(): void {
    this.stopWalking();
    for (const abort of this.working.values()) abort.abort();
    this.documents.clear();
  }

  /** Takes no more of the folders that are being walked. */
  stopWalking(): void {
    this.walking.abort();
    this.walking = new AbortController();
  }

  private async load(document: Document): Promise<void> {
    const abort = new AbortController();
    this.working.set(document, abort);
    document.state = "opening";
    try {
      await this.loader.load(document, abort.signal);
      if (abort.signal.aborted) throw new CodecError({ code: "cancelled", message: "the file was closed" });
      document.state = "ready";
    } catch (thrown) {
      const error = asCodecError(thrown);
      // A picture that another one took the place of is decoded when it is looked at again.
      if (abort.signal.aborted) this.leave(document);
      else this.fail(document, error);
    } finally {
      this.working.delete(document);
      this.documents.changed();
    }
    const { current } = this.documents.value;
    // Looked at again while it was being stopped.
    if (current === document) await this.show(document);
  }

  private leave(document: Document): void {
    const { picture } = document;
    document.state = "waiting";
    document.picture = document.flaw = undefined;
    // Nobody else would give the bitmaps back.
    if (picture) closePicture(picture);
  }

  private fail(document: Document, error: CodecError): void {
    document.state = "failed";
    document.error = error;
  }
}

/** Lets the page draw and hear of other things first. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** What became of the files that were given. */
class Taken {
  count = 0;
  unreadable = 0;
  isCut = false;
  private others = 0;
  private tooMany = 0;

  add(added: number, others: number, tooMany: number): void {
    this.count += added;
    this.others += others;
    this.tooMany += tooMany;
  }

  text(isFolder: boolean): string {
    const parts = [
      this.tooMany > 0 ? `Only ${MOST_DOCUMENTS} files can be open at a time: ${many(this.tooMany, "file")} left out.` : "",
      this.isCut && this.tooMany === 0 ? "The folder has too many entries; not all of it was looked at." : "",
      this.others > 0 ? `${many(this.others, "file")} in the folder ${this.others === 1 ? "is" : "are"} no picture.` : "",
      this.unreadable > 0 ? `${many(this.unreadable, "file")} could not be read.` : "",
      isFolder && this.count === 0 ? "There is no picture in this folder." : "",
    ];
    return parts.filter((part) => part !== "").join(" ");
  }
}

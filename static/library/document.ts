import * as Y from "yjs";

/** Origins of transactions: what whoever uses this page did, which undo takes back; what it did by itself; what came from elsewhere. */
export const USER = Symbol("user");
export const PAGE = Symbol("page");
export const ELSEWHERE = Symbol("elsewhere");

const CAPTION = "caption:";

/**
 * The Yjs document of a library. Everything is a plain value below a name of its own in a map at the top, and each caption is a text at the top:
 * a type that is nested in another would be lost with all that is in it where two clients make it at the same time.
 *
 * | map | key | value |
 * | --- | --- | --- |
 * | `pictures` | picture | sha256, name, type, bytes, added |
 * | `seen` | picture | width, height, format |
 * | `ratings` | picture | 1 to 5 |
 * | `recipes` | picture/option | the option's value |
 * | `collections` | collection | title, made |
 * | `members` | collection/picture | a number, by which they are in order |
 * | `conversions` | conversion | picture, sha256, fn, options, at, by |
 * | `marks` | `restored` | at random, anew whenever a service was found to be an older one: all look whether it has their files |
 * | `stages` | conversion/`job`, `running`, `done`, `failed` or `cancelled` | what came of it |
 */
export class LibraryDocument {
  readonly doc = new Y.Doc();
  readonly pictures = this.doc.getMap<unknown>("pictures");
  readonly seen = this.doc.getMap<unknown>("seen");
  readonly ratings = this.doc.getMap<unknown>("ratings");
  readonly recipes = this.doc.getMap<unknown>("recipes");
  readonly collections = this.doc.getMap<unknown>("collections");
  readonly members = this.doc.getMap<unknown>("members");
  readonly conversions = this.doc.getMap<unknown>("conversions");
  readonly stages = this.doc.getMap<unknown>("stages");
  readonly marks = this.doc.getMap<unknown>("marks");
  private undoing: Y.UndoManager | undefined;
  private readonly captioned = new Set<string>();
  private shared = 0;

  /** Takes back what the user of this page did; what comes from a log was done before. */
  get undo(): Y.UndoManager {
    // What belongs to one step, the edits decide.
    return (this.undoing ??= new Y.UndoManager(this.doc, { trackedOrigins: new Set([USER]), captureTimeout: Number.MAX_SAFE_INTEGER }));
  }

  caption(picture: string): string {
    const name = CAPTION + picture;
    return this.doc.share.has(name) ? this.doc.getText(name).toJSON() : "";
  }

  captionText(picture: string): Y.Text {
    return this.doc.getText(CAPTION + picture);
  }

  /** The pictures of captions that were not there when it was asked for last. */
  newCaptions(): string[] {
    if (this.doc.share.size === this.shared) return [];
    this.shared = this.doc.share.size;
    const found = [...this.doc.share.keys()].filter((name) => name.startsWith(CAPTION) && !this.captioned.has(name));
    for (const name of found) {
      this.captioned.add(name);
      // From now on its events have this type.
      this.doc.getText(name);
    }
    return found.map((name) => name.slice(CAPTION.length));
  }

  /** The picture that a type is the caption of. */
  captionOf(type: unknown): string | undefined {
    if (!(type instanceof Y.Text) || type._item !== null) return undefined;
    const name = this.names.get(type) ?? this.name(type);
    return name?.slice(CAPTION.length);
  }

  private readonly names = new WeakMap<Y.Text, string>();

  private name(type: Y.Text): string | undefined {
    for (const name of this.captioned) {
      const found = this.doc.share.get(name);
      if (found instanceof Y.Text) this.names.set(found, name);
    }
    return this.names.get(type);
  }

  destroy(): void {
    this.undoing?.destroy();
    this.doc.destroy();
  }
}

/** The key of something that belongs to something else. */
export function below(owner: string, name: string): string {
  return `${owner}/${name}`;
}

/** Both parts of such a key. */
export function parts(key: string): readonly [string, string] | undefined {
  const at = key.indexOf("/");
  return at < 0 ? undefined : [key.slice(0, at), key.slice(at + 1)];
}

import { CodecError, type InspectResult } from "../../client/index";
import type { Document } from "../model/documents";
import { flawOf } from "../model/flaw";
import type { Looking } from "../model/looking";
import { closePicture } from "../model/picture";
import { placeFor } from "../model/places";
import type { Bitmaps } from "./bitmaps";
import { asCodecError, type Caller } from "./caller";
import { Foreign } from "./foreign";
import { GROWING, type Loading, tooMany } from "./loading";
import type { Looker } from "./looker";
import type { Painter } from "./painter";
import { pieces } from "./pieces";
import { Remote } from "./remote";
import { Rest } from "./rest";
import { type Growing, type Source, Streamer } from "./streamer";

/** Milliseconds below which nobody sees a picture grow: then one call decodes it, from which the planner learns. */
const SOON = 150;
/** The same in bytes, where the place is settled and nothing is estimated. */
const SMALL = 48 * 2 ** 10;
/** Errors before which something may have been decoded. */
const SALVAGED = ["truncated", "corrupt"];

export interface LoaderParts {
  caller: Caller;
  looker: Looker;
  painter: Painter;
  bitmaps: Bitmaps;
  /** Tells the views that a document has changed. */
  changed: () => void;
}

/** Makes pictures of documents: by one call, piece by piece while a file is read, or by whoever reads what the module cannot. */
export class Loader {
  private readonly caller: Caller;
  private readonly looker: Looker;
  private readonly changed: () => void;
  private readonly streamer: Streamer;
  private readonly rest: Rest;
  private readonly foreign: Foreign;
  private readonly remote: Remote;

  constructor({ caller, looker, painter, bitmaps, changed }: LoaderParts) {
    this.caller = caller;
    this.looker = looker;
    this.changed = changed;
    this.streamer = new Streamer(caller, painter);
    this.rest = new Rest(caller, looker, bitmaps);
    this.foreign = new Foreign(caller, looker, this, this.rest);
    this.remote = new Remote(caller, this);
  }

  /**
   * Gives a document its facts and its picture, or as much of it as can be had.
   *
   * @throws CodecError where there is nothing to show.
   */
  async load(document: Document, signal: AbortSignal): Promise<void> {
    const loading: Loading = { document, place: document.place ?? this.caller.place, signal, left: signal, changed: this.changed };
    document.flaw = document.notice = undefined;
    if (document.address && document.file.size === 0) await this.remote.fetch(loading, document.address);
    if (document.picture === undefined) await this.open(loading);
  }

  /** The facts of a file, also of one whose end is missing. @throws CodecError whatever the call fails with. */
  inspect({ place, signal }: Loading, file: File): Promise<InspectResult> {
    return this.caller.call({
      fn: "inspect", label: `Inspecting ${file.name}`, place, signal,
      run: (settings) => this.caller.codec.inspect(file, { prefix: true }, settings),
    });
  }

  /**
   * Decodes piece by piece, showing each step. What was decoded before an error stays to be seen.
   *
   * @throws CodecError where that is nothing.
   */
  async stream(loading: Loading, source: (signal: AbortSignal) => Source, how: Looking): Promise<void> {
    const { document, signal, left, changed } = loading;
    const growing: Growing = { picture: undefined, stage: "header", isCut: false };
    const onnews = (): void => {
      document.picture = growing.picture;
      changed();
    };
    let error: CodecError | undefined;
    try {
      const { options } = this.looker.growing(how);
      await this.streamer.decode(source, { name: document.file.name, options, signal, onnews }, growing);
    } catch (thrown) {
      error = rootOf(asCodecError(thrown));
    }
    const { picture } = growing;
    if (!picture || left.aborted) {
      document.picture = undefined;
      changed();
      if (picture) closePicture(picture);
      throw error ?? new CodecError({ code: left.aborted ? "cancelled" : "truncated", message: "there is no picture in what was decoded" });
    }
    if (error) document.flaw = flawOf(error, picture, growing.stage, document.facts);
    if (growing.isCut) document.notice = tooMany(document.facts?.frames.length);
    // As another picture, so that an animation begins to play.
    document.picture = picture.frames.length > 1 ? { ...picture } : picture;
  }

  /** Opens a file that is here. */
  private async open(loading: Loading): Promise<void> {
    const { document, signal, place } = loading;
    try {
      document.facts ??= await this.inspect(loading, document.file);
    } catch (thrown) {
      const error = asCodecError(thrown);
      if (error.code !== "unknown_format" || signal.aborted) throw error;
      await this.foreign.open(loading, error);
      return;
    }
    this.changed();
    const { facts, file } = document;
    const how = this.looker.looking(facts);
    document.notice = how.tooMany === undefined ? undefined : tooMany(how.tooMany);
    if (await this.isStreamed(loading, facts, how)) {
      await this.stream(loading, () => pieces(file), how);
      return;
    }
    try {
      document.picture = await this.looker.look(file, how, signal, place);
    } catch (thrown) {
      await this.salvage(loading, facts, how, asCodecError(thrown));
    }
  }

  /** Whether a file is shown while it is read: where it is decoded here, and takes long enough for that to be seen. */
  private async isStreamed({ place, document: { file } }: Loading, facts: InspectResult, how: Looking): Promise<boolean> {
    if (facts.format !== GROWING || how.tooMany !== undefined || place === "server") return false;
    if (!facts.complete) return true;
    const own = placeFor(place, how.isPicture);
    if (own !== "auto") return own === "local" && file.size >= SMALL;
    const explained = await this.caller.codec.explain("decode", file, how.options, how.isPicture ? { as: "picture" } : {}).catch(() => undefined);
    if (explained?.place !== "local") return false;
    return explained.estimates.some(({ place: each, expected }) => each === "local" && expected >= SOON);
  }

  /** Shows what can be shown after an error. @throws CodecError that error, where it is nothing. */
  private async salvage(loading: Loading, facts: InspectResult, how: Looking, error: CodecError): Promise<void> {
    const { document, place, signal } = loading;
    if (signal.aborted || !SALVAGED.includes(error.code)) throw error;
    if (facts.format !== GROWING) await this.rest.browsers(loading, facts, error);
    else if (place === "server") await this.rest.servers(loading, facts, error);
    else await this.stream(loading, () => pieces(document.file), how);
  }
}

/** What a source failed with, where that is what ended the stream. */
function rootOf(error: CodecError): CodecError {
  return error.code === "unreachable" && error.cause instanceof CodecError ? error.cause : error;
}

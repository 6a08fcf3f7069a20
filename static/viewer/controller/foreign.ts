import { CodecError, type Format } from "../../client/index";
import { formatOf } from "../model/accepted";
import { HEAD, mayMove } from "../model/moving";
import type { Picture } from "../model/picture";
import { asCodecError, type Caller } from "./caller";
import type { Loader } from "./loader";
import { type Loading, tooMany } from "./loading";
import type { Looker } from "./looker";
import type { Rest } from "./rest";

/** Opens files that the module does not read: by the browser's own decoder, or by the service's. */
export class Foreign {
  constructor(
    private readonly caller: Caller,
    private readonly looker: Looker,
    private readonly loader: Pick<Loader, "inspect">,
    private readonly rest: Rest,
  ) {}

  /** @throws CodecError `error`, where nobody reads the file. */
  async open(loading: Loading, error: CodecError): Promise<void> {
    const { document, place, signal } = loading;
    const { file } = document;
    const format = formatOf(file, this.caller.codec.connection.service.formats);
    const moves = mayMove(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
    const native = (): Promise<Picture> => this.looker.look(file, this.looker.looking(undefined), signal, "native");
    const server = (): Promise<Picture> => this.converted(loading);
    const mayAsk = format?.read === true && (place === "auto" || place === "server");
    const ways = [...(place === "server" ? [] : [native]), ...(mayAsk ? [server] : [])];
    // The browser gives an animation's first frame alone.
    for (const way of moves ? ways.reverse() : ways) {
      const picture = await way().catch(unlessCancelled);
      if (!picture) continue;
      tell(loading, picture, format);
      if (way === native && moves) document.notice = "This browser’s own decoder shows the first frame of an animation alone.";
      return;
    }
    if (!format || place === "server") throw error;
    try {
      // Whoever did not read it may have missed its end.
      await this.rest.partial(loading, format.media_type, new CodecError({ ...error.fields, code: "truncated" }));
    } catch {
      throw error;
    }
    if (document.picture) tell(loading, document.picture, format);
  }

  /** Has the service turn a file into one that the module reads, and shows that. */
  private async converted(loading: Loading): Promise<Picture> {
    const { document, signal, place } = loading;
    const { file } = document;
    const { image } = await this.caller.call({
      fn: "transcode", label: `Reading ${file.name}`, place: "server", signal,
      run: (settings) => this.caller.codec.transcode(file, { to: "jxl", lossless: true, effort: 1 }, settings),
    });
    const readable = new File([image], file.name);
    const how = this.looker.looking(await this.loader.inspect(loading, readable));
    document.notice = how.tooMany === undefined ? undefined : tooMany(how.tooMany);
    return this.looker.look(readable, how, signal, place);
  }
}

function tell({ document }: Loading, picture: Picture, format: Format | undefined): void {
  const { width, height, frames } = picture;
  document.picture = picture;
  document.plain = { title: format?.title ?? "known to this browser alone", width, height, frames: frames.length };
}

/** Another way is tried, but not after the user has stopped this one. */
function unlessCancelled(thrown: unknown): undefined {
  const error = asCodecError(thrown);
  if (error.code === "cancelled") throw error;
}

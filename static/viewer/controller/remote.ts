import type { InspectResult } from "../../client/index";
import { Arriving } from "./arriving";
import { asCodecError, type Caller } from "./caller";
import type { Loader } from "./loader";
import { GROWING, type Loading } from "./loading";

/** Milliseconds between two looks at how far a download is. */
const TICK = 200;

/** Gets files from the page's own server, and shows them while they arrive. */
export class Remote {
  constructor(
    private readonly caller: Caller,
    private readonly loader: Pick<Loader, "inspect" | "stream">,
  ) {}

  /**
   * Has a file sent. The document then has the file, and a picture where that was shown on the way.
   *
   * @throws CodecError where the file does not come, and nothing of it can be shown.
   */
  async fetch(loading: Loading, address: URL): Promise<void> {
    const { document } = loading;
    const { name } = document.file;
    try {
      await this.caller.task({ fn: "download", label: `Fetching ${name}`, place: "server", signal: loading.signal }, async (signal) => {
        const arriving = await Arriving.from(address, signal, ticking(loading));
        if (loading.place === "auto" || loading.place === "local") await this.show({ ...loading, signal }, arriving, name);
        while (await arriving.more(signal)) continue;
        document.file = arriving.file(name);
      });
      // The facts of the beginning are not those of the whole.
      if (document.picture && document.facts) document.facts = await this.loader.inspect(loading, document.file);
    } catch (thrown) {
      // What there is of it is shown.
      if (!document.flaw) throw thrown;
    } finally {
      document.progress = undefined;
    }
  }

  /** Shows as much of a file as there is, time and again, if it is of the format that can be shown so. */
  private async show(loading: Loading, arriving: Arriving, name: string): Promise<void> {
    const { document, changed } = loading;
    const facts = await this.head(loading, arriving, name);
    if (facts?.format !== GROWING) return;
    document.facts = facts;
    changed();
    try {
      await this.loader.stream(loading, (signal) => arriving.pieces(signal), { options: {}, isPicture: true, tooMany: undefined });
    } catch {
      // Nothing was to be seen on the way: the file is opened like any other once it is here.
      document.facts = undefined;
    }
  }

  /** The facts that a file's first bytes tell, as soon as there are enough of them; nothing of files that are not known. */
  private async head({ place, signal }: Loading, arriving: Arriving, name: string): Promise<InspectResult | undefined> {
    for (let enough = 1; await arriving.more(signal); ) {
      if (arriving.loaded < enough) continue;
      try {
        return await this.caller.codec.inspect(arriving.file(name), { prefix: true }, { place, signal });
      } catch (thrown) {
        const error = asCodecError(thrown);
        if (error.code === "cancelled") throw error;
        if (error.code !== "truncated") return undefined;
        enough = 2 * arriving.loaded;
      }
    }
    return undefined;
  }
}

/** Tells of progress, not too often. */
function ticking({ document, changed }: Loading): (arriving: Arriving) => void {
  let next = 0;
  return ({ loaded, total }) => {
    document.progress = { loaded, total };
    if (performance.now() < next) return;
    next = performance.now() + TICK;
    changed();
  };
}

import type { Document } from "../model/documents";
import { bytes } from "../model/format";
import type { ChannelHistogram } from "../model/histogram";
import type { HistogramReply, HistogramRequest } from "../histogram.worker";
import { byId } from "../view/dom";
import { renderHistograms, tellHistogram } from "../view/histogram";
import { announce } from "../view/status";
import { Asked } from "./asked";
import { asCodecError } from "./caller";
import type { Player } from "./player";
import { bytesPerPixel, isSmall, type Sampler } from "./sampler";

/** Pictures whose samples take more bytes than this have no histogram. */
const LIMIT = 768 * 2 ** 20;

type Counted = Extract<HistogramReply, { channels: ChannelHistogram[] }>;

/** The histogram of the frame that is seen, counted in a worker. Idle while its panel is closed. */
export class Histogram {
  private readonly panel = byId("histogram", HTMLDetailsElement);
  private readonly log = byId("histogram-log", HTMLInputElement);
  private readonly worker = new Asked<Omit<HistogramRequest, "id">, Counted & { error?: string }>(
    () => new Worker(new URL("../histogram.worker.ts", import.meta.url), { type: "module", name: "histogram" }),
  );
  private channels: ChannelHistogram[] = [];
  /** What is shown, or counted just now. */
  private of = "";

  constructor(
    private readonly sampler: Sampler,
    private readonly player: Player,
    private readonly current: () => Document | undefined,
  ) {
    this.panel.addEventListener("toggle", () => void this.refresh());
    this.log.addEventListener("change", () => renderHistograms(this.channels, this.log.checked));
  }

  /** Counts again where another frame is seen. */
  async refresh(): Promise<void> {
    const document = this.current();
    // Of what could not be decoded, or not by the module, there is nothing to count.
    this.panel.hidden = document?.state === "failed" || (document?.state === "ready" && !document.facts);
    if (!this.panel.open || !document?.facts || !document.picture || this.player.value.playing) return;
    const { frame } = this.player.value;
    const of = `${document.id} ${frame}`;
    if (of === this.of) return;
    this.of = of;
    this.show([], "Counting…");
    try {
      const channels = await this.count(document, document.facts, frame);
      if (this.of !== of) return;
      this.show(channels, channels.length > 0 ? "Values as the file has them, in its own depth and colours." : "");
      announce(`Histogram of ${document.file.name}`);
    } catch (thrown) {
      if (this.of !== of) return;
      this.of = "";
      this.show([], asCodecError(thrown).message);
    }
  }

  private async count(document: Document, facts: NonNullable<Document["facts"]>, frame: number): Promise<ChannelHistogram[]> {
    const needed = facts.width * facts.height * bytesPerPixel(facts);
    if (needed > LIMIT) throw new Error(`There is no histogram of so large a picture: its samples take ${bytes(needed)}.`);
    const block = await this.sampler.whole(document, facts, frame);
    const own = isSmall(facts) ? [] : [block.samples, ...block.extra].map(({ buffer }) => buffer);
    const { channels } = await this.worker.ask({ block }, own);
    return channels;
  }

  private show(channels: ChannelHistogram[], note: string): void {
    this.channels = channels;
    renderHistograms(channels, this.log.checked);
    tellHistogram(note);
  }
}

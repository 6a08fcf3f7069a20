import type { InspectResult } from "../../client/index";
import { type Block, blockOf } from "../model/block";
import { Blocks, type Region, regionAt, WHOLE_BUDGET } from "../model/blocks";
import type { Document } from "../model/documents";
import type { Point } from "../model/viewport";
import type { Caller } from "./caller";

/** Reads the values that a file itself has, in its own depth and colours. */
export class Sampler {
  private readonly blocks = new Blocks();
  private readonly reading = new Map<string, Promise<Block>>();
  private abort = new AbortController();
  private of: Document | undefined;

  constructor(private readonly caller: Caller) {}

  /** What has been read already that has a point of a frame. */
  known(document: Document, frame: number, point: Point): Block | undefined {
    return document === this.of && document.facts ? this.blocks.get(keyOf(document.facts, frame, point)) : undefined;
  }

  /**
   * The block of the file that has a point of a frame, read where it has not been.
   *
   * @throws CodecError whatever the call fails with; `cancelled` after another document, or another part of a large one, was asked for.
   */
  async read(document: Document, facts: InspectResult, frame: number, point: Point): Promise<Block> {
    if (document !== this.of) this.forget(document);
    const key = keyOf(facts, frame, point);
    const known = this.blocks.get(key) ?? this.reading.get(key);
    if (known) return known;
    // Each part costs going through the whole file: only the one that was asked for last is worth it.
    if (!isSmall(facts)) this.stop();
    const { abort } = this;
    const reading = this.fetch(document, facts, frame, regionAt(point, facts, bytesPerPixel(facts)));
    this.reading.set(key, reading);
    try {
      const block = await reading;
      if (document === this.of) this.blocks.add(key, block);
      return block;
    } finally {
      if (abort === this.abort) this.reading.delete(key);
    }
  }

  /**
   * All of a frame. It is kept where it is small, and else the caller's own.
   *
   * @throws CodecError as `read`.
   */
  whole(document: Document, facts: InspectResult, frame: number): Promise<Block> {
    const { width, height } = facts;
    if (isSmall(facts)) return this.read(document, facts, frame, { x: 0, y: 0 });
    return this.fetch(document, facts, frame, [0, 0, width, height]);
  }

  /** Forgets what was read, and stops what is being read; what comes next is of a document. */
  forget(document?: Document): void {
    this.stop();
    this.blocks.clear();
    this.of = document;
  }

  private stop(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.reading.clear();
  }

  private async fetch({ file }: Document, facts: InspectResult, frame: number, region: Region): Promise<Block> {
    const isWhole = region[2] === facts.width && region[3] === facts.height;
    const decoded = await this.caller.call({
      fn: "decode",
      label: `Reading values of ${file.name}`,
      signal: this.abort.signal,
      run: (settings) =>
        this.caller.codec.decode(
          file,
          { range: "file", spot: "keep", extra: ["*"], start: frame, count: 1, ...(isWhole ? {} : { region }) },
          settings,
        ),
    });
    const alpha = facts.extra_channels.find(({ type }) => type === "alpha");
    const bits = Number(alpha?.bits_per_sample);
    return blockOf(decoded, { x: region[0], y: region[1] }, bits > 0 ? bits : undefined);
  }
}

function keyOf(facts: InspectResult, frame: number, point: Point): string {
  return `${frame} ${regionAt(point, facts, bytesPerPixel(facts)).join(" ")}`;
}

/** Whether a frame is read as a whole, and kept. */
export function isSmall(facts: InspectResult): boolean {
  return facts.width * facts.height * bytesPerPixel(facts) <= WHOLE_BUDGET;
}

/** Bytes of a pixel with all its channels. */
export function bytesPerPixel({ bits_per_sample: bits, exponent_bits: exponent, colour_channels: colours, extra_channels: extra }: InspectResult): number {
  const each = exponent > 0 || bits > 16 ? 4 : bits > 8 ? 2 : 1;
  return each * (colours + extra.length);
}

import type { InspectResult } from "../../client/index";
import type { MetadataQuestion, MetadataReply } from "../metadata.worker";
import type { Document } from "../model/documents";
import { type Field, json } from "../model/fields";
import { iccFields } from "../model/icc";
import { type Contents, sections } from "../model/metadata";
import { button, byId } from "../view/dom";
import { offerText, renderMetadata, tellMetadata } from "../view/metadata";
import { announce } from "../view/status";
import { Asked } from "./asked";
import { asCodecError, type Caller } from "./caller";

/** Larger metadata are not taken apart. */
const LIMIT = 4 * 2 ** 20;

/** All that a file says of itself. Metadata are read when the panel is opened. */
export class Metadata {
  private readonly panel = byId("metadata", HTMLDetailsElement);
  private readonly worker = new Asked<MetadataQuestion, MetadataReply>(
    () => new Worker(new URL("../metadata.worker.ts", import.meta.url), { type: "module", name: "metadata" }),
  );
  private of: Document | undefined;
  private contents: Promise<Contents> | undefined;
  private abort = new AbortController();

  constructor(
    private readonly caller: Caller,
    private readonly current: () => Document | undefined,
  ) {
    this.panel.addEventListener("toggle", () => void this.fill());
    button("metadata-copy").addEventListener("click", () => void this.copy());
  }

  /** Takes the document that is looked at. */
  refresh(): void {
    const document = this.current();
    this.panel.hidden = document?.facts === undefined;
    if (document === this.of && this.contents) return;
    if (document !== this.of) {
      this.abort.abort();
      this.abort = new AbortController();
      this.contents = undefined;
      offerText(undefined);
      tellMetadata("");
    }
    this.of = document;
    void this.fill();
  }

  private async fill(): Promise<void> {
    const { of } = this;
    if (!this.panel.open || !of?.facts) return;
    if (!this.contents) renderMetadata(sections(of.facts, undefined));
    const contents = await this.read(of, of.facts);
    if (of !== this.of) return;
    renderMetadata(sections(of.facts, contents));
    tellMetadata(contents.note);
  }

  private read(document: Document, facts: InspectResult): Promise<Contents> {
    this.contents ??= this.load(document, facts);
    return this.contents;
  }

  private async load({ file }: Document, facts: InspectResult): Promise<Contents> {
    const nothing = { exif: undefined, xmp: undefined, icc: undefined };
    const { exif, xmp } = facts.metadata;
    const hasProfile = Number(facts.colour.icc_bytes) > 0;
    if (!exif && !xmp && !hasProfile) return { ...nothing, note: "" };
    const abort = this.abort;
    try {
      const found = await this.caller.call({
        fn: "inspect",
        label: `Reading metadata of ${file.name}`,
        signal: abort.signal,
        run: (settings) => this.caller.codec.inspect(file, { contents: true }, settings),
      });
      const { exif: block, xmp: packet, icc } = found;
      const text = packet && new TextDecoder().decode(packet).replace(/\0+$/, "");
      return {
        exif: block && (await this.apart("Exif", block.length, { exif: block })),
        xmp: packet && text !== undefined ? [...(await this.apart("XMP", packet.length, { xmp: text })), { name: "Packet", value: text }] : undefined,
        icc: icc && iccFields(icc),
        note: "",
      };
    } catch (thrown) {
      // It is read again when it is asked for again.
      if (abort === this.abort) this.contents = undefined;
      return { ...nothing, note: `Exif, XMP and ICC profile cannot be read: ${asCodecError(thrown).message}.` };
    }
  }

  private async apart(name: string, bytes: number, question: MetadataQuestion): Promise<Field[]> {
    if (bytes > LIMIT) return [{ name, value: `${bytes} bytes, too many to be read here` }];
    try {
      return (await this.worker.ask(question)).fields;
    } catch (thrown) {
      return [{ name, value: `${bytes} bytes that cannot be read: ${asCodecError(thrown).message}` }];
    }
  }

  /** Puts the whole answer of inspect into the clipboard, with what was taken apart. */
  private async copy(): Promise<void> {
    const { of } = this;
    if (!of?.facts) return;
    const { exif, xmp, icc } = await this.read(of, of.facts);
    const answer = without(of.facts, ["provenance", "exif", "xmp", "icc", "jumbf", "gain_map"]);
    const text = json({ file: of.file.name, ...answer, contents: { exif: record(exif), xmp: record(xmp), icc: record(icc) } });
    try {
      await navigator.clipboard.writeText(text);
      offerText(undefined);
      this.tell("Copied as JSON.");
    } catch {
      // Without a secure connection, or where the user forbids it.
      offerText(text);
      this.tell("The browser does not let the page copy. Copy it from here:");
    }
  }

  private tell(text: string): void {
    tellMetadata(text);
    announce(text);
  }
}

/** Lines as one record; names that come again have a list of values. */
function record(fields: readonly Field[] | undefined): Record<string, string | string[]> | undefined {
  if (!fields) return undefined;
  const all = new Map<string, string[]>();
  for (const { name, value } of fields) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries([...all].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]));
}

function without(record: InspectResult, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

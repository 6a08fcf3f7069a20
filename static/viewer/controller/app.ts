import type { Codec, FunctionDescription } from "../../client/index";
import { Calls } from "../model/calls";
import { type Document, Documents, seen } from "../model/documents";
import { facts } from "../model/facts";
import { bytes, milliseconds, percent } from "../model/format";
import { isChoice } from "../model/places";
import type { Reach } from "../model/reach";
import type { Settings } from "../model/settings";
import { turnName } from "../model/turning";
import { clearComparison, renderComparison, renderComparisonError } from "../view/both";
import { renderCalls } from "../view/calls";
import { button, byId, element } from "../view/dom";
import { renderFacts } from "../view/facts";
import { renderFailure } from "../view/failure";
import { FilesView } from "../view/files";
import { SaveView, type SaveChoice } from "../view/save";
import { Stage } from "../view/stage";
import { announce, renderAway, renderBusy, renderSwitch } from "../view/status";
import { asCodecError, Caller } from "./caller";
import { Comparer } from "./comparer";
import { bindKeys } from "./keys";
import { Looker } from "./looker";
import { Opener } from "./opener";
import { Painter } from "./painter";
import { Player } from "./player";
import { followPointers } from "./pointer";
import { watchReach } from "./reach";
import { Saver } from "./saver";
import { Viewing } from "./viewing";
import { Where } from "./where";

/** The viewer, once it is connected. */
export class App {
  private readonly documents = new Documents();
  private readonly calls = new Calls();
  private readonly player = new Player();
  private readonly stage = new Stage(byId("canvas", HTMLCanvasElement));
  private readonly opener: Opener;
  private readonly saver: Saver;
  private readonly comparer: Comparer;
  private readonly save: SaveView;
  private readonly reach: Reach;
  private readonly viewing: Viewing;
  /** What was last said of the document that is shown, so that it is said once. */
  private said = "";

  constructor(
    private readonly codec: Codec,
    private readonly settings: Settings,
    private readonly pick: () => void,
  ) {
    const caller = new Caller(codec, this.calls, settings);
    const painter = new Painter();
    const looker = new Looker(caller, painter);
    this.opener = new Opener(this.documents, caller, looker);
    this.saver = new Saver(caller);
    this.reach = watchReach(codec, this.documents);
    this.comparer = new Comparer(caller);
    this.save = new SaveView((choice) => void this.saveAs(choice));
    this.save.setFunction(this.described("transcode"));
    new Where({ caller, looker, saver: this.saver, documents: this.documents, settings, choice: () => this.save.draft });
    const { stage, player } = this;
    this.viewing = new Viewing({ caller, looker, painter, stage, player, settings, current: () => this.documents.value.current });
    this.describeModule();
    this.watchModel();
    this.bindControls();
    this.bindView();
  }

  open(files: readonly File[]): void {
    if (files.length > 0) void this.opener.open(files);
  }

  private described(name: string): FunctionDescription {
    const found = this.codec.connection.interface.functions.find((each) => each.name === name);
    if (!found) throw new Error(`the module has no function ${name}`);
    return found;
  }

  private describeModule(): void {
    const { interface: description, module } = this.codec.connection;
    const readable = description.formats.filter((format) => format.read).map((format) => format.title);
    element("formats").textContent = readable.join(", ");
    element("about").textContent = `${description.title}, module ${module.sha256.slice(0, 16)}…, ${bytes(module.bytes)}`;
  }

  private watchModel(): void {
    const files = new FilesView({ show: (each) => void this.opener.show(each), close: (each) => this.close(each) });
    this.documents.watch((opened) => {
      files.render(opened);
      this.renderDocument(opened.current);
    });
    this.stage.viewport.watch(({ scale }) => {
      byId("zoom", HTMLOutputElement).value = percent(scale);
      this.labelCanvas();
    });
    this.calls.watch((records) => {
      renderCalls(records);
      renderBusy(this.calls.active);
    });
    this.settings.place.watch((place) => {
      renderSwitch(place);
      renderAway(this.reach.value, place);
      this.save.setFormats(this.saver.formats(place), "png");
    });
    this.reach.watch((isReachable) => this.renderReach(isReachable));
  }

  private renderReach(isReachable: boolean): void {
    const wasHidden = element("away").hidden;
    renderAway(isReachable, this.settings.place.value);
    if (wasHidden !== isReachable) announce(isReachable ? "The server is back" : element("away-text").textContent);
  }

  private renderDocument(document: Document | undefined): void {
    element("empty").hidden = document !== undefined;
    element("work").hidden = document === undefined;
    this.player.load(seen(document));
    this.stage.show(seen(document), this.player.value.frame);
    this.viewing.refresh();
    this.labelCanvas();
    if (!document) return;
    const { connection } = this.codec;
    const { facts: found, file, error } = document;
    const formatTitle = connection.interface.formats.find((each) => each.name === found?.format)?.title ?? found?.format ?? "";
    renderFacts(file.name, found ? facts(file, found, formatTitle) : [], this.described("inspect").result);
    renderFailure(file.name, error, this.settings.place.value, connection.interface.formats);
    this.save.setExact(found?.jpeg_reconstruction === true && found.format !== "jpeg");
    element("notice").hidden = document.notice === undefined;
    element("notice").textContent = document.notice ?? "";
    this.sayState(document);
  }

  private sayState(document: Document): void {
    const { file, facts: found, state, error } = document;
    const said = `${document.id} ${state}`;
    if (said === this.said) return;
    this.said = said;
    this.save.tell("");
    clearComparison();
    if (state === "opening") announce(`Opening ${file.name}`);
    if (state === "ready" && found) announce(`${file.name} is shown, ${found.width} by ${found.height} pixels`);
    if (error) announce(`${file.name}: ${error.message}`, true);
  }

  private labelCanvas(): void {
    const { current } = this.documents.value;
    const { canvas, source, viewport, turn } = this.stage;
    const turned = turnName(turn.value);
    const label = current?.picture
      ? `${current.file.name}, ${source.width} by ${source.height} pixels, at ${percent(viewport.value.scale)}${turned === "" ? "" : `, ${turned}`}`
      : "No picture";
    canvas.setAttribute("aria-label", label);
    canvas.setAttribute("aria-busy", String(current?.state === "opening"));
  }

  private bindControls(): void {
    const clicks: [string, () => void][] = [
      ["zoom-in", () => this.stage.step(1)],
      ["zoom-out", () => this.stage.step(-1)],
      ["zoom-fit", () => this.stage.fit()],
      ["zoom-one", () => this.stage.zoom(1)],
      ["play", () => this.player.toggle()],
      ["busy-cancel", () => this.cancel()],
      ["both-button", () => void this.compare()],
      ["help-open", () => this.help()],
      ["help-close", () => byId("help", HTMLDialogElement).close()],
      ["failure-retry", () => this.withCurrent((document) => void this.opener.retry(document))],
      ["failure-close", () => this.withCurrent((document) => this.close(document))],
    ];
    for (const [id, act] of clicks) button(id).addEventListener("click", act);
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=place]")) {
      radio.addEventListener("change", () => {
        if (isChoice(radio.value)) this.settings.choosePlace(radio.value);
      });
    }
    const shortcuts = byId("shortcuts", HTMLInputElement);
    shortcuts.addEventListener("change", () => this.settings.shortcuts.set(shortcuts.checked));
  }

  private bindView(): void {
    followPointers(this.stage);
    bindKeys(this.stage.canvas, () => this.settings.shortcuts.value, {
      zoomIn: () => this.stage.step(1),
      zoomOut: () => this.stage.step(-1),
      fit: () => this.stage.fit(),
      one: () => this.stage.zoom(1),
      pan: (dx, dy) => this.stage.pan(dx * devicePixelRatio, dy * devicePixelRatio),
      play: () => this.player.toggle(),
      frame: (by) => this.player.step(by),
      file: (by) => this.neighbour(by),
      open: this.pick,
      save: () => this.withCurrent(() => this.save.focus()),
      cancel: () => this.cancel(),
      help: () => this.help(),
    });
  }

  private withCurrent(act: (document: Document) => void): void {
    const { current } = this.documents.value;
    if (current) act(current);
  }

  private neighbour(by: 1 | -1): void {
    const { list, current } = this.documents.value;
    const next = current && list[(list.indexOf(current) + by + list.length) % list.length];
    if (next) void this.opener.show(next);
  }

  private close(document: Document): void {
    this.opener.close(document);
    // The button that had the focus is gone.
    if (this.documents.value.current) this.stage.canvas.focus();
    else button("empty-open").focus();
  }

  private cancel(): boolean {
    const { active } = this.calls;
    for (const record of active) record.cancel();
    if (active.length > 0) announce("Cancelled");
    return active.length > 0;
  }

  private help(): void {
    byId("help", HTMLDialogElement).showModal();
  }

  private async saveAs(choice: SaveChoice | "exact"): Promise<void> {
    const { current } = this.documents.value;
    if (!current) return;
    const format = choice === "exact" ? this.formatNamed("jpeg") : choice.format;
    if (!format) return;
    this.save.tell(`Saving as ${format.title}…`);
    try {
      const saved = await this.saver.save(current, format, choice === "exact" ? { jpeg: "exact" } : choice.options);
      const exact = saved.exact ? ", JPEG data carried over exactly" : "";
      const text = `${saved.name}: ${bytes(saved.bytes)} in ${milliseconds(saved.milliseconds)}${exact}`;
      this.save.tell(text);
      announce(`Saved ${text}`);
    } catch (thrown) {
      const error = asCodecError(thrown);
      const text = `${current.file.name} was not saved as ${format.title}: ${error.message} (${error.code})`;
      this.save.tell(text, true);
      announce(text, true);
      if (error.option !== undefined) this.save.pointOut(error.option);
    }
  }

  private formatNamed(name: string): SaveChoice["format"] | undefined {
    return this.saver.formats("local").find((each) => each.name === name);
  }

  private async compare(): Promise<void> {
    const { current } = this.documents.value;
    const isSave = byId("both-subject", HTMLSelectElement).value === "save";
    const subject = isSave ? this.save.choice : "decode";
    if (!current || !subject) return;
    clearComparison();
    try {
      const comparison = await this.comparer.compare(current, subject);
      renderComparison(comparison);
      announce(comparison.same ? "Both sides gave the same bytes" : "The two sides gave different bytes");
    } catch (thrown) {
      const error = asCodecError(thrown);
      renderComparisonError(`${error.message} (${error.code})`);
      announce(error.message, true);
    }
  }
}

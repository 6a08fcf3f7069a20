import type { Codec, FunctionDescription } from "../../client/index";
import { Calls } from "../model/calls";
import { type Document, Documents } from "../model/documents";
import { facts } from "../model/facts";
import { bytes, percent } from "../model/format";
import { isChoice } from "../model/places";
import type { Reach } from "../model/reach";
import type { Settings } from "../model/settings";
import { clearComparison, renderComparison, renderComparisonError } from "../view/both";
import { renderCalls } from "../view/calls";
import { button, byId, element } from "../view/dom";
import { renderFacts } from "../view/facts";
import { renderFailure } from "../view/failure";
import { FilesView } from "../view/files";
import { Stage } from "../view/stage";
import { announce, renderAway, renderBusy, renderSwitch } from "../view/status";
import { asCodecError, Caller } from "./caller";
import { Comparer } from "./comparer";
import { Convert } from "./convert";
import { bindKeys } from "./keys";
import { Looker } from "./looker";
import { Opener } from "./opener";
import { Painter } from "./painter";
import { Player } from "./player";
import { followPointers } from "./pointer";
import { watchReach } from "./reach";
import { Where } from "./where";

/** The viewer, once it is connected. */
export class App {
  private readonly documents = new Documents();
  private readonly calls = new Calls();
  private readonly player = new Player();
  private readonly stage = new Stage(byId("canvas", HTMLCanvasElement));
  private readonly opener: Opener;
  private readonly comparer: Comparer;
  private readonly convert: Convert;
  private readonly reach: Reach;
  /** What was last said of the document that is shown, so that it is said once. */
  private said = "";

  constructor(
    private readonly codec: Codec,
    private readonly settings: Settings,
    private readonly pick: () => void,
  ) {
    const caller = new Caller(codec, this.calls, settings);
    const looker = new Looker(caller, new Painter());
    this.opener = new Opener(this.documents, caller, looker);
    this.reach = watchReach(codec, this.documents);
    this.comparer = new Comparer(caller);
    const { documents, stage, player } = this;
    this.convert = new Convert({ caller, documents, settings, stage, player });
    new Where({ caller, looker, saver: this.convert.saver, documents, settings, choice: () => this.convert.draft });
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
    this.player.watch(({ frame }) => {
      this.stage.show(this.documents.value.current?.picture, frame);
      this.renderPlayback();
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
    this.player.load(document?.picture);
    this.stage.show(document?.picture, this.player.value.frame);
    this.renderPlayback();
    this.labelCanvas();
    if (!document) return;
    const { connection } = this.codec;
    const { facts: found, file, error } = document;
    const formatTitle = connection.interface.formats.find((each) => each.name === found?.format)?.title ?? found?.format ?? "";
    renderFacts(file.name, found ? facts(file, found, formatTitle) : [], this.described("inspect").result);
    renderFailure(file.name, error, this.settings.place.value, connection.interface.formats);
    element("notice").hidden = document.notice === undefined;
    element("notice").textContent = document.notice ?? "";
    this.sayState(document);
  }

  private sayState(document: Document): void {
    const { file, facts: found, state, error } = document;
    const said = `${document.id} ${state}`;
    if (said === this.said) return;
    this.said = said;
    clearComparison();
    if (state === "opening") announce(`Opening ${file.name}`);
    if (state === "ready" && found) announce(`${file.name} is shown, ${found.width} by ${found.height} pixels`);
    if (error) announce(`${file.name}: ${error.message}`, true);
  }

  private labelCanvas(): void {
    const { current } = this.documents.value;
    const { canvas, image, viewport } = this.stage;
    const label = current?.picture
      ? `${current.file.name}, ${image.width} by ${image.height} pixels, at ${percent(viewport.value.scale)}`
      : "No picture";
    canvas.setAttribute("aria-label", label);
    canvas.setAttribute("aria-busy", String(current?.state === "opening"));
  }

  private renderPlayback(): void {
    const { frame, playing } = this.player.value;
    const count = this.documents.value.current?.picture?.frames.length ?? 0;
    const play = button("play");
    play.hidden = element("frame").hidden = !this.player.animated;
    play.textContent = playing ? "Pause" : "Play";
    element("frame").textContent = `${frame + 1} / ${count}`;
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
      save: () => this.withCurrent(() => this.convert.focus()),
      compare: () => this.withCurrent(() => this.convert.nextView()),
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
    const isStopped = this.convert.cancel() || active.length > 0;
    if (isStopped) announce("Cancelled");
    return isStopped;
  }

  private help(): void {
    byId("help", HTMLDialogElement).showModal();
  }

  private async compare(): Promise<void> {
    const { current } = this.documents.value;
    const isSave = byId("both-subject", HTMLSelectElement).value === "save";
    const subject = isSave ? this.convert.choice : "decode";
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

import type { Codec, Format, PlaceChoice } from "../../client/index";
import { Calls } from "../model/calls";
import { wanting } from "../model/accepted";
import { asked } from "../model/address";
import { described } from "../model/described";
import { type Document, Documents, seen } from "../model/documents";
import { facts } from "../model/facts";
import { plainFacts } from "../model/plain";
import { bytes, percent } from "../model/format";
import { isChoice } from "../model/places";
import type { Reach } from "../model/reach";
import type { Settings } from "../model/settings";
import { turnName } from "../model/turning";
import { clearComparison, renderComparison, renderComparisonError } from "../view/both";
import { renderCalls } from "../view/calls";
import { button, byId, element } from "../view/dom";
import { renderFacts } from "../view/facts";
import { renderFailure } from "../view/failure";
import { noticeText, renderNotice } from "../view/notice";
import { Stage } from "../view/stage";
import { announce, renderAway, renderBusy, renderSwitch } from "../view/status";
import { unfold } from "../view/unfold";
import { Bitmaps } from "./bitmaps";
import { asCodecError, Caller } from "./caller";
import { Comparer } from "./comparer";
import { Convert } from "./convert";
import { Files } from "./files";
import type { Intake } from "./intake";
import { bindKeys } from "./keys";
import { Loader } from "./loader";
import { Looker } from "./looker";
import { Opener } from "./opener";
import { Painter } from "./painter";
import { Pages } from "./pages";
import { Player } from "./player";
import { followPointers } from "./pointer";
import { watchReach } from "./reach";
import { Viewing } from "./viewing";
import { Where } from "./where";

/** The viewer, once it is connected. */
export class App {
  readonly documents = new Documents();
  readonly calls = new Calls();
  private readonly player = new Player();
  private readonly stage = new Stage(byId("canvas", HTMLCanvasElement));
  /** Whether a file is a picture that can be read, by its name or type. */
  readonly isPicture: (file: File) => boolean;
  private readonly opener: Opener;
  private readonly files: Files;
  private readonly comparer: Comparer;
  private readonly convert: Convert;
  readonly reach: Reach;
  private readonly viewing: Viewing;
  private readonly pages: Pages;
  /** What was last said of the document that is shown, so that it is said once. */
  private said = "";
  /** Where the document that failed may be tried instead. */
  private otherPlace: PlaceChoice | undefined;

  constructor(
    private readonly codec: Codec,
    private readonly settings: Settings,
    private readonly pick: () => void,
  ) {
    const caller = new Caller(codec, this.calls, settings);
    const painter = new Painter();
    const looker = new Looker(caller, painter);
    const bitmaps = new Bitmaps();
    const { documents, stage, player } = this;
    this.isPicture = wanting(this.formats);
    const loader = new Loader({ caller, looker, painter, bitmaps, changed: () => documents.changed() });
    this.opener = new Opener(documents, loader, this.isPicture, (text) => this.tellTaken(text));
    this.reach = watchReach(codec, documents);
    this.comparer = new Comparer(caller);
    this.convert = new Convert({ caller, documents, settings, stage, player });
    new Where({ caller, looker, saver: this.convert.saver, documents, settings, choice: () => this.convert.draft });
    this.files = new Files({ codec, bitmaps, documents, settings, opener: this.opener, lost: () => this.focusPicture() });
    this.viewing = new Viewing({ caller, looker, painter, stage, player, settings, current: () => documents.value.current });
    this.pages = new Pages(settings, async () => {
      const { LibraryPage } = await import("./library");
      const quiet = new Caller(codec, new Calls(), settings);
      const open = (files: readonly File[]): void => void this.opener.open({ files, folders: [], isFolder: false });
      return new LibraryPage({ caller, quiet, bitmaps, settings, isPicture: this.isPicture, open });
    });
    this.describeModule();
    this.watchModel();
    this.bindControls();
    this.bindView();
  }

  open(intake: Intake): void {
    element("taken").hidden = true;
    if (this.pages.isLibrary) void this.pages.keep(intake);
    else if (intake.files.length > 0 || intake.folders.length > 0) void this.opener.open(intake);
  }

  /** Opens what the page's address asks for. */
  openAsked(): void {
    void this.opener.openAsked(asked(new URL(location.href)));
  }

  /** All that can be read here or by the service. */
  private get formats(): readonly Format[] {
    const { interface: description, service } = this.codec.connection;
    return [...description.formats, ...service.formats];
  }

  private describeModule(): void {
    const { interface: description, module } = this.codec.connection;
    element("formats").textContent = this.formats.filter((format) => format.read).map((format) => format.title).join(", ");
    element("about").textContent = `${description.title}, module ${module.sha256.slice(0, 16)}…, ${bytes(module.bytes)}`;
  }

  private watchModel(): void {
    this.documents.watch(({ current }) => this.renderDocument(current));
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
    this.showWork(document !== undefined);
    this.player.load(seen(document));
    this.stage.show(seen(document), this.player.value.frame);
    this.viewing.refresh();
    this.labelCanvas();
    if (!document) return;
    const { connection } = this.codec;
    const { facts: found, file } = document;
    const formatTitle = connection.interface.formats.find((each) => each.name === found?.format)?.title ?? found?.format ?? "";
    renderFacts(file.name, found ? facts(file, found, formatTitle) : plainFacts(document), described(connection.interface, "inspect").result);
    this.otherPlace = renderFailure({ document, place: this.settings.place.value, formats: connection.interface.formats, foreign: connection.service.formats });
    renderNotice(document);
    this.sayState(document);
  }

  private showWork(isShown: boolean): void {
    const work = element("work");
    element("empty").hidden = isShown;
    if (isShown && work.hidden) void unfold([...element("panel").children, element("calls-section")]);
    work.hidden = !isShown;
  }

  private sayState(document: Document): void {
    const { file, facts: found, state, error } = document;
    const said = `${document.id} ${state}`;
    if (said === this.said) return;
    this.said = said;
    clearComparison();
    if (state === "opening") announce(`Opening ${file.name}`);
    const size = found ?? document.plain;
    if (state === "ready" && size) announce([`${file.name} is shown, ${size.width} by ${size.height} pixels`, noticeText(document)].filter((part) => part !== "").join(". "));
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
      ["failure-place", () => this.withCurrent((document) => void this.opener.retry(document, this.otherPlace))],
      ["failure-close", () => this.withCurrent((document) => this.files.close(document))],
      ["notice-retry", () => this.withCurrent((document) => void this.opener.retry(document))],
      ["notice-close", () => this.withCurrent((document) => this.files.close(document))],
      ["shelf-add", this.pick],
      ["keep", () => this.withCurrent((document) => void this.keep(document))],
      ["taken-close", () => (element("taken").hidden = true)],
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
    bindKeys(this.stage.canvas, () => this.settings.hasKeys, {
      zoomIn: () => this.stage.step(1),
      zoomOut: () => this.stage.step(-1),
      fit: () => this.stage.fit(),
      one: () => this.stage.zoom(1),
      pan: (dx, dy) => this.stage.pan(dx * devicePixelRatio, dy * devicePixelRatio),
      play: () => this.player.toggle(),
      frame: (by) => this.player.step(by),
      file: (by) => this.files.neighbour(by),
      open: this.pick,
      save: () => this.withCurrent(() => this.convert.focus()),
      keep: () => this.withCurrent((document) => void this.keep(document)),
      compare: () => this.withCurrent(() => this.convert.nextView()),
      cancel: () => this.cancel(),
      help: () => this.help(),
    });
  }

  private withCurrent(act: (document: Document) => void): void {
    const { current } = this.documents.value;
    if (current) act(current);
  }

  private async keep({ file }: Document): Promise<void> {
    this.tellTaken(`${file.name}: ${await this.pages.keep({ files: [file], folders: [] })}`);
  }

  /** The button that had the focus is gone. */
  private focusPicture(): void {
    if (this.documents.value.current) this.stage.canvas.focus();
    else button("empty-open").focus();
  }

  /** Says what became of files that were to be opened. */
  tellTaken(text: string): void {
    element("taken").hidden = false;
    element("taken-text").textContent = text;
    announce(text);
  }

  private cancel(): boolean {
    const { active } = this.calls;
    this.opener.stopWalking();
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

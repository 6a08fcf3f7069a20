import type { Format } from "../../client/index";
import { batchText } from "../model/batch";
import { Calls } from "../model/calls";
import { Choice, type SaveChoice } from "../model/choice";
import { described } from "../model/described";
import type { Document, Documents, Opened } from "../model/documents";
import { bytes, milliseconds } from "../model/format";
import { Observable } from "../model/observable";
import { encoderAmong } from "../model/options";
import { placeFor, where } from "../model/places";
import { spoken, type View, VIEWS } from "../model/preview";
import { regionOf } from "../model/region";
import { remember, remembered } from "../model/remembered";
import type { Settings } from "../model/settings";
import { renderBatch } from "../view/batch";
import { ConvertView } from "../view/convert";
import { button, element } from "../view/dom";
import { SplitView } from "../view/split";
import { PreviewView } from "../view/preview";
import type { Stage } from "../view/stage";
import { announce } from "../view/status";
import { Batcher } from "./batcher";
import { asCodecError, Caller } from "./caller";
import type { Player } from "./player";
import { Previewer, type Subject } from "./previewer";
import { Saver } from "./saver";
import { followHandle } from "./splitter";

/** Milliseconds after which a picture that was moved stays where it is. */
const STILL = 400;
const LIVE = "convert-live";

export interface ConvertParts {
  caller: Caller;
  documents: Documents;
  settings: Settings;
  stage: Stage;
  player: Player;
}

/** What of the documents was last looked at. */
interface Shown {
  document: Document | undefined;
  picture: Document["picture"];
  state: Document["state"] | undefined;
  count: number;
}

/** The part of the page that converts: the form, what it would make of the picture, and saving one or all. */
export class Convert {
  readonly saver: Saver;
  private readonly choices = new Choice();
  private readonly view: ConvertView;
  private readonly previewer: Previewer;
  private readonly batcher: Batcher;
  private readonly previewView: PreviewView;
  private readonly overlay: SplitView;
  private readonly looking = new Observable<{ view: View; split: number; isLive: boolean }>({ view: "split", split: 0.5, isLive: remembered(LIVE) !== "off" });
  /** Whether anything was chosen since the page was opened: whoever only looks at pictures has none encoded. */
  private isTouched = false;
  private shown: Shown = { document: undefined, picture: undefined, state: undefined, count: 0 };

  constructor(private readonly parts: ConvertParts) {
    const { caller, documents, settings, stage, player } = parts;
    const { interface: description } = caller.codec.connection;
    this.saver = new Saver(caller);
    this.batcher = new Batcher(this.saver);
    const quiet = new Caller(caller.codec, new Calls(), settings);
    this.previewer = new Previewer({ caller: quiet, saver: this.saver, subject: () => this.subject(), place: () => placeFor(settings.place.value, false) });
    this.view = new ConvertView(description, described(description, "transcode"), this.choices, {
      save: (choice) => void this.save(choice),
      saveAll: (choice) => void this.saveAll(choice),
      changed: () => this.touch(),
    });
    this.previewView = new PreviewView(described(description, "compare"), { live: (isLive) => this.setLive(isLive), look: (view) => this.look(view) });
    this.overlay = new SplitView(stage, this.previewView.title);
    const preferred = encoderAmong(description.functions, description.formats)?.format ?? "";
    settings.place.watch((place) => {
      this.view.setFormats(this.saver.formats(place), preferred);
      this.again();
    });
    documents.watch((opened) => this.follow(opened));
    player.watch(() => this.again());
    stage.viewport.watch(() => this.again());
    this.watchResults();
    followHandle(element("split"), stage.canvas, () => this.looking.value.split, (split) => this.looking.update((now) => ({ ...now, split })));
    button("batch-cancel").addEventListener("click", () => this.batcher.cancel());
  }

  /** The form's choice, where it is a valid one. */
  get draft(): SaveChoice | undefined {
    return this.view.draft;
  }

  /** The same; where it is not valid, the user is told. */
  get choice(): SaveChoice | undefined {
    return this.view.choice;
  }

  focus(): void {
    this.view.focus();
  }

  /** Shows the original, the split or the difference, whichever comes next. */
  nextView(): void {
    const { view } = this.looking.value;
    const next = VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length] ?? "original";
    this.touch();
    this.look(next);
    announce(`Shown: ${next}`);
  }

  /** Stops what converts or tries; whether there was anything. */
  cancel(): boolean {
    const stopped = [this.batcher.cancel(), this.previewer.cancel()];
    return stopped.includes(true);
  }

  private watchResults(): void {
    let said: unknown;
    this.previewer.preview.watch((preview) => {
      this.render();
      if (preview.state !== "done" || preview.outcome === said) return;
      said = preview.outcome;
      announce(spoken(preview, this.previewView.title));
    });
    this.looking.watch(() => this.render());
    let state = "idle";
    this.batcher.batch.watch((batch) => {
      renderBatch(batch);
      if (batch.state !== state) announce(batch.state === "running" ? `Converting ${batch.total} files` : batchText(batch), batch.state === "failed");
      state = batch.state;
    });
  }

  private render(): void {
    const { view, split, isLive } = this.looking.value;
    const { value } = this.previewer.preview;
    this.previewView.render(value, isLive, view);
    this.overlay.render(value, view, split);
  }

  private touch(): void {
    this.isTouched = true;
    this.previewer.want(this.looking.value.isLive);
  }

  private look(view: View): void {
    this.looking.update((now) => ({ ...now, view }));
    this.previewer.look(view);
  }

  private setLive(isLive: boolean): void {
    remember(LIVE, isLive ? "on" : "off");
    this.looking.update((now) => ({ ...now, isLive }));
    this.touch();
  }

  /** The picture was moved, or another frame of it is shown. */
  private again(): void {
    if (this.isTouched) this.previewer.changed(STILL);
  }

  /** Documents change often while many are opened: only what concerns the one that is shown, and their number, is looked at. */
  private follow({ list, current }: Opened): void {
    const { shown } = this;
    if (shown.document === current && shown.picture === current?.picture && shown.state === current?.state && shown.count === list.length) return;
    const isOther = shown.document !== current;
    this.shown = { document: current, picture: current?.picture, state: current?.state, count: list.length };
    const facts = current?.facts;
    this.view.setSource(current?.file.size ?? 0, facts?.jpeg_reconstruction === true && facts.format !== "jpeg", list.length);
    if (isOther) this.view.tell("");
    if (this.isTouched) this.previewer.changed();
  }

  private subject(): Subject | undefined {
    const { documents, stage, player } = this.parts;
    const { current } = documents.value;
    const choice = this.view.draft;
    if (!current?.picture || current.state !== "ready" || !choice || player.value.playing) return undefined;
    const { width, height } = stage.size;
    const corners = [{ x: 0, y: 0 }, { x: width, y: 0 }, { x: 0, y: height }, { x: width, y: height }].map((point) => stage.under(point));
    const visible = regionOf(corners, current.picture);
    return visible && { document: current, picture: current.picture, frame: player.value.frame, visible, choice };
  }

  private async save(choice: SaveChoice | "exact"): Promise<void> {
    const { current } = this.parts.documents.value;
    const format = choice === "exact" ? this.formatNamed("jpeg") : choice.format;
    if (!current || !format) return;
    this.view.tell(`Saving as ${format.title}…`);
    try {
      const { name, result } = await this.saver.save(current.file, format, choice === "exact" ? { jpeg: "exact" } : choice.options);
      const { times, place, bytes: moved } = result.provenance;
      const exact = result.exact_jpeg ? ", JPEG data carried over exactly" : "";
      const text = `${name}: ${bytes(moved.out)} in ${milliseconds(times.total)} ${where(place)}${exact}`;
      this.view.tell(text);
      announce(`Saved ${text}`);
    } catch (thrown) {
      const error = asCodecError(thrown);
      const text = `${current.file.name} was not saved as ${format.title}: ${error.message} (${error.code})`;
      this.view.tell(text, true);
      announce(text, true);
      if (error.option !== undefined) this.view.pointOut(error.option);
    }
  }

  private formatNamed(name: string): Format | undefined {
    return this.saver.formats("local").find((each) => each.name === name);
  }

  private async saveAll(choice: SaveChoice): Promise<void> {
    await this.batcher.run(this.parts.documents.value.list, choice);
  }
}

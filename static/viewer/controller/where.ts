import type { Explanation, Place, Provenance } from "../../client/index";
import type { SaveChoice } from "../model/choice";
import type { Document, Documents } from "../model/documents";
import { bytes } from "../model/format";
import { learned, loadOf } from "../model/learned";
import { isChoice, placeFor } from "../model/places";
import type { Settings } from "../model/settings";
import { byId } from "../view/dom";
import { PlotView } from "../view/plot";
import { renderLegend, renderSummary } from "../view/summary";
import { announce } from "../view/status";
import { WhereView } from "../view/where";
import { asCodecError, type Caller, type CallPlan } from "./caller";
import { discard, type Looker } from "./looker";
import { optionsOf, type Saver } from "./saver";

/** Milliseconds between two looks at what may have changed by itself, such as the server's load. */
const PERIOD = 5000;
/** Milliseconds that typing may pause. */
const PAUSE = 250;

export interface WhereParts {
  caller: Caller;
  looker: Looker;
  saver: Saver;
  documents: Documents;
  settings: Settings;
  /** The save form's choice, where it is a valid one. */
  choice: () => SaveChoice | undefined;
}

/** A call in question: what explains it, and what makes it. */
interface Question {
  fn: "decode" | "transcode";
  options: Record<string, unknown>;
  isPicture: boolean;
  plan: CallPlan<{ provenance: Provenance }>;
}

/** The panel "Where it runs": asks the planner about the next call, and shows how earlier ones went. Idle while it is closed. */
export class Where {
  private readonly panel = byId("where", HTMLDetailsElement);
  private readonly call = byId("where-call", HTMLSelectElement);
  private readonly place = byId("where-place", HTMLSelectElement);
  private readonly view = new WhereView({ attempt: (place) => void this.attempt(place) });
  private readonly plot = new PlotView();
  private timer: ReturnType<typeof setInterval> | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private isAsking = false;
  private isStale = false;

  constructor(private readonly parts: WhereParts) {
    const { documents, settings, caller } = parts;
    renderLegend();
    this.panel.addEventListener("toggle", () => this.toggle());
    this.call.addEventListener("change", () => this.changed());
    this.place.addEventListener("change", () => {
      if (isChoice(this.place.value)) settings.choosePlace(this.place.value);
    });
    byId("where-forget", HTMLButtonElement).addEventListener("click", () => void this.forget());
    byId("save", HTMLFormElement).addEventListener("input", () => this.soon());
    documents.watch(() => this.soon());
    settings.place.watch(() => this.soon());
    caller.codec.connection.calls.addEventListener("call", () => this.soon());
  }

  private toggle(): void {
    clearInterval(this.timer);
    if (!this.panel.open) return;
    this.timer = setInterval(() => {
      if (document.visibilityState === "visible") this.changed();
    }, PERIOD);
    this.changed();
  }

  private async forget(): Promise<void> {
    await this.parts.caller.codec.connection.planner.forget();
    announce("What was learned is forgotten");
    this.changed();
  }

  private soon(): void {
    clearTimeout(this.pause);
    if (this.panel.open) this.pause = setTimeout(() => this.changed(), PAUSE);
  }

  private changed(): void {
    if (!this.panel.open) return;
    this.renderPast();
    void this.ask();
  }

  private renderPast(): void {
    const { connection } = this.parts.caller.codec;
    const { module, planner, calls } = connection;
    this.plot.render(calls.recent);
    renderSummary(calls.recent);
    this.view.renderKnown([
      { label: "Module", value: `${module.sha256}, ${bytes(module.bytes)}` },
      { label: "Server’s load", value: loadOf(planner.load) },
      ...(planner.upgrade === undefined ? [] : [{ label: "Server’s module", value: planner.upgrade }]),
      ...learned(planner.record),
    ]);
  }

  /** Asks the planner, once at a time; what changes meanwhile is asked about afterwards. */
  private async ask(): Promise<void> {
    this.isStale = true;
    if (this.isAsking) return;
    this.isAsking = true;
    while (this.isStale) {
      this.isStale = false;
      const { current } = this.parts.documents.value;
      const question = current && this.question(current);
      try {
        if (!current) this.view.renderNothing("Open a picture to see what a call would take.");
        else if (!question) this.view.renderNothing("The options above are not valid.");
        else this.show(await this.explain(current.file, question), question);
      } catch (thrown) {
        this.view.renderNothing(`The planner cannot tell: ${asCodecError(thrown).message}.`);
      }
    }
    this.isAsking = false;
  }

  private explain(file: File, { fn, options, isPicture }: Question): Promise<Explanation> {
    const { caller, settings } = this.parts;
    const place = placeFor(settings.place.value, isPicture);
    return caller.codec.explain(fn, file, options, isPicture ? { place, as: "picture" } : { place });
  }

  private show(explanation: Explanation, { isPicture }: Question): void {
    const isPossible = isPicture && explanation.estimates.some(({ place, available }) => place === "native" && available);
    this.view.offerNative(isPossible, this.parts.settings.place.value);
    this.view.render(explanation);
  }

  private question({ file, facts }: Document): Question | undefined {
    const { looker, saver, choice } = this.parts;
    if (this.call.value !== "save") {
      const how = looker.looking(facts);
      const plan = looker.plan(file, how, `Timing ${file.name}`);
      const run: Question["plan"]["run"] = async (settings) => {
        const decoded = await plan.run(settings);
        discard(decoded);
        return decoded;
      };
      return { fn: "decode", options: { ...how.options }, isPicture: how.isPicture, plan: { ...plan, run } };
    }
    const wanted = choice();
    if (!wanted) return undefined;
    const { format, options } = wanted;
    const plan = saver.plan(file, format, options, `Timing ${file.name} as ${format.title}`);
    return { fn: "transcode", options: { ...optionsOf(format, options) }, isPicture: false, plan };
  }

  /** Makes the call at a place for its time alone. */
  private async attempt(place: Place): Promise<void> {
    const { current } = this.parts.documents.value;
    const question = current && this.question(current);
    if (!question) return;
    this.view.tell("");
    try {
      await this.parts.caller.call({ ...question.plan, place });
    } catch (thrown) {
      const error = asCodecError(thrown);
      this.view.tell(`${error.message} (${error.code})`);
      announce(error.message, true);
    }
  }
}

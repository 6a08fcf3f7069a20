import { type Document, seen } from "../model/documents";
import type { Settings } from "../model/settings";
import { isLoop } from "../model/playing";
import { turnName } from "../model/turning";
import { renderRan } from "../view/badges";
import { byId, button } from "../view/dom";
import { fillPlayback, renderPlayback } from "../view/playback";
import type { Stage } from "../view/stage";
import { announce } from "../view/status";
import { Aspects } from "./aspects";
import type { Caller } from "./caller";
import { High } from "./high";
import { Histogram } from "./histogram";
import { Inspector } from "./inspector";
import type { Looker } from "./looker";
import { Metadata } from "./metadata";
import type { Painter } from "./painter";
import type { Player } from "./player";
import { Sampler } from "./sampler";
import { bindViewKeys } from "./viewkeys";

export interface ViewingParts {
  caller: Caller;
  looker: Looker;
  painter: Painter;
  stage: Stage;
  player: Player;
  settings: Settings;
  current: () => Document | undefined;
}

/** All ways of looking at the picture that is shown: turning, playing, its parts, its pixels, what it says. */
export class Viewing {
  private readonly sampler: Sampler;
  private readonly inspector: Inspector;
  private readonly aspects: Aspects;
  private readonly histogram: Histogram;
  private readonly metadata: Metadata;
  private readonly high: High;
  private of: Document | undefined;

  constructor(private readonly parts: ViewingParts) {
    const { caller, stage, player, current } = parts;
    this.sampler = new Sampler(caller);
    this.inspector = new Inspector({ stage, player, sampler: this.sampler, current });
    this.aspects = new Aspects({ ...parts, changed: () => this.refresh() });
    this.histogram = new Histogram(this.sampler, player, current);
    this.metadata = new Metadata(caller, current);
    this.high = new High(caller, stage, current);
    fillPlayback();
    this.bindControls();
    this.bindKeys();
    player.watch(({ frame, playing }) => {
      stage.show(seen(current()), frame);
      this.renderPlayback();
      this.inspector.refresh();
      if (!playing) void this.histogram.refresh();
    });
  }

  /** Takes the document that is looked at now, or what has changed of it. */
  refresh(): void {
    const document = this.parts.current();
    if (document !== this.of) this.sampler.forget(document);
    this.of = document;
    renderRan(seen(document)?.provenance);
    this.renderPlayback();
    this.aspects.refresh();
    this.high.refresh();
    this.metadata.refresh();
    this.inspector.refresh();
    void this.histogram.refresh();
  }

  private renderPlayback(): void {
    const count = seen(this.parts.current())?.frames.length ?? 0;
    renderPlayback({ ...this.parts.player.value, count });
  }

  private bindControls(): void {
    const { player } = this.parts;
    const clicks: [string, () => void][] = [
      ["rotate", () => this.rotate(1)],
      ["mirror", () => this.mirror()],
    ];
    for (const [id, act] of clicks) button(id).addEventListener("click", act);
    const scrub = byId("scrub", HTMLInputElement);
    scrub.addEventListener("input", () => player.seek(scrub.valueAsNumber));
    const speed = byId("speed", HTMLSelectElement);
    speed.addEventListener("change", () => player.setSpeed(Number(speed.value)));
    const loop = byId("loop", HTMLSelectElement);
    loop.addEventListener("change", () => {
      if (isLoop(loop.value)) player.setLoop(loop.value);
    });
    // The panel is closed as a rule; a link to it opens it.
    byId("ran", HTMLAnchorElement).addEventListener("click", () => (byId("where", HTMLDetailsElement).open = true));
  }

  private bindKeys(): void {
    const { stage, player, settings } = this.parts;
    bindViewKeys(stage.canvas, () => settings.hasKeys, {
      rotate: (by) => this.rotate(by),
      mirror: () => this.mirror(),
      inspect: () => this.inspector.toggle(),
      point: (dx, dy) => {
        if (this.inspector.isOn) this.inspector.move(dx, dy);
        return this.inspector.isOn;
      },
      grid: () => this.inspector.toggleGrid(),
      alpha: () => this.aspects.toggleAlpha(),
      faster: (direction) => {
        player.faster(direction);
        if (player.animated) announce(`${player.value.speed} times as fast`);
      },
      seek: (frame) => {
        player.seek(frame);
        return player.animated;
      },
    });
  }

  private rotate(by: 1 | -1): void {
    this.parts.stage.rotate(by);
    this.sayTurn();
  }

  private mirror(): void {
    this.parts.stage.mirror();
    this.sayTurn();
  }

  private sayTurn(): void {
    const name = turnName(this.parts.stage.turn.value);
    announce(name === "" ? "Shown upright" : `Shown ${name}`);
  }
}

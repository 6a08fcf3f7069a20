import type { CallPoint } from "../../client/index";
import { milliseconds, ratio } from "../model/format";
import { placeTitle } from "../model/places";
import { type Domain, domainOf, marksOf, position, ticks } from "../model/plot";
import { draw, element } from "./dom";
import { mark, REACH } from "./mark";

const MARGIN = { left: 58, right: 14, top: 26, bottom: 44 };
const TICK = 6;
/** Pixels per letter of a label, about: ticks that would touch are left out. */
const LETTERS = 52;
const HINT = "Point at a mark, or move among them with the arrow keys.";

interface Frame {
  width: number;
  height: number;
  domain: Domain;
  x: (time: number) => number;
  y: (time: number) => number;
}

/** The plot of predicted against actual time: one mark for each call that was answered. */
export class PlotView {
  private readonly box = element("plot");
  private readonly readout = element("plot-readout");
  private marks: CallPoint[] = [];
  private readonly drawn = new Map<CallPoint, SVGGElement>();
  /** The mark that the keyboard is at. */
  private current: CallPoint | undefined;
  /** The newest one that was drawn. */
  private latest: CallPoint | undefined;

  constructor() {
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.box.addEventListener("keydown", (event) => this.move(event));
    this.readout.textContent = HINT;
  }

  render(points: readonly CallPoint[]): void {
    const marks = marksOf(points);
    if (marks.length === this.marks.length && marks.at(-1) === this.marks.at(-1)) return;
    this.marks = marks;
    this.draw();
  }

  private draw(): void {
    const width = this.box.clientWidth;
    if (width === 0) return;
    const hadFocus = this.box.contains(document.activeElement);
    // The newest one, unless somebody looks at another.
    if (!hadFocus || this.current === undefined || !this.marks.includes(this.current)) this.current = this.marks.at(-1);
    const frame = frameOf(width, domainOf(this.marks));
    const svg = draw("svg", { width: frame.width, height: frame.height, role: "group", "aria-labelledby": "plot-title", "aria-describedby": "plot-keys" });
    svg.append(axes(frame), ...this.marks.map((each) => range(each, frame)));
    this.drawn.clear();
    for (const each of this.marks) svg.append(this.point(each, frame));
    this.latest = this.marks.at(-1);
    this.box.replaceChildren(svg);
    if (hadFocus && this.current) this.drawn.get(this.current)?.focus();
  }

  private point(each: CallPoint, { x, y }: Frame): SVGGElement {
    const text = sentence(each);
    const isNewest = each === this.marks.at(-1);
    const kinds = ["point", isNewest ? "newest" : "", isNewest && each !== this.latest ? "fresh" : ""];
    const attributes = {
      class: kinds.filter((kind) => kind !== "").join(" "),
      transform: `translate(${x(each.predicted).toFixed(1)} ${y(each.actual).toFixed(1)})`,
      role: "img", "aria-label": text, tabindex: each === this.current ? 0 : -1,
    };
    const made = draw("g", attributes, draw("circle", { class: "ring", r: REACH + 4 }), mark(each.place));
    const tell = (): string => (this.readout.textContent = text);
    made.addEventListener("pointerenter", tell);
    made.addEventListener("focus", tell);
    this.drawn.set(each, made);
    return made;
  }

  private move(event: KeyboardEvent): void {
    const index = this.current ? this.marks.indexOf(this.current) : -1;
    const last = this.marks.length - 1;
    const steps: Record<string, number> = { ArrowRight: index + 1, ArrowUp: index + 1, ArrowLeft: index - 1, ArrowDown: index - 1, Home: 0, End: last };
    const next = this.marks[Math.min(last, Math.max(0, steps[event.key] ?? -1))];
    if (!(event.key in steps) || !next) return;
    event.preventDefault();
    if (this.current) this.drawn.get(this.current)?.setAttribute("tabindex", "-1");
    this.current = next;
    this.drawn.get(next)?.setAttribute("tabindex", "0");
    this.drawn.get(next)?.focus();
  }
}

function sentence({ function: fn, place, predicted, low, high, actual }: CallPoint): string {
  const range = `${milliseconds(low)} to ${milliseconds(high)}`;
  return `${fn}, ${placeTitle(place).toLowerCase()}: predicted ${milliseconds(predicted)} (${range}), took ${milliseconds(actual)}, ${ratio(actual / predicted)}`;
}

function frameOf(width: number, domain: Domain): Frame {
  const height = Math.round(Math.min(380, Math.max(240, width * 0.72)));
  const across = width - MARGIN.left - MARGIN.right;
  const up = height - MARGIN.top - MARGIN.bottom;
  return {
    width, height, domain,
    x: (time) => MARGIN.left + position(time, domain) * across,
    y: (time) => MARGIN.top + (1 - position(time, domain)) * up,
  };
}

/** The range that the time was expected in, level with the mark. */
function range({ place, low, high, actual }: CallPoint, { x, y }: Frame): SVGElement {
  const level = y(actual);
  return draw("line", { class: `range ${place}`, x1: x(low), x2: x(high), y1: level, y2: level });
}

/** Grid, ticks, names, and the diagonal on which times are as predicted. */
function axes({ width, height, domain, x, y }: Frame): SVGElement {
  const { from, to } = domain;
  const all = ticks(domain);
  const every = Math.ceil((all.length * LETTERS) / (width - MARGIN.left));
  const lines = all.flatMap(({ value }) => [
    draw("line", { class: "grid", x1: x(value), x2: x(value), y1: y(from), y2: y(to) }),
    draw("line", { class: "grid", x1: x(from), x2: x(to), y1: y(value), y2: y(value) }),
  ]);
  const labels = all.flatMap(({ value, label }, index) => {
    const below = draw("text", { x: x(value), y: y(from) + TICK + 12, "text-anchor": "middle" }, label);
    const beside = draw("text", { x: x(from) - TICK, y: y(value) + 4, "text-anchor": "end" }, label);
    return index % every === 0 ? [below, beside] : [beside];
  });
  const names = [
    draw("text", { class: "name", x: (x(from) + x(to)) / 2, y: height - 6, "text-anchor": "middle" }, "Predicted"),
    draw("text", { class: "name", x: 2, y: 14 }, "Took"),
    draw("text", { class: "side", x: x(from) + 8, y: y(to) + 16 }, "slower than predicted"),
    draw("text", { class: "side", x: x(to) - 8, y: y(from) - 8, "text-anchor": "end" }, "faster"),
  ];
  const diagonal = draw("line", { class: "diagonal", x1: x(from), y1: y(from), x2: x(to), y2: y(to) });
  return draw("g", { "aria-hidden": "true" }, ...lines, diagonal, ...labels, ...names);
}

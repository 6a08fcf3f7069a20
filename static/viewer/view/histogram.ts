import { floatText } from "../model/inspected";
import { type ChannelHistogram, heights } from "../model/histogram";
import { draw, element, make } from "./dom";

const HEIGHT = 56;
const WIDTH = 256;

/** Shows how often each value occurs, a plot for each channel. */
export function renderHistograms(channels: readonly ChannelHistogram[], isLog: boolean): void {
  element("histogram-plots").replaceChildren(...channels.map((each) => plot(each, isLog)));
}

export function tellHistogram(text: string): void {
  element("histogram-note").textContent = text;
}

function plot(channel: ChannelHistogram, isLog: boolean): HTMLElement {
  const { name, smallest, largest, mean, from, to, maximum, others } = channel;
  const rest = others > 0 ? `; ${others} not finite` : "";
  const told = `${floatText(smallest)} to ${floatText(largest)}, mean ${floatText(mean)}${rest}`;
  const kind = ["red", "green", "blue", "alpha"].includes(name) ? name : "other";
  const svg = draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `${name}: ${told}; ${isLog ? "logarithmic" : "linear"}` },
    draw("path", { class: `bars ${kind}`, d: outline(heights(channel.bins, isLog)) }),
  );
  const ends = make("div", { className: "histogram-ends" }, make("span", {}, floatText(from)), make("span", {}, floatText(maximum ?? to)));
  return make("figure", { className: "histogram" }, make("figcaption", {}, make("strong", {}, name), make("span", { className: "muted" }, told)), svg, ends);
}

/** All bars as one shape. A bin that has anything at all can be seen. */
function outline(bars: readonly number[]): string {
  const width = WIDTH / Math.max(1, bars.length);
  const steps = bars.map((bar, index) => {
    const top = bar > 0 ? HEIGHT - Math.max(0.75, bar * HEIGHT) : HEIGHT;
    return `V${top.toFixed(2)}H${((index + 1) * width).toFixed(2)}`;
  });
  return `M0 ${HEIGHT}${steps.join("")}V${HEIGHT}Z`;
}

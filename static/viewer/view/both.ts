import type { Comparison, Side } from "../controller/comparer";
import { milliseconds, placeName } from "../model/format";
import { element, make } from "./dom";

const SHOWN = 4;

/** Shows what both places gave. */
export function renderComparison({ sides, same }: Comparison): void {
  const verdict = make("p", { className: same ? "verdict same" : "verdict different" }, same ? "✓ Same bytes" : "✗ Different bytes");
  element("both-result").replaceChildren(verdict, ...sides.map(sideOf));
}

export function renderComparisonError(message: string): void {
  element("both-result").replaceChildren(make("p", { className: "error" }, message));
}

export function clearComparison(): void {
  element("both-result").replaceChildren();
}

function sideOf({ place, provenance, sha256 }: Side): HTMLElement {
  const { queue, compute, transfer } = provenance.times;
  const title = make("p", { className: "side" }, make("strong", {}, placeName(place)), ` ${milliseconds(queue + compute + transfer)}`);
  const hashes = sha256.slice(0, SHOWN).map((hash) => make("code", { className: "hash" }, hash));
  const rest = sha256.length > SHOWN ? [make("p", { className: "muted small" }, `and ${sha256.length - SHOWN} more buffers`)] : [];
  return make("div", {}, title, ...hashes, ...rest);
}

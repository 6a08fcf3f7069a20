import type { Comparison, Side } from "../controller/comparer";
import { milliseconds } from "../model/format";
import { placeName } from "../model/places";
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

function sideOf({ place, provenance, buffers }: Side): HTMLElement {
  const { queue, compute, transfer } = provenance.times;
  const title = make("p", { className: "side" }, make("strong", {}, placeName(place)), ` ${milliseconds(queue + compute + transfer)}`);
  const hashes = buffers.slice(0, SHOWN).flatMap(({ output, sha256 }) => [
    make("p", { className: "muted small" }, `SHA-256 of ${output}`),
    make("code", { className: "hash" }, sha256),
  ]);
  const left = buffers.length - SHOWN;
  const rest = left > 0 ? [make("p", { className: "muted small" }, `and ${left} more buffers`)] : [];
  return make("div", {}, title, ...hashes, ...rest);
}

import { type Batch, batchText } from "../model/batch";
import { button, byId, element, make } from "./dom";

/** Failures beyond this many are listed in the archive alone. */
const LISTED = 50;

/** How far a conversion of many files has come, and what failed. */
export function renderBatch(batch: Batch): void {
  const { state, done, total, failures } = batch;
  const isRunning = state === "running";
  element("batch").hidden = state === "idle";
  const progress = byId("batch-progress", HTMLProgressElement);
  element("batch-running").hidden = !isRunning;
  progress.max = Math.max(1, total);
  progress.value = done;
  progress.setAttribute("aria-valuetext", `${done} of ${total}`);
  button("save-all").disabled = isRunning;
  element("batch-text").textContent = batchText(batch);
  element("batch-text").classList.toggle("error", state === "failed");
  const listed = isRunning ? [] : failures.slice(0, LISTED);
  const rest = isRunning ? 0 : failures.length - listed.length;
  const items = listed.map(({ name, message, code }) => make("li", {}, make("bdi", { className: "file-name" }, name), `: ${message} (${code})`));
  element("batch-failures").replaceChildren(...items, ...(rest > 0 ? [make("li", {}, `and ${rest} more, which the archive lists`)] : []));
}

import type { FunctionDescription } from "../../client/index";
import { lines, type Preview, type View, VIEWS } from "../model/preview";
import { byId, element, make } from "./dom";

export interface PreviewActions {
  live: (isLive: boolean) => void;
  look: (view: View) => void;
}

const MEANING: Record<View, string> = {
  original: "",
  split: "",
  difference: "Black: no difference. Blue, green, yellow and red: more and more. White: most.",
};

/** What the form's options would make of the visible part, in numbers. */
export class PreviewView {
  private readonly live = byId("preview-live", HTMLInputElement);
  private readonly radios = VIEWS.map((view) => byId(`view-${view}`, HTMLInputElement));

  constructor(private readonly compare: FunctionDescription, actions: PreviewActions) {
    this.live.addEventListener("change", () => actions.live(this.live.checked));
    for (const radio of this.radios) {
      radio.addEventListener("change", () => {
        const view = VIEWS.find((each) => each === radio.value);
        if (view) actions.look(view);
      });
    }
  }

  /** Title of a field of compare's result. */
  readonly title = (field: string): string => this.compare.result.properties?.[field]?.title ?? `${field.charAt(0).toUpperCase()}${field.slice(1)}`;

  render(preview: Preview, isLive: boolean, view: View): void {
    const { state, error } = preview;
    this.live.checked = isLive;
    for (const radio of this.radios) radio.checked = radio.value === view;
    element("preview").setAttribute("aria-busy", String(state === "working"));
    element("preview-spinner").hidden = state !== "working";
    const described = this.compare.result.properties ?? {};
    element("preview-facts").replaceChildren(
      ...lines(preview, this.title).map(({ label, value, field }) => {
        const title = field === undefined ? "" : (described[field]?.description ?? "");
        return make("div", { title }, make("dt", {}, label), make("dd", {}, value));
      }),
    );
    element("preview-note").textContent = error ? `${error.message} (${error.code})` : noteOf(preview, isLive, view);
    element("preview-note").classList.toggle("error", error !== undefined);
  }
}

function noteOf(preview: Preview, isLive: boolean, view: View): string {
  if (!isLive) return "Off: nothing is computed until you save.";
  if (preview.state === "off") return "Change an option, and the part of the picture that you see is encoded and shown beside the original. An animation has to be paused for that.";
  return preview.after ? MEANING[view] : "";
}

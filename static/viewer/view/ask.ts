import { button, byId, element } from "./dom";

export interface Question {
  title: string;
  text?: string;
  /** What is asked for; without it, only whether. */
  label?: string;
  value?: string;
  isReadOnly?: boolean;
  yes: string;
}

/** Asks for a text, or whether something is to be done; undefined where the user would rather not. */
export function ask({ title, text = "", label, value = "", isReadOnly = false, yes }: Question): Promise<string | undefined> {
  const dialog = byId("ask", HTMLDialogElement);
  const input = byId("ask-input", HTMLInputElement);
  element("ask-title").textContent = title;
  element("ask-text").textContent = text;
  element("ask-text").hidden = text === "";
  element("ask-field").hidden = label === undefined;
  element("ask-label").textContent = label ?? "";
  input.value = value;
  input.readOnly = isReadOnly;
  input.required = label !== undefined;
  button("ask-yes").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  if (label !== undefined) {
    input.focus();
    input.select();
  }
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? input.value.trim() : undefined), { once: true });
  });
}

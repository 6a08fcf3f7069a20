import { button, byId, element } from "../view/dom";

/** Takes files from a drop anywhere on the page, from the clipboard and from the file dialogue. */
export function takeFiles(open: (files: File[]) => void): () => void {
  const input = byId("pick", HTMLInputElement);
  const pick = (): void => input.click();
  button("open").addEventListener("click", pick);
  button("empty-open").addEventListener("click", pick);
  input.addEventListener("change", () => {
    open([...(input.files ?? [])]);
    input.value = "";
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) open(files);
  });
  takeDrops(open);
  return pick;
}

function takeDrops(open: (files: File[]) => void): void {
  const overlay = element("dropping");
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  addEventListener("drop", (event) => {
    overlay.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    open([...(event.dataTransfer?.files ?? [])]);
  });
}

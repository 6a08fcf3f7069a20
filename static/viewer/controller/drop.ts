import { button, byId, element } from "../view/dom";
import { dropped, type Intake } from "./intake";

/**
 * Takes files and folders from a drop anywhere on the page, from the clipboard and from the file dialogues.
 *
 * @param isPicture whether a name or media type is a picture's.
 * @returns what opens the file dialogue.
 */
export function takeFiles(open: (intake: Intake) => void, isPicture: (file: File) => boolean): () => void {
  const pick = takePicked("pick", false, open);
  const pickFolder = takePicked("pick-folder", true, open);
  for (const id of ["open", "empty-open"]) button(id).addEventListener("click", pick);
  for (const id of ["empty-folder", "files-folder"]) button(id).addEventListener("click", pickFolder);
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) open({ files, folders: [], isFolder: false });
  });
  takeDrops(open, isPicture);
  return pick;
}

function takePicked(id: string, isFolder: boolean, open: (intake: Intake) => void): () => void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // The same files may be picked again.
    input.value = "";
    open({ files, folders: [], isFolder });
  });
  return () => input.click();
}

function takeDrops(open: (intake: Intake) => void, isPicture: (file: File) => boolean): void {
  const overlay = element("dropping");
  const transferOf = (event: DragEvent): DataTransfer | undefined =>
    event.dataTransfer?.types.includes("Files") === true ? event.dataTransfer : undefined;
  addEventListener("dragover", (event) => {
    if (!transferOf(event)) return;
    event.preventDefault();
    overlay.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) overlay.hidden = true;
  });
  addEventListener("drop", (event) => {
    overlay.hidden = true;
    const transfer = transferOf(event);
    if (!transfer) return;
    event.preventDefault();
    open(dropped(transfer, isPicture));
  });
}

import type { Settings } from "../model/settings";
import { element } from "../view/dom";
import { asCodecError } from "./caller";
import type { Intake } from "./intake";
import type { LibraryPage } from "./library";

/** Whether the address asks for the library. */
export function isLibraryAsked(): boolean {
  return /^#library(?:=|$)/.test(location.hash);
}

/** Shows the page that the part of the address behind `#` asks for: the library, else the viewer. */
export class Pages {
  private library: Promise<LibraryPage> | undefined;

  /** @param load gets the library's page; whoever never looks at it never loads it. */
  constructor(
    private readonly settings: Settings,
    private readonly load: () => Promise<LibraryPage>,
  ) {
    addEventListener("hashchange", () => this.follow());
    this.follow();
  }

  get isLibrary(): boolean {
    return this.settings.page.value === "library";
  }

  /** Keeps files in the library, whichever page is shown; gives what became of them, in words. */
  async keep(intake: Pick<Intake, "files" | "folders">): Promise<string> {
    const library = await this.opened();
    return library ? library.keep(intake) : element("shelf-warning").textContent;
  }

  private follow(): void {
    const isLibrary = isLibraryAsked();
    this.settings.page.set(isLibrary ? "library" : "viewer");
    element("main").classList.toggle("library-shown", isLibrary);
    element("library").hidden = !isLibrary;
    for (const [id, isShown] of [["page-library", isLibrary], ["page-viewer", !isLibrary]] as const) {
      if (isShown) element(id).setAttribute("aria-current", "page");
      else element(id).removeAttribute("aria-current");
    }
    if (isLibrary) void this.opened(location.hash.includes("="));
  }

  /** @param isAsked whether the address names a library, which may be another one than the one that is open. */
  private async opened(isAsked = false): Promise<LibraryPage | undefined> {
    const isFirst = this.library === undefined;
    try {
      const page = await (this.library ??= this.load());
      if (isFirst || isAsked) await page.begin();
      return page;
    } catch (thrown) {
      // What is loaded once stays; what could not be loaded may be there the next time.
      this.library = undefined;
      element("shelf-warning").hidden = false;
      element("shelf-warning").textContent = `The library cannot be loaded: ${asCodecError(thrown).message}.`;
      return undefined;
    }
  }
}

/** Which media types the browser decodes: found by trying, because there is no way to ask. */
export class Natives {
  private readonly tried = new Map<string, boolean>();

  /** Whether it may be tried: not where it has failed before with nothing to show for it. */
  mayDecode(type: string): boolean {
    return this.tried.get(type) ?? true;
  }

  decoded(type: string): void {
    this.tried.set(type, true);
  }

  /** It failed where the module did not: had it decoded this type before, only that one file was too much for it. */
  failed(type: string): void {
    if (this.tried.get(type) !== true) this.tried.set(type, false);
  }
}

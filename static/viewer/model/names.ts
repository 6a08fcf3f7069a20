/** Names that files can have wherever an archive is unpacked. */

const LONGEST = 200;
/** Devices of Windows, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
// Control characters, those that turn the direction of text (a name could seem to end otherwise than it does), and what some system forbids.
// eslint-disable-next-line no-control-regex -- they are what is looked for
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"*/:<>?\\|]/g;

/** A name without folders, characters that some system forbids or hides, and more than 200 bytes of UTF-8. */
export function safeName(name: string): string {
  // Half of a surrogate pair has no UTF-8: encoding replaces it.
  const text = new TextDecoder().decode(new TextEncoder().encode(name));
  const plain = text.normalize("NFC").replace(UNWANTED, "_").replace(/^[ .]+|[ .]+$/g, "");
  const cut = shortened(plain === "" ? "image" : plain);
  return RESERVED.test(cut) ? `_${cut}` : cut;
}

/** Cut in its stem, so that the ending stays. */
function shortened(name: string): string {
  const [, stem = name, ending = ""] = /^(.*?)(\.[^.]{1,16})?$/s.exec(name) ?? [];
  const room = LONGEST - bytesOf(ending);
  if (bytesOf(stem) <= room) return name;
  const { read } = new TextEncoder().encodeInto(stem, new Uint8Array(room));
  return stem.slice(0, read).replace(/[ .]+$/, "") + ending;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Gives each name once, whatever the system makes of capitals: "a.jxl", then "a (2).jxl". */
export class UniqueNames {
  private readonly taken = new Set<string>();
  /** By name, the number to try next: a thousand files of one name are not counted from the start each. */
  private readonly next = new Map<string, number>();

  give(wanted: string): string {
    const name = safeName(wanted);
    const [, stem = name, ending = ""] = /^(.*?)(\.[^.]*)?$/s.exec(name) ?? [];
    let number = this.next.get(folded(name)) ?? 1;
    let given = number === 1 ? name : `${stem} (${number})${ending}`;
    while (this.taken.has(folded(given))) {
      number += 1;
      given = `${stem} (${number})${ending}`;
    }
    this.taken.add(folded(given));
    this.next.set(folded(name), number + 1);
    return given;
  }
}

function folded(name: string): string {
  return name.toLowerCase().normalize("NFKC");
}

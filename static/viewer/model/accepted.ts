import type { Format } from "../../client/index";

type Named = Pick<File, "name" | "type">;

/** The format that a file's name or media type tells. */
export function formatOf({ name, type }: Named, formats: readonly Format[]): Format | undefined {
  const lower = name.toLowerCase();
  return formats.find(({ media_type: own, extensions }) => own === type || extensions.some((each) => lower.endsWith(`.${each}`)));
}

/** Tells whether a file in a folder is to be opened: a picture by its name or type, and none that systems hide. It may be asked of thousands. */
export function wanting(formats: readonly Format[]): (file: Named) => boolean {
  const readable = formats.filter(({ read }) => read);
  const types = new Set(readable.map(({ media_type: type }) => type));
  const endings = new Set(readable.flatMap(({ extensions }) => extensions));
  return ({ name, type }) => {
    if (name.startsWith(".")) return false;
    const at = name.lastIndexOf(".");
    return types.has(type) || (at > 0 && endings.has(name.slice(at + 1).toLowerCase()));
  };
}

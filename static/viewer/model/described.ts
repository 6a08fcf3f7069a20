import type { Connection, FunctionDescription } from "../../client/index";

/** A function of a module by its name. @throws Error where the module has none of that name. */
export function described({ functions }: Connection["interface"], name: string): FunctionDescription {
  const found = functions.find((each) => each.name === name);
  if (!found) throw new Error(`the module has no function ${name}`);
  return found;
}

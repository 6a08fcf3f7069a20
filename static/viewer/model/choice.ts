import type { Format } from "../../client/index";
import { isRecord } from "../../client/interface";
import { Observable } from "./observable";
import { isAllowed, type Offer, optionsIn } from "./options";
import { remember, remembered } from "./remembered";

/** A format and the options of writing it, as a call takes them. */
export interface SaveChoice {
  format: Format;
  options: Record<string, unknown>;
}

/** What was chosen for one format. */
export interface Chosen {
  /** Name of the option that says what is aimed at; empty where that is left to the codec. */
  readonly aim: string;
  /** Values by option, those left out that are not given. Aims that are not chosen keep theirs. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What was chosen, by format. What is kept between visits may be anything, so it is checked against the interface when it is used. */
interface Choosing {
  readonly format: string;
  readonly byFormat: Readonly<Record<string, unknown>>;
}

const KEY = "convert";

/** The format and the options that pictures are converted with: the same for every file, kept between visits. */
export class Choice extends Observable<Choosing> {
  constructor() {
    super(parsed(remembered(KEY)));
  }

  of(format: string, offer: Offer): Chosen {
    const { byFormat } = this.value;
    return checked(Object.hasOwn(byFormat, format) ? byFormat[format] : undefined, offer);
  }

  choose(format: string): void {
    if (format !== this.value.format) this.keep({ ...this.value, format });
  }

  put(format: string, chosen: Chosen): void {
    this.keep({ ...this.value, byFormat: { ...this.value.byFormat, [format]: chosen } });
  }

  private keep(value: Choosing): void {
    remember(KEY, JSON.stringify(value));
    this.set(value);
  }
}

function parsed(text: string | undefined): Choosing {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    if (isRecord(value) && typeof value.format === "string" && isRecord(value.byFormat)) return { format: value.format, byFormat: value.byFormat };
  } catch {
    // Somebody else's, or cut off.
  }
  return { format: "", byFormat: {} };
}

/** What of a kept choice the interface knows and allows. */
export function checked(kept: unknown, offer: Offer): Chosen {
  const { aim, values } = isRecord(kept) ? kept : {};
  const given = isRecord(values) ? values : {};
  const allowed = optionsIn(offer).filter(({ name, schema }) => Object.hasOwn(given, name) && isAllowed(schema, given[name]));
  return {
    aim: offer.aims.some(({ name }) => name === aim) ? String(aim) : "",
    values: Object.fromEntries(allowed.map(({ name }) => [name, given[name]])),
  };
}

/** The options that a call is made with; undefined where the aim has no value yet. */
export function callOptions({ aim, values }: Chosen, { aims }: Offer): Record<string, unknown> | undefined {
  if (aim !== "" && values[aim] === undefined) return undefined;
  const isGiven = (name: string): boolean => name === aim || !aims.some((each) => each.name === name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => isGiven(name)));
}

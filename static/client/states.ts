import type { Call } from "./call";
import { ceilingWhy } from "./ceilings";
import { CodecError } from "./errors";
import type { Natives } from "./natives";
import type { PlaceState, PlaceStates } from "./planner/types";
import type { Session } from "./session";

const PAGE = 65536;
const MOST_PAGES = 65536;
/** What a module has of its size on its way here. */
const COMPRESSED = 0.25;

/** What the codec knows of its surroundings when a call is to be placed. */
export interface Around {
  natives: Natives;
  /** Why the service cannot be asked, if it cannot. */
  serverWhy: string | undefined;
  serverThreads: number | undefined;
  serverMemory: number | undefined;
  serverBody: number | undefined;
  memoryLimit: number;
}

/** Which places may have a call, and what they offer; the browser's own decoder is in question for pictures alone. */
export function statesOf(session: Session, call: Call, mediaType: string, around: Around): PlaceStates {
  const both = { local: local(session, call, around), server: server(session, call, around) };
  return call.isPicture ? { native: native(session, call, mediaType, around), ...both } : both;
}

const unlimited = { memoryLimit: undefined, bodyLimit: undefined };

function native(session: Session, call: Call, mediaType: string, { natives }: Around): PlaceState {
  const why = notNative(call, mediaType, natives);
  const { size, isCold } = session.pools.native;
  return { available: why === undefined, why, workers: size, cold: isCold, coldBytes: 0, ...unlimited };
}

function notNative({ fn, given, held }: Call, mediaType: string, natives: Natives): string | undefined {
  const { picture } = fn;
  const input = fn.inputs.findIndex(({ name }) => name === picture?.native);
  if (!picture || input < 0) return "decodes files alone";
  if (fn.inputs.some((_, index) => held.sizes(index).length !== (index === input ? 1 : 0))) return "takes one file and nothing else";
  const other = Object.entries(given).find(([name, value]) => !(name in picture.options) && value !== fn.options.properties?.[name]?.default);
  if (other) return `knows no option ${other[0]}`;
  return natives.mayDecode(mediaType) ? undefined : `does not decode ${mediaType || "this format"}`;
}

function local(session: Session, call: Call, { memoryLimit }: Around): PlaceState {
  const { arrival, bytes } = session.loaded;
  const { settled, left } = arrival;
  const why = settled instanceof CodecError ? `has no module: ${settled.message}` : foreign(session, call);
  const pages = settled instanceof CodecError ? undefined : settled?.pages;
  const { size, isCold } = session.pools.local;
  const ceiling = Math.min(call.settings.memoryLimit ?? memoryLimit, (pages?.maximum ?? MOST_PAGES) * PAGE);
  const cold = isCold || settled === undefined;
  return { available: why === undefined, why, workers: size, cold, coldBytes: left * bytes * COMPRESSED, memoryLimit: ceiling, bodyLimit: undefined };
}

/** Why only the service can do it: some formats it handles by other means than the module. */
function foreign({ loaded }: Session, { fn, given, held }: Call): string | undefined {
  const { functions, formats } = loaded.service;
  const extension = Object.hasOwn(functions, fn.name) ? functions[fn.name] : undefined;
  if (!extension) return undefined;
  const wanted = given[extension.option];
  if (typeof wanted === "string" && extension.writes.includes(wanted)) return `does not write ${wanted}`;
  const type = held.mediaType(fn.inputs.findIndex(({ name }) => name === extension.input));
  const read = formats.find(({ name, media_type }) => media_type === type && extension.reads.includes(name));
  return read ? `does not read ${read.name}` : undefined;
}

function server(session: Session, { fn, given }: Call, around: Around): PlaceState {
  const why = around.serverWhy ?? ceilingWhy(fn, given, session.loaded.service.limits.option_ceilings);
  return {
    available: why === undefined,
    why,
    workers: around.serverThreads ?? 1,
    cold: false,
    coldBytes: 0,
    memoryLimit: around.serverMemory ?? session.limit("memory_per_call"),
    bodyLimit: around.serverBody ?? session.limit("max_body"),
  };
}

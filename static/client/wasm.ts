import { hostError } from "./errors";

/** Pages of 64 KiB that the module's memory import allows. */
export interface Pages {
  minimum: number;
  maximum: number;
}

/** The module's one memory import. */
export interface MemoryImport {
  pages: Pages;
  /** Whether it is declared shared. */
  isShared: boolean;
}

export interface OneThread {
  /** A copy of the module whose memory import is not shared. */
  bytes: Uint8Array<ArrayBuffer>;
  memory: Pages;
}

/** Where in the bytes the flags of the memory import's limits are, and what they say. */
interface Found extends MemoryImport {
  at: number;
}

const IMPORT_SECTION = 2;
const FLAG_MAXIMUM = 1;
const FLAG_SHARED = 2;
const MAXIMUM_PAGES = 65536;

/** A cursor over the binary format (WebAssembly core specification, section 5). */
class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    public offset = 0,
    private readonly end = bytes.length,
  ) {}

  get done(): boolean {
    return this.offset >= this.end;
  }

  byte(): number {
    const value = this.bytes[this.offset];
    if (this.offset >= this.end || value === undefined) throw malformed("it ends too early");
    this.offset += 1;
    return value;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw malformed("a number has more than 32 bits");
  }

  skip(length: number): void {
    if (length > this.end - this.offset) throw malformed("it ends too early");
    this.offset += length;
  }

  section(length: number): Reader {
    const start = this.offset;
    this.skip(length);
    return new Reader(this.bytes, start, start + length);
  }
}

/**
 * Finds the module's one memory import.
 *
 * @throws CodecError `bad_module` where the bytes are no module or import no 32-bit memory.
 */
export function memoryOf(source: Uint8Array): MemoryImport {
  const { pages, isShared } = find(source);
  return { pages, isShared };
}

/**
 * Clears the shared bit of the module's one memory import, so that an ordinary memory fits it.
 *
 * A module whose memory import is not shared comes back as it is (copied).
 *
 * @throws CodecError as {@link memoryOf}.
 */
export function clearShared(source: Uint8Array): OneThread {
  const { at, pages } = find(source);
  const bytes = new Uint8Array(source);
  bytes[at] = (bytes[at] ?? 0) & ~FLAG_SHARED;
  return { bytes, memory: pages };
}

function find(bytes: Uint8Array): Found {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (!header.every((value, index) => bytes[index] === value)) throw malformed("its first eight bytes are wrong");
  const reader = new Reader(bytes, header.length);
  while (!reader.done) {
    const id = reader.byte();
    const section = reader.section(reader.unsigned());
    if (id === IMPORT_SECTION) return findAmong(section);
  }
  throw malformed("it imports nothing");
}

function findAmong(section: Reader): Found {
  for (let count = section.unsigned(); count > 0; count -= 1) {
    section.skip(section.unsigned());
    section.skip(section.unsigned());
    const kind = section.byte();
    if (kind === 0) section.unsigned();
    else if (kind === 1) skipTable(section);
    else if (kind === 2) return readMemory(section);
    else if (kind === 3) section.skip(2);
    else if (kind === 4) {
      section.skip(1);
      section.unsigned();
    } else throw malformed(`an import is of the unknown kind ${kind}`);
  }
  throw malformed("it imports no memory");
}

function skipTable(section: Reader): void {
  section.skip(1);
  const flags = section.unsigned();
  section.unsigned();
  if (flags & FLAG_MAXIMUM) section.unsigned();
}

function readMemory(section: Reader): Found {
  const at = section.offset;
  const flags = section.byte();
  if (flags > (FLAG_MAXIMUM | FLAG_SHARED)) throw malformed("its memory is not a 32-bit memory of 64 KiB pages");
  const minimum = section.unsigned();
  const maximum = flags & FLAG_MAXIMUM ? section.unsigned() : MAXIMUM_PAGES;
  return { at, pages: { minimum, maximum }, isShared: (flags & FLAG_SHARED) !== 0 };
}

function malformed(why: string): Error {
  return hostError("bad_module", `this is not a module that can be used here: ${why}`);
}

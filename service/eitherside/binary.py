"""Reads as much of the WebAssembly binary format as a host needs before it compiles a module.

Source: WebAssembly Core Specification 2.0, chapter 5; for shared memories the threads proposal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import ModuleError

PREAMBLE = b"\0asm\x01\0\0\0"
PAGE = 65536

_CUSTOM, _IMPORT, _EXPORT = 0, 2, 7
_FUNCTION, _TABLE, _MEMORY, _GLOBAL, _TAG = range(5)
_HAS_MAXIMUM, _SHARED = 1, 2


@dataclass(frozen=True)
class Section:
    """A section: its id, and where its contents start and end in the module's bytes."""

    id: int
    start: int
    end: int


@dataclass(frozen=True)
class MemoryImport:
    """An imported memory: its sizes in pages of 64 KiB, and the offset of its flags byte in the module."""

    minimum: int
    maximum: int | None
    shared: bool
    flags_at: int


@dataclass(frozen=True)
class Import:
    """An import: its two names, and what kind of memory it is where it is one."""

    module: str
    name: str
    memory: MemoryImport | None


class Reader:
    """A cursor over part of a module; every step out of it is a `ModuleError` that tells the offset."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self.data = data
        self.at = start
        self.end = end

    def take(self, count: int) -> bytes:
        """Returns the next `count` bytes."""
        if count > self.end - self.at:
            left = self.end - self.at
            raise ModuleError(
                f"the module is malformed: {count} bytes wanted at offset {self.at}, {left} left"
            )
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        """Returns the next byte."""
        return self.take(1)[0]

    def unsigned(self, bits: int = 32) -> int:
        """Returns the next LEB128 number, of at most `bits` bits."""
        value = shift = 0
        start = self.at
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= bits:
                raise ModuleError(
                    f"the module is malformed: number longer than {bits} bits at offset {start}"
                )
        if value >> bits:
            raise ModuleError(f"the module is malformed: number above {bits} bits at offset {start}")
        return value

    def text(self) -> str:
        """Returns the next name."""
        start = self.at
        try:
            return self.take(self.unsigned()).decode()
        except UnicodeDecodeError:
            raise ModuleError(f"the module is malformed: name at offset {start} is not UTF-8") from None


def sections(wasm: bytes) -> Iterator[Section]:
    """Yields the sections of a module.

    Raises:
        ModuleError: the bytes are no WebAssembly module of version 1, or a section reaches past the end.
    """
    if wasm[: len(PREAMBLE)] != PREAMBLE:
        raise ModuleError("the file is not a WebAssembly module of version 1: wrong magic bytes")
    reader = Reader(wasm, len(PREAMBLE), len(wasm))
    while reader.at < reader.end:
        identity = reader.byte()
        size = reader.unsigned()
        start = reader.at
        reader.take(size)
        yield Section(identity, start, reader.at)


def custom_section(wasm: bytes, name: str) -> bytes | None:
    """Returns the contents of the custom section `name`, or None where there is none.

    Raises:
        ModuleError: the module is malformed, or has two such sections.
    """
    found: bytes | None = None
    for section in sections(wasm):
        if section.id != _CUSTOM:
            continue
        reader = Reader(wasm, section.start, section.end)
        if reader.text() != name:
            continue
        if found is not None:
            raise ModuleError(f"the module has two custom sections {name}")
        found = wasm[reader.at : section.end]
    return found


def imports(wasm: bytes) -> list[Import]:
    """Returns what a module imports, in order.

    Raises:
        ModuleError: the import section is malformed or has a kind of import that this reader does not know.
    """
    found = []
    for section in sections(wasm):
        if section.id == _IMPORT:
            reader = Reader(wasm, section.start, section.end)
            found += [_import(reader) for _ in range(reader.unsigned())]
    return found


def exports(wasm: bytes) -> list[str]:
    """Returns the names of what a module exports, in order.

    Raises:
        ModuleError: the export section is malformed.
    """
    found = []
    for section in sections(wasm):
        if section.id == _EXPORT:
            reader = Reader(wasm, section.start, section.end)
            for _ in range(reader.unsigned()):
                found.append(reader.text())
                reader.byte()
                reader.unsigned()
    return found


def _import(reader: Reader) -> Import:
    module, name, kind = reader.text(), reader.text(), reader.byte()
    memory = None
    if kind == _FUNCTION:
        reader.unsigned()
    elif kind == _TABLE:
        reader.byte()
        _limits(reader)
    elif kind == _MEMORY:
        flags_at = reader.at
        memory = MemoryImport(*_limits(reader), flags_at)
    elif kind == _GLOBAL:
        reader.take(2)
    elif kind == _TAG:
        reader.byte()
        reader.unsigned()
    else:
        raise ModuleError(f"the module is malformed: import {module}.{name} is of the unknown kind {kind}")
    return Import(module, name, memory)


def _limits(reader: Reader) -> tuple[int, int | None, bool]:
    flags = reader.byte()
    if flags & ~(_HAS_MAXIMUM | _SHARED):
        raise ModuleError(f"the module's limits at offset {reader.at - 1} have the unknown flags {flags:#x}")
    minimum = reader.unsigned()
    maximum = reader.unsigned() if flags & _HAS_MAXIMUM else None
    return minimum, maximum, bool(flags & _SHARED)


def clear_shared(wasm: bytes, memory: MemoryImport) -> bytes:
    """Returns the module with `memory` imported as an ordinary one: same code, same output (docs/abi.md)."""
    if not memory.shared:
        return wasm
    patched = bytearray(wasm)
    patched[memory.flags_at] &= ~_SHARED
    return bytes(patched)

"""What is pinned in sources.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

NATIVE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class File:
    """A file of a Debian source package and its SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Source:
    """An upstream source: Debian's package, the folder it unpacks to, Debian's patches and our own."""

    name: str
    package: str
    version: str
    folder: str
    files: tuple[File, ...]
    patches: tuple[str, ...]
    own_patches: tuple[str, ...]


@dataclass(frozen=True)
class Toolchain:
    """Debian's suite, the version of its Emscripten package, and the packages that a build needs."""

    suite: str
    emscripten: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Flags:
    """Flags of the compiler for C and C++, of the compiler for C++ alone, and of wasm-opt."""

    compile: tuple[str, ...]
    compile_cxx: tuple[str, ...]
    wasm_opt: tuple[str, ...]


@dataclass(frozen=True)
class Pins:
    """All of sources.toml."""

    toolchain: Toolchain
    flags: Flags
    sources: tuple[Source, ...]


def load() -> Pins:
    """Read sources.toml.

    Raises:
        KeyError, tomllib.TOMLDecodeError: where the file is not as this module expects it.
    """
    raw = tomllib.loads((NATIVE / "sources.toml").read_text())
    tools = raw["toolchain"]
    return Pins(
        Toolchain(tools["suite"], tools["emscripten"], tuple(tools["packages"])),
        Flags(*(tuple(raw["flags"][key]) for key in ("compile", "compile_cxx", "wasm_opt"))),
        tuple(
            Source(
                entry["name"],
                entry["package"],
                entry["version"],
                entry["folder"],
                tuple(File(file["name"], file["sha256"]) for file in entry["files"]),
                tuple(entry.get("patches", ())),
                tuple(entry.get("own_patches", ())),
            )
            for entry in raw["source"]
        ),
    )

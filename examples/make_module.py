"""Builds a module in C with the helper header native/include/eitherside.h.

The compiler is Clang as the PyPI package ziglang ships it, pinned in requirements-examples.lock (`make
examples`). The same sources give the same bytes each time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from eitherside.binary import custom_section
from eitherside.errors import ModuleError
from eitherside.files import write_atomically
from eitherside.interface import SECTION
from eitherside.module import Module

ROOT = Path(__file__).resolve().parent.parent
INTERFACE = "interface.json"
PAGE = 65536

COMPILE = (
    *("-target", "wasm32-freestanding", "-std=c11", "-O2", "-msimd128"),
    *("-nostdlib", "-ffreestanding", "-ffp-contract=off"),
    *("-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Wno-c23-extensions", "-Werror"),
)
# The linker puts the stack below all else, so that a call which overflows it traps.
LINK = ("--no-entry", "--import-memory", "--strip-all", "-z", f"stack-size={4 * PAGE}")
MEMORY = (f"--initial-memory={16 * PAGE}", f"--max-memory={65535 * PAGE}")

# What the helper header checks options by; annotations change nothing.
CHECKED = {"type", "enum", "minimum", "maximum", "items", "maxItems", "default"}
# Of an object it checks that it is one; its members are for the module's own code to check.
OBJECTS = {"properties", "required", "additionalProperties"}
# A host that serves strangers holds them to `untrusted_maximum`, the module does not.
ANNOTATIONS = {"title", "description", "unit", "format_option", "untrusted_maximum"}


class BuildError(Exception):
    """The module could not be built; the message says why."""


def build(source: Path, target: Path) -> Module:
    """Builds the module of a C file; its interface is the file interface.json beside it.

    Args:
        source: the C file.
        target: where the module goes; it is never seen half-written.

    Raises:
        BuildError: the compiler found something wrong, or the interface is not one that hosts accept.
    """
    folder = source.resolve().parent
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.resolve().with_name(f".{target.name}.{os.getpid()}")
    cache = str(ROOT / "build" / "zig-cache")
    linker = [f"-Wl,{','.join(LINK + MEMORY)}"]
    command = [sys.executable, "-m", "ziglang", "cc", *COMPILE, *linker]
    # In the source's folder, as both the assembler and #embed look for the interface there.
    command += [f"-I{ROOT / 'native' / 'include'}", "--embed-dir=.", source.name, "-o", str(part)]
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
    try:
        if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
            raise BuildError(f"{source} could not be compiled")
        module = _checked(part, folder / INTERFACE)
        write_atomically(target, [module.bytes], durable=False)
    finally:
        part.unlink(missing_ok=True)
    return Module(target)


def _checked(path: Path, interface: Path) -> Module:
    try:
        module = Module(path)
    except ModuleError as error:
        raise BuildError(f"{interface}: {error}") from None
    if custom_section(module.bytes, SECTION) != interface.read_bytes():
        raise BuildError(f"the module does not carry {interface}")
    for function in module.interface.functions.values():
        for name, schema in function.properties.items():
            _check_schema(f"{function.name}: the option {name}", schema)
    return module


def _check_schema(where: str, schema: dict[str, Any]) -> None:
    checked = CHECKED | (OBJECTS if schema.get("type") == "object" else set())
    unknown = sorted(set(schema) - checked - ANNOTATIONS)
    if unknown:
        raise BuildError(f"{where} has {unknown[0]}, which the module would not check; it checks {checked}")
    if not isinstance(schema.get("type"), str):
        raise BuildError(f"{where} needs one type")
    if schema["type"] == "array":
        _check_schema(f"each item of {where}", schema.get("items", {}))


def main() -> int:
    """Runs the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="the C file; interface.json lies beside it")
    parser.add_argument("-o", "--out", type=Path, help="the module; by default build/examples/NAME.wasm")
    arguments = parser.parse_args()
    source: Path = arguments.source
    target: Path = arguments.out or ROOT / "build" / "examples" / f"{source.stem}.wasm"
    try:
        module = build(source, target)
    except (BuildError, OSError) as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    functions = ", ".join(module.interface.functions)
    print(f"{target}: {len(module.bytes):,} bytes, SHA-256 {module.sha256}, functions {functions}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

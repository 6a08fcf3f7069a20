"""Compiles the module and finishes it: optimised, with polls, checked, with its interface."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from recipe import wasm
from recipe.fetch import fetch, unpack
from recipe.pins import NATIVE, Pins
from recipe.place import Place
from recipe.polls import with_polls
from recipe.report import BuildError, progress, step

SECTION = "eitherside:interface"
ALLOWED_IMPORTS = {
    "env.memory",
    *(f"wasi_snapshot_preview1.{name}" for name in ("fd_close", "fd_write", "fd_seek", "proc_exit")),
}


def embedded_interface() -> bytes:
    """interface.json as the module carries it: references resolved, no spaces, ASCII."""
    raw = json.loads((NATIVE / "interface.json").read_text())
    definitions = raw.pop("$defs")

    def resolve(value: object) -> object:
        if isinstance(value, dict):
            if "$ref" in value:
                return resolve(definitions[value["$ref"].removeprefix("#/$defs/")])
            return {key: resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [resolve(item) for item in value]
        return value

    return json.dumps(resolve(raw), separators=(",", ":")).encode()


def native_hash() -> str:
    """SHA-256 over the names and contents of all files under native/, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(NATIVE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(NATIVE).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def build(place: Place, pins: Pins) -> bytes:
    """Build the module from its sources in a fresh folder.

    Raises:
        BuildError: a step failed, or the module imports what it must not.
    """
    files = fetch(place, pins)
    before = native_hash()
    with place.work_folder() as (outside, inside):
        step("unpacking and patching the sources")
        (outside / "upstream").mkdir()
        unpack(pins, files, outside / "upstream")
        shutil.copytree(NATIVE, outside / "native", ignore=shutil.ignore_patterns("__pycache__", ".*"))
        (outside / "embedded").mkdir()
        (outside / "embedded" / "interface.embedded.json").write_bytes(embedded_interface())
        _compile(place, pins, inside)
        step("optimising")
        place.run(
            ["wasm-opt", *pins.flags.wasm_opt, f"{inside}/out/codec.wasm", "-o", f"{inside}/codec.wasm"],
            on_line=progress,
        )
        module, polls = with_polls((outside / "codec.wasm").read_bytes())
        step(f"put {polls} polls of the stop word into loops")
    if before != native_hash():
        raise BuildError("native/ changed during the build; run it again")
    surplus = set(wasm.imports(module)) - ALLOWED_IMPORTS
    if surplus:
        raise BuildError(f"the module imports what it must not: {', '.join(sorted(surplus))}")
    return wasm.with_custom_section(module, SECTION, embedded_interface())


def _compile(place: Place, pins: Pins, inside: str) -> None:
    c_flags = [*pins.flags.compile, f"-ffile-prefix-map={inside}=."]
    step("configuring")
    place.run(
        [
            *("emcmake", "cmake", "-G", "Ninja", "-B", f"{inside}/out", "-S", f"{inside}/native"),
            "-DCMAKE_BUILD_TYPE=None",
            f"-DCMAKE_C_FLAGS={' '.join(c_flags)}",
            f"-DCMAKE_CXX_FLAGS={' '.join([*c_flags, *pins.flags.compile_cxx])}",
            f"-DUPSTREAM={inside}/upstream",
            f"-DEMBEDDED={inside}/embedded",
        ],
        on_line=progress,
    )
    step("compiling (some minutes)")
    last = -1

    def show(line: str) -> None:
        nonlocal last
        progress(line)
        done, slash, rest = line.removeprefix("[").partition("/")
        total = rest.partition("]")[0]
        if not (slash and done.isdigit() and total.isdigit()):
            return
        tenth = 10 * int(done) // int(total)
        if tenth != last:
            last = tenth
            step(f"compiled {done} of {total}")

    place.run(["ninja", "-C", f"{inside}/out", "-j", str(os.cpu_count() or 1), "codec"], on_line=show)


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.rename(path)

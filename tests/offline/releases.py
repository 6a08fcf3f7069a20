"""Releases of the service: the package with a viewer and a module of its own, as upgrades bring them."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import eitherside
from eitherside.module import shipped_folder
from server import Server, running_server

LAZY = "histogram.worker"
"""Part of the name of a script that the viewer loads when it is needed."""


def lazy(static: Path) -> str:
    """Name of that script in a build."""
    (found,) = (static / "assets").glob(f"{LAZY}-*.js")
    return found.name


def next_release(folder: Path, title: str) -> Path:
    """Makes a release whose viewer has another title and other scripts, and whose module is another one.

    Args:
        folder: where it is made; a PYTHONPATH with it has Python run that release.
        title: of the viewer's page.

    Returns:
        The folder of its viewer.
    """
    package = folder / "eitherside"
    source = Path(eitherside.__file__).parent
    shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
    build = package / "build"
    static = build / "static"
    skipped = shutil.ignore_patterns("*.br", "*.gz", "module", "element.js", "decoding-*")
    shutil.copytree(shipped_folder() / "static", static, ignore=skipped)
    # One more custom section: the same functions, another hash.
    module = (shipped_folder() / "codec.wasm").read_bytes()
    (build / "codec.wasm").write_bytes(module + b"\x00\x06\x05other")
    _rename(static, title)
    return static


@contextmanager
def running_release(folder: Path, port: int) -> Iterator[Server]:
    """Runs a release at a port."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(folder)
    try:
        with running_server(port=port) as server:
            yield server
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _rename(static: Path, title: str) -> None:
    """Changes the title, the names of two scripts, and what names or checks them."""
    texts = {file: file.read_text() for file in static.rglob("*") if file.suffix in (".js", ".html", ".css")}
    renamed = {
        old.name: old.name.replace(old.stem[-8:], title[:8].ljust(8, "0"))
        for part in (LAZY, "viewer")
        for old in (static / "assets").glob(f"{part}-*.js")
    }
    page, worker = static / "index.html", static / "sw.js"
    digests = {file: _integrity(text) for file, text in texts.items()}
    made = {}
    for file, text in texts.items():
        for old, new in renamed.items():
            text = text.replace(old, new)
        made[file] = text
    (old_build,) = re.findall(r'name="build" content="([0-9a-f]{64})"', made[page])
    new_build = hashlib.sha256(title.encode()).hexdigest()
    made[page] = made[page].replace(old_build, new_build)
    made[page] = re.sub("<title>.*</title>", f"<title>{title}</title>", made[page])
    made[worker] = made[worker].replace(old_build, new_build)
    for file, text in made.items():
        made[worker] = made[worker].replace(digests[file], _integrity(text))
    for file, text in made.items():
        file.unlink()
        file.with_name(renamed.get(file.name, file.name)).write_text(text)


def _integrity(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

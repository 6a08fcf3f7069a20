"""The base image's like: Debian's smallest system, made by debootstrap and kept."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.shell import run

SUITES = {"13": "trixie"}

_SOURCES = """Types: deb
URIs: {archive}
Suites: {suite} {suite}-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp

Types: deb
URIs: {archive}-security
Suites: {suite}-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp
"""


def cache_folder() -> Path:
    """Where base folders are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eitherside" / "rehearsal"


def base_folder(image: str) -> Path:
    """A folder with what the image `image` has, made where absent.

    Raises:
        RehearsalError: it is no image of Debian that can be made here, or making it failed.
    """
    match = re.fullmatch(r"debian:(?:(\d+)(?:\.\d+)?|([a-z]+))-slim", image)
    suite = match and (SUITES.get(match[1]) if match[1] else match[2])
    if not suite or suite not in SUITES.values():
        raise RehearsalError(f"only images debian:13...-slim and trixie-slim can be rehearsed, not {image}")
    folder = cache_folder() / suite
    if not folder.is_dir():
        _bootstrap(suite, folder)
    return folder


def version(folder: Path) -> str:
    """The point release that a base folder has."""
    return (folder / "etc/debian_version").read_text().strip()


def _bootstrap(suite: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{suite}-", dir=folder.parent))
    made.chmod(0o755)
    try:
        run(["debootstrap", "--variant=minbase", suite, str(made)], name="debootstrap")
        # As the official images have it: no list of packages, sources in the newer format.
        written = made / "etc/apt/sources.list"
        archive = next(
            line.split()[1] for line in written.read_text().splitlines() if line.startswith("deb ")
        )
        written.unlink()
        sources = made / "etc/apt/sources.list.d/debian.sources"
        sources.write_text(_SOURCES.format(archive=archive.rstrip("/"), suite=suite))
        run(["sh", "-c", f'rm -rf "{made}"/var/lib/apt/lists/* "{made}"/var/cache/apt/archives/*.deb'])
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise

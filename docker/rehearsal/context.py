"""The build context: the files that .dockerignore lets through."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from docker.utils.build import exclude_paths

IGNORE = ".dockerignore"


def context_files(root: Path, dockerfile: str) -> set[str]:
    """The files and links of the context, relative to `root`."""
    lines = (root / IGNORE).read_text().splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    found = exclude_paths(str(root), patterns, dockerfile=dockerfile)
    return {name for name in found if (root / name).is_symlink() or (root / name).is_file()}


def send(root: Path, dockerfile: str, target: Path) -> None:
    """Copy the context into the folder `target`."""
    for name in sorted(context_files(root, dockerfile)):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, copy, follow_symlinks=False)
        os.chown(copy, 0, 0, follow_symlinks=False)

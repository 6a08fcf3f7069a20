"""Where outputs go: names that are clear, stay in their folder, and replace nothing unless asked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

import click

from ..files import write_atomically


class TargetError(OSError):
    """An output cannot go where it should: something is there, or it would leave its folder."""


def named(sources: Sequence[PurePath], extension: str) -> list[PurePath]:
    """Returns the name of the output of each source.

    The source's name with another extension, `a.png` to `a.jxl`; where two would be the same, with one more,
    `a.png.jxl`.

    Raises:
        click.UsageError: even so two would be the same.
    """
    whole: set[int] = set()
    while True:
        found = [
            name.with_name(f"{name.name}.{extension}")
            if index in whole
            else name.with_suffix(f".{extension}")
            for index, name in enumerate(sources)
        ]
        uses = Counter(found)
        clashing = {index for index, name in enumerate(found) if uses[name] > 1}
        if clashing <= whole:
            break
        whole |= clashing
    if clashing:
        name = found[min(clashing)]
        raise click.UsageError(
            f"{uses[name]} files would become {name}: give their common folder, with --recursive"
        )
    return found


def inside(folder: Path, name: PurePath) -> Path:
    """Returns the path of `name` in `folder`.

    Raises:
        TargetError: it would be outside of the folder, by its name or by a link.
    """
    target = folder / name
    is_odd = name.is_absolute() or ".." in name.parts
    if is_odd or not Path(os.path.realpath(target)).is_relative_to(os.path.realpath(folder)):
        raise TargetError(f"{target} is not inside {folder}")
    return target


def check_free(path: Path, *, overwrite: bool) -> None:
    """Does nothing where `path` may be written.

    Raises:
        TargetError: something is there.
    """
    if not overwrite and os.path.lexists(path) and not _is_stream(path):
        raise TargetError(f"{path} is there already; --overwrite replaces it")


def write(path: Path, parts: Iterable[bytes | bytearray | memoryview], *, overwrite: bool) -> None:
    """Writes a file as a whole or not at all; a device or a pipe as it comes.

    Raises:
        TargetError: something is there.
        OSError: it cannot be written.
    """
    if _is_stream(path):
        with path.open("wb") as stream:
            stream.writelines(parts)
        return
    check_free(path, overwrite=overwrite)
    try:
        write_atomically(path, parts, replace=overwrite)
    except FileExistsError:
        # Somebody else was quicker.
        raise TargetError(f"{path} is there already; --overwrite replaces it") from None


def _is_stream(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()

"""The files that a command works on: as named, by a pattern, or in a folder."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

STREAM = "-"
"""Stands for standard input, or output."""


@dataclass(frozen=True)
class Source:
    """A file to be read.

    Attributes:
        path: where it is, as the user would name it; `STREAM` for standard input.
        name: its name below a folder of outputs: never absolute, and without "..".
    """

    path: str
    name: PurePath


@dataclass(frozen=True)
class Sources:
    """The files that arguments stand for.

    Attributes:
        files: each once, in the order of the arguments; those of a pattern or a folder by name.
        several: whether they could be several: there were several arguments, a pattern, or a folder.
    """

    files: Sequence[Source]
    several: bool


def expanded(
    arguments: Sequence[str],
    extensions: Callable[[], Collection[str]],
    *,
    recursive: bool = False,
    leave_out: Path | None = None,
) -> Sources:
    """Returns the files that arguments stand for.

    What exists is taken as it is named, even with a wildcard in its name. What does not exist and has a
    wildcard is a pattern. Of a folder all files count that have one of the extensions; hidden ones never.

    Args:
        arguments: paths, patterns, folders, `STREAM`.
        extensions: tells what files in folders end in, without a dot; asked only where there are folders.
        recursive: whether folders below folders count.
        leave_out: a folder of outputs, whose files are none of the inputs.

    Raises:
        click.UsageError: a pattern or a folder stands for nothing, or standard input is named twice.
        OSError: a folder cannot be read.
    """
    if list(arguments).count(STREAM) > 1:
        raise click.UsageError("standard input can be read once only")
    found: list[Source] = []
    several = len(arguments) > 1
    for argument in arguments:
        path = Path(argument)
        if argument == STREAM:
            found.append(Source(STREAM, PurePath("stdin")))
        elif path.is_dir():
            several = True
            found += _folder(path, extensions(), recursive, leave_out)
        elif glob.has_magic(argument) and not os.path.lexists(path):
            several = True
            found += _matches(argument)
        else:
            found.append(Source(argument, PurePath(path.name)))
    return Sources(list(dict.fromkeys(found)), several)


def files_below(folder: Path, *, recursive: bool, leave_out: Path | None = None) -> Iterator[Path]:
    """Yields the files of a folder by name, hidden ones left out; links to folders are not followed.

    Raises:
        OSError: a folder cannot be read.
    """
    apart = leave_out.resolve() if leave_out is not None else None
    for place, folders, names in os.walk(folder, onerror=_refused):
        here = Path(place)
        kept = [name for name in sorted(folders) if not name.startswith(".")]
        folders[:] = [name for name in kept if (here / name).resolve() != apart] if recursive else []
        yield from (here / name for name in sorted(names) if not name.startswith("."))


def has_extension(path: PurePath, extensions: Collection[str]) -> bool:
    """Tells whether a file's name ends in one of `extensions`, in whatever case, where there are any."""
    return not extensions or path.suffix.lstrip(".").lower() in extensions


def _folder(
    folder: Path, extensions: Collection[str], recursive: bool, leave_out: Path | None
) -> list[Source]:
    found = [
        Source(str(path), path.relative_to(folder))
        for path in files_below(folder, recursive=recursive, leave_out=leave_out)
        if has_extension(path, extensions)
    ]
    if not found:
        kinds = f" that ends in {', '.join(f'.{name}' for name in extensions)}" if extensions else ""
        more = "" if recursive else "; --recursive looks into the folders below it"
        raise click.UsageError(f"{folder} has no file{kinds}{more}")
    return found


def _matches(pattern: str) -> list[Source]:
    root = _fixed(pattern)
    # Not by Path.glob, which finds hidden files, too.
    paths = sorted(Path(path) for path in glob.iglob(pattern, recursive=True))  # noqa: PTH207
    found = [Source(str(path), path.relative_to(root)) for path in paths if not path.is_dir()]
    if not found:
        raise click.UsageError(f"no file matches {pattern}")
    return [
        source if ".." not in source.name.parts else Source(source.path, PurePath(source.name.name))
        for source in found
    ]


def _fixed(pattern: str) -> Path:
    """Returns the folder that a pattern begins with, up to its first wildcard."""
    steps: list[str] = []
    for step in Path(pattern).parts[:-1]:
        if glob.has_magic(step):
            break
        steps.append(step)
    return Path(*steps)


def _refused(error: OSError) -> None:
    raise error

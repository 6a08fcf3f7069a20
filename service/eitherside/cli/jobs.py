"""The calls that a command's arguments ask for: one, or one for each of many files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

import click

from ..interface import Function, Input
from .outputs import NPY
from .sources import STREAM, Source, Sources, expanded
from .transcoding import Transcoder


@dataclass(frozen=True)
class Job:
    """One call.

    Attributes:
        files: paths, by the inputs that are arguments.
        name: what its outputs are named after, in a folder.
    """

    files: Mapping[str, Sequence[str]]
    name: PurePath

    @property
    def paths(self) -> list[str]:
        """All files, in the order of the inputs."""
        return [path for paths in self.files.values() for path in paths]


@dataclass(frozen=True)
class Jobs:
    """What is to be done; `several` tells whether it could have been more than one call."""

    calls: Sequence[Job]
    several: bool


def main_inputs(function: Function) -> tuple[list[Input], list[Input]]:
    """Returns the inputs that are arguments, and those that are flags."""
    main: list[Input] = []
    for item in function.inputs:
        if item.optional or (main and main[-1].repeated):
            break
        main.append(item)
    return main, function.inputs[len(main) :]


def jobs(
    function: Function,
    transcoder: Transcoder,
    arguments: Mapping[str, Sequence[str]],
    *,
    recursive: bool,
    leave_out: Path | None,
) -> Jobs:
    """Returns the calls that arguments ask for.

    A repeated input takes all its files in one call. Else there is a call for each file; where a function
    takes several, files of one name belong together, and a single one belongs to all.

    Args:
        function: is called.
        transcoder: knows the formats that are read.
        arguments: paths, patterns and folders, by the inputs that are arguments.
        recursive: whether folders below folders count.
        leave_out: a folder of outputs.

    Raises:
        click.UsageError: nothing is there, or files have no partners.
        OSError: a folder cannot be read.
    """
    main, _ = main_inputs(function)
    if [path for paths in arguments.values() for path in paths].count(STREAM) > 1:
        raise click.UsageError("standard input can be read once only")
    found = {
        item.name: expanded(
            arguments[item.name],
            partial(extensions, function, item, transcoder),
            recursive=recursive,
            leave_out=leave_out,
        )
        for item in main
    }
    if any(item.repeated for item in main):
        files = {name: [source.path for source in sources.files] for name, sources in found.items()}
        return Jobs([Job(files, next(iter(found.values())).files[0].name)], several=False)
    return _paired(found)


def extensions(function: Function, item: Input, transcoder: Transcoder) -> list[str]:
    """Returns what the files of an input may end in; nothing where anything will do."""
    if item.array is not None:
        return [NPY]
    if item is function.inputs[0]:
        formats = transcoder.read()
    else:
        formats = [transcoder.interface.formats[name] for name in item.formats]
    return [extension for known in formats for extension in known.extensions]


def _paired(found: Mapping[str, Sources]) -> Jobs:
    several = [name for name, sources in found.items() if sources.several]
    alone = {name: sources.files[0] for name, sources in found.items() if not sources.several}
    if not several:
        files = {name: [alone[name].path] for name in found}
        return Jobs([Job(files, next(iter(alone.values())).name)], several=False)
    if len(several) == 1:
        rows = [{several[0]: source} for source in found[several[0]].files]
    else:
        rows = _matched({name: found[name].files for name in several})
    calls = [Job({name: [(row | alone)[name].path] for name in found}, row[several[0]].name) for row in rows]
    return Jobs(calls, several=True)


def _matched(found: Mapping[str, Sequence[Source]]) -> list[dict[str, Source]]:
    """Returns the files of one name, whatever their extension, together."""
    stems: dict[PurePath, dict[str, Source]] = {}
    for name, sources in found.items():
        for source in sources:
            row = stems.setdefault(source.name.with_suffix(""), {})
            if name in row:
                raise click.UsageError(f"{row[name].path} and {source.path} have one name: which is meant?")
            row[name] = source
    for row in stems.values():
        if len(row) < len(found):
            lonely = next(iter(row.values()))
            raise click.UsageError(f"{lonely.path} has no partner: files of one name belong together")
    return list(stems.values())

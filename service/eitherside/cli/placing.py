"""Where the outputs of each call of a command go."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import click

from ..interface import Function
from .failure import flag_name
from .jobs import Job, Jobs
from .outputs import NPY, Targets
from .sources import STREAM
from .targets import inside, named
from .transcoding import Transcoder


@dataclass(frozen=True)
class Asked:
    """What the command line says about outputs.

    Attributes:
        main: the file or folder for the first output; `STREAM`: standard output.
        saved: files or folders for further outputs, by their names.
        page: the file or folder for reports.
        overwrite: whether files may be replaced.
    """

    main: str | None = None
    saved: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    overwrite: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether the first output goes into a folder: one that is there, or a name that ends in a slash."""
        if self.main is None or self.main == STREAM:
            return False
        return self.main.endswith(("/", os.sep)) or Path(self.main).is_dir()


@dataclass(frozen=True)
class Task:
    """A call and where its outputs go."""

    job: Job
    targets: Targets


def placed(
    found: Jobs, asked: Asked, function: Function, transcoder: Transcoder, chosen: object
) -> list[Task]:
    """Returns the calls with the places of their outputs.

    Args:
        found: the calls.
        asked: where their outputs are to go.
        function: that is called.
        transcoder: knows the formats that are written.
        chosen: value of the option for the output's format; None where it was not given.

    Raises:
        click.UsageError: two outputs would have one name, a folder is a file, or the format is not told.
        TargetError: one would leave its folder.
    """
    names = [job.name for job in found.calls]
    if not (found.several or asked.is_folder):
        return [Task(found.calls[0], Targets(asked.main, asked.saved, asked.page, asked.overwrite))]
    mains = _within(asked.main, names, _extension(function, transcoder, chosen) if asked.main else "")
    if not found.several:
        target = Targets(mains[0], asked.saved, asked.page, asked.overwrite, makes_folders=True)
        return [Task(found.calls[0], target)]
    arrays = {item.name for item in function.outputs if item.array is not None}
    saved = {
        name: _within(path, names, f"{name}.{NPY}" if name in arrays else name)
        for name, path in asked.saved.items()
    }
    pages = _within(asked.page, names, "html")
    return [
        Task(
            job,
            Targets(
                mains[index],
                {name: path for name, paths in saved.items() if (path := paths[index]) is not None},
                pages[index],
                asked.overwrite,
                makes_folders=True,
            ),
        )
        for index, job in enumerate(found.calls)
    ]


def _within(folder: str | None, names: Sequence[PurePath], extension: str) -> Sequence[str | None]:
    """Returns the path in a folder for each name; nothing where no folder was asked for."""
    if folder is None:
        return [None] * len(names)
    if folder == STREAM:
        raise click.UsageError("standard output takes one file: several go into a folder")
    if Path(folder).exists() and not Path(folder).is_dir():
        raise click.UsageError(f"{folder} is a file: several files go into a folder")
    return [str(inside(Path(folder), name)) for name in named(names, extension)]


def _extension(function: Function, transcoder: Transcoder, chosen: object) -> str:
    """Returns the extension of the first outputs in a folder."""
    option = function.format_option
    first = function.outputs[0]
    if option is None:
        formats = transcoder.interface.formats.values()
        known = [item.extensions[0] for item in formats if item.media_type == first.media_type]
        return NPY if first.array is not None else next(iter(known), first.name)
    wanted = chosen if chosen is not None else function.properties[option].get("default")
    written = transcoder.written()
    for item in written:
        if item.name == wanted:
            return item.extensions[0]
    if chosen is not None and any(item.array for item in function.outputs):
        return NPY
    names = ", ".join(item.name for item in written)
    raise click.UsageError(f"{flag_name(option)} must tell the format of files in a folder: {names}")

"""The command that works through a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from ..errors import ModuleError
from ..interface import Function
from .context import Context, json_flag
from .failure import told
from .makers import maker
from .options import given_options, option_flags
from .outcomes import KINDS


class BatchCommand(click.Command):
    """Stands for the command until the module is known, as its flags are those of a function."""

    def made(self, functions: Iterable[Function]) -> click.Command:
        """Returns the command for the function that makes files of a chosen format.

        Raises:
            ModuleError: the module has none.
        """
        function = maker(functions)
        if function is None:
            raise ModuleError("batch: the module has no function that makes files of a chosen format")
        return _command(function)


batch_command = BatchCommand("batch", help="Works through a folder.", short_help="Works through a folder.")


def _params() -> list[click.Parameter]:
    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    return [
        click.Argument(["source"], metavar="SRC", type=folder),
        click.Argument(["destination"], metavar="DST", type=click.Path(file_okay=False, path_type=Path)),
        click.Option(
            ["--jobs"], type=click.IntRange(1, 1024), help="Files at once  [default: as many as --threads]"
        ),
        click.Option(["--dry-run"], is_flag=True, help="Tell what would be done, and write nothing."),
        click.Option(["--again"], is_flag=True, help="Make every file, also those that are done."),
        click.Option(
            ["--overwrite"],
            is_flag=True,
            help="Replace files that no batch has made, or that were changed since; else they are failures.",
        ),
        click.Option(
            ["--keep-structure/--flat"],
            default=True,
            help="Make the same folders below DST as there are below SRC (the default), or put all into DST.",
        ),
        click.Option(
            ["--skip-if-larger"],
            is_flag=True,
            help="Leave out what would not be smaller than its source.",
        ),
        click.Option(
            ["--report"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help=f"Write what became of each file, in the format of the name: {', '.join(KINDS)}. "
            "One of an earlier run is replaced.",
        ),
    ]


def _command(function: Function) -> click.Command:
    params = _params()
    taken = {flag for item in params for flag in (*item.opts, *item.secondary_opts)}

    @json_flag
    @click.pass_obj
    def run(context: Context, /, **arguments: Any) -> None:
        from .batching import Batch, How

        with told():
            options = given_options(arguments)
            source, destination = arguments.pop("source"), arguments.pop("destination")
            Batch(context, function, options, source, destination, How(**arguments)).run()

    more = run.__click_params__  # type: ignore[attr-defined]
    return click.Command(
        "batch",
        params=[*params, *option_flags(function, required=function.required, taken=taken), *more],
        callback=run,
        short_help=f"{function.name}s every image below a folder.",
        help=(
            f"{function.name.capitalize()}s every image below SRC into the same place below DST.\n\n"
            "Started again, it goes on where it was stopped: a file is made again only where its source or "
            "the options changed, told by size, time of change, and a hash of module and options. No file "
            "is ever seen half written. Hidden files are left out, and so is what has no extension of a "
            "format that is read. Exit status 1 where any file failed."
        ),
    )

"""The command that opens the viewer on files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..module import Module
from .context import Context, json_flag, to_stdout
from .failure import told
from .sources import STREAM, expanded

if TYPE_CHECKING:
    from ..http.opened import OpenedFile


@click.command("view")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path())
@click.option(
    "-r", "--recursive", is_flag=True, help="Folders stand for the files in all folders below them, too."
)
@click.option(
    "--open/--no-open",
    "opens",
    default=True,
    help="Open a browser (the default), or leave it at the address.",
)
@click.option(
    "--idle",
    type=click.FloatRange(0, 86400),
    default=30.0,
    show_default=True,
    help="Seconds after which it ends by itself once its page is gone; 0: only Ctrl-C ends it.",
)
@json_flag
@click.pass_obj
def view_command(
    context: Context, files: tuple[str, ...], recursive: bool, opens: bool, idle: float, as_json: bool
) -> None:
    """Opens the viewer on FILEs: paths, folders, patterns, or - for standard input.

    The viewer is served to this machine alone, on a free port, and so are the files, these and no others, at
    addresses that cannot be guessed. Nothing of them can be changed. Ctrl-C ends it, with status 0.
    """
    with told():
        found = _opened(context.module, files, recursive=recursive)
        from .viewing import Viewing

        viewing = Viewing(context, found, idle)
        if as_json:
            to_stdout({"url": viewing.url, "files": [file.name for file in found]}, plain=True)
        else:
            click.echo(viewing.url)
            click.echo("eitherside: Ctrl-C ends the viewer", err=True)
        sys.stdout.flush()
        viewing.run(opens=opens)


def _opened(module: Module, files: tuple[str, ...], *, recursive: bool) -> list[OpenedFile]:
    from ..foreign.formats import KNOWN
    from ..http.opened import OpenedFile

    formats = [*module.interface.formats.values(), *(item.format for item in KNOWN)]
    extensions = [extension for item in formats if item.read for extension in item.extensions]
    opened = []
    for source in expanded(files, lambda: extensions, recursive=recursive).files:
        if source.path == STREAM:
            opened.append(OpenedFile(source.name.name, data=sys.stdin.buffer.read()))
            continue
        path = Path(source.path)
        if path.exists() and not path.is_file():
            raise click.UsageError(f"{path} is no file")
        # What is not there, or may not be read, is told here and not in the page.
        with path.open("rb"):
            opened.append(OpenedFile(path.name, path.resolve()))
    return opened

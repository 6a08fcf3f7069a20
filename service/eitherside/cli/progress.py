"""A bar on a terminal that tells how many of many are done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .context import errors


@contextmanager
def counted(what: str, total: int, *, prints: bool) -> Iterator[Callable[[str], None]]:
    """Yields what counts one more, with a word about it. Shows nothing where standard error is no terminal.

    Args:
        what: is counted.
        total: how many there are.
        prints: whether results go to standard output meanwhile; the bar would be in their way on a terminal.
    """
    if not sys.stderr.isatty() or (prints and sys.stdout.isatty()):
        yield lambda text: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}", markup=False),
    )
    with Progress(*columns, console=errors()) as progress:
        bar = progress.add_task(what, total=total, text="")
        yield lambda text: progress.update(bar, advance=1, text=text)

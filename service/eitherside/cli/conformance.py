"""The command that runs the conformance suite."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from ..engines import ENGINES
from ..files import write_atomically
from .context import Context, errors, json_flag, to_stdout
from .failure import told
from .status import FAILED

if TYPE_CHECKING:
    from ..conformance.check import Verdict

ALL = "all"


@click.command("conformance")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--engine",
    "engines",
    multiple=True,
    type=click.Choice([*ENGINES, ALL]),
    default=("wasmtime",),
    show_default=True,
    help="Where the module runs; may be given several times.",
)
@click.option(
    "--only", multiple=True, metavar="NAME", help="This test case alone; may be given several times."
)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for all figures, as JSON; one that is there is replaced.",
)
@json_flag
@click.pass_obj
def conformance_command(
    context: Context,
    directory: Path,
    engines: tuple[str, ...],
    only: tuple[str, ...],
    target: Path | None,
    as_json: bool,
) -> None:
    """Runs the conformance suite of ISO/IEC 18181-3 in DIR on the module.

    Every test case is decoded to floats and compared with the suite's references, frame by frame: root of the
    mean square and peak of the errors. Profiles and reconstructed JPEG files are compared by their SHA-256,
    and so is what the file says of itself. The exit status is 0 only if all pass.

    Where the suite's own samples are not at hand, native libjxl gives them: pip install
    'eitherside[conformance]', which also brings what drives the browsers.
    """
    with told(), _stoppable():
        from ..conformance.references import References
        from ..conformance.report import document, text
        from ..conformance.run import run
        from ..conformance.suite import read_suite

        cases = [case for case in read_suite(directory) if not only or case.name in only]
        if unknown := set(only) - {case.name for case in cases}:
            raise click.UsageError(f"{directory} has no test case {min(unknown)}")
        names = ENGINES if ALL in engines else tuple(dict.fromkeys(engines))
        with References() as known, _Shown(len(cases) * len(names)) as shown:
            verdicts, versions = run(context.module, cases, names, known, shown)
        found = document(verdicts, versions, context.module)
        if as_json:
            to_stdout(found, plain=True)
        else:
            _print(verdicts)
        if target is not None:
            write_atomically(target, [text(found)])
    failed = sum(not verdict.passed for verdict in verdicts)
    click.echo(f"{len(verdicts) - failed} passed, {failed} failed", err=True)
    if failed:
        raise click.exceptions.Exit(FAILED)


class _Shown:
    """Progress: a bar on a terminal, else a line for each verdict."""

    def __init__(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._console = errors()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._progress.add_task("", total=total)

    def __enter__(self) -> _Shown:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def __call__(self, doing: str, verdict: Verdict | None) -> None:
        self._progress.update(self._task, description=doing, advance=0 if verdict is None else 1)
        if verdict is not None and not self._console.is_terminal:
            click.echo(
                f"{doing}: {'pass' if verdict.passed else 'FAIL: ' + '; '.join(verdict.faults)}", err=True
            )


def _print(verdicts: list[Verdict]) -> None:
    from rich.console import Console
    from rich.table import Table

    from ..conformance.report import HEADER, row

    # A pipe has no width that a table would have to fit.
    console = Console(width=None if sys.stdout.isatty() else 240)
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in HEADER:
        table.add_column(name, no_wrap=name != HEADER[-1])
    for verdict in verdicts:
        table.add_row(*row(verdict), style=None if verdict.passed else "red")
    console.print(table)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Has SIGTERM end the command as Ctrl-C does: with everything stopped that was started."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

"""Makes the calls of a command: one, or one for each of many files."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from ..errors import EithersideError
from ..interface import Function, Input
from ..request import Buffer
from .comparison import Comparison
from .context import Context, as_line, to_stdout, working
from .failure import printable, status_of, tell
from .jobs import Job, Jobs, jobs, main_inputs
from .options import given_options
from .placing import Asked, Task, placed
from .progress import counted
from .several import in_order
from .sources import STREAM
from .status import FAILED, USAGE
from .table import is_table, print_tables
from .transcoding import Transcoder

if TYPE_CHECKING:
    from ..answer import Answer

_NPY = b"\x93NUMPY"


@dataclass(frozen=True)
class _Made:
    """What a call gave, and the files that were written."""

    answer: Answer
    written: list[str]


class Calling:
    """One run of a function's command."""

    def __init__(
        self, context: Context, function: Function, arguments: dict[str, Any], *, as_json: bool
    ) -> None:
        """Takes the command's arguments apart; nothing is read yet."""
        self._context = context
        self._function = function
        self._options = given_options(arguments)
        self._arguments = arguments
        self._as_json = as_json
        self._transcoder = Transcoder(context, function)
        saved = {
            item.name: path
            for item in function.outputs
            if (path := arguments.get(f"save_{item.name}")) is not None
        }
        self._asked = Asked(
            arguments.get("output"), saved, arguments.get("html"), bool(arguments.get("overwrite"))
        )

    def run(self) -> None:
        """Makes the calls, writes what came and tells it.

        Raises:
            EithersideError, OSError: the only call failed, or nothing could be begun.
            click.ClickException: the arguments do not fit.
            click.exceptions.Exit: some of several calls failed, as was told.
        """
        target = self._asked.main
        if target == STREAM and sys.stdout.isatty():
            raise click.UsageError("standard output is a terminal; name a file or a pipe")
        found = self._jobs()
        option = self._function.format_option
        is_file = target not in (None, STREAM) and not (found.several or self._asked.is_folder)
        if option is not None and option not in self._options and is_file:
            self._options[option] = self._transcoder.format_of(str(target))
        chosen = self._options.get(option) if option is not None else None
        tasks = placed(found, self._asked, self._function, self._transcoder, chosen)
        if not found.several:
            self._single(tasks[0])
            return
        with closing(self._context.patient()) as context:
            self._several(tasks, Transcoder(context, self._function))

    def _jobs(self) -> Jobs:
        main, _ = main_inputs(self._function)
        if not main:
            return Jobs([Job({}, PurePath(self._function.name))], several=False)
        arguments = {
            item.name: [given] if isinstance(given := self._arguments[f"main_{item.name}"], str) else given
            for item in main
        }
        apart = Path(str(self._asked.main)) if self._asked.is_folder else None
        recursive = self._arguments["recursive"]
        return jobs(self._function, self._transcoder, arguments, recursive=recursive, leave_out=apart)

    def _single(self, task: Task) -> None:
        self._transcoder.start()
        with working(self._function.name):
            made = self._make(task, self._transcoder, None)
        if task.targets.main == STREAM:
            if self._as_json:
                click.echo(as_line(made.answer.result), err=True)
        elif is_table(self._function) and not self._as_json:
            print_tables(self._function, made.answer.result)
        else:
            to_stdout(made.answer.result, plain=self._as_json)

    def _several(self, tasks: Sequence[Task], transcoder: Transcoder) -> None:
        transcoder.start()
        stop = threading.Event()
        statuses: list[int] = []
        threads = self._context.settings.thread_count
        running = in_order(lambda task: self._make(task, transcoder, stop), tasks, threads, stop)
        with closing(running), counted(self._function.name, len(tasks), prints=True) as count:
            for task, future in running:
                statuses.append(self._told(task, future))
                count(task.job.paths[0])
        failed = sum(status != 0 for status in statuses)
        if not self._as_json:
            click.echo(f"{len(tasks) - failed} done{f', {failed} failed' if failed else ''}", err=True)
        if failed:
            raise click.exceptions.Exit(USAGE if set(statuses) == {USAGE} else FAILED)

    def _told(self, task: Task, future: Future[_Made]) -> int:
        """Tells how one of several calls went, and returns its status."""
        label = printable(" ".join(task.job.paths))
        try:
            made = future.result()
        except (EithersideError, OSError, click.ClickException) as error:
            status = status_of(error)
            tell(error, status, as_json=self._as_json, file=task.job.paths[0])
            return status
        if is_table(self._function) and not self._as_json:
            click.echo(f"{label}:")
            print_tables(self._function, made.answer.result)
            click.echo()
        else:
            files = task.job.paths
            more = {"files": files} if len(files) > 1 else {}
            facts = {"file": files[0], **more, "outputs": made.written, "result": made.answer.result}
            to_stdout(facts, plain=True)
        return 0

    def _make(self, task: Task, transcoder: Transcoder, cancel: threading.Event | None) -> _Made:
        """Makes one call and writes what came of it."""
        task.targets.check()
        inputs, options = self._inputs(task.job)
        options |= self._options
        report = Comparison(self._function, transcoder) if task.targets.page is not None else None
        answer = transcoder.call(report.options(options) if report is not None else options, inputs, cancel)
        written = task.targets.write(self._function, answer)
        if report is not None:
            written += task.targets.write_page(report.html(task.job.files, inputs, answer, cancel))
        return _Made(answer, written)

    def _inputs(self, job: Job) -> tuple[dict[str, list[Buffer]], dict[str, Any]]:
        main, further = main_inputs(self._function)
        inputs: dict[str, list[Buffer]] = {}
        options: dict[str, Any] = {}
        for item in main:
            inputs[item.name], told_by_arrays = _main_input(
                item, [_read(path) for path in job.files[item.name]]
            )
            options |= told_by_arrays
        for item in further:
            if (path := self._arguments.get(f"input_{item.name}")) is not None:
                inputs[item.name] = [_read(path)]
        return inputs, options


def _main_input(main: Input, files: Sequence[bytes]) -> tuple[list[Buffer], dict[str, Any]]:
    """Returns the buffers of files and what arrays among them tell: those of .npy files, else the files."""
    if main.array is None or not all(data.startswith(_NPY) for data in files):
        return [*files], {}
    import numpy as np

    from ..arrays import from_arrays

    try:
        arrays = [np.load(io.BytesIO(data), allow_pickle=False) for data in files]
        buffers, options = from_arrays(arrays[0] if len(arrays) == 1 else arrays, main.array)
    except ValueError as error:
        raise click.UsageError(f"{main.name}: {error}") from None
    return [*buffers], options


def _read(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == STREAM else Path(path).read_bytes()

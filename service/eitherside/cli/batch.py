"""The command that works through a folder."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ..errors import CANCELLED, CallError
from ..files import write_atomically
from ..interface import Function
from .context import FAILED, INTERRUPTED, Context, describe, errors, flag_name, told, working
from .journal import Journal
from .options import given_options, option_flags
from .transcoding import Transcoder

_DAY = 86400.0


@dataclass(frozen=True)
class Task:
    """One file to be made: its source, and its name below the destination."""

    source: Path
    output: str


@dataclass
class Tally:
    """How a batch went."""

    made: int = 0
    skipped: int = 0
    others: int = 0
    read: int = 0
    written: int = 0
    failures: list[tuple[Path, str]] = field(default_factory=list)


class BatchCommand(click.Command):
    """Stands for the command until the module is known, as its flags are those of a function."""

    def made(self, functions: Iterable[Function]) -> click.Command | None:
        """Returns the command for the function that makes files of a chosen format, if there is one."""
        function = next((item for item in functions if item.format_option and len(item.outputs) == 1), None)
        return _command(function) if function is not None else None


batch_command = BatchCommand("batch", help="Works through a folder.", short_help="Works through a folder.")


def _command(function: Function) -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(
            ["source"], metavar="SRC", type=click.Path(exists=True, file_okay=False, path_type=Path)
        ),
        click.Argument(["destination"], metavar="DST", type=click.Path(file_okay=False, path_type=Path)),
        click.Option(
            ["--jobs"], type=click.IntRange(1, 1024), help="Files at once  [default: as many as --threads]"
        ),
        click.Option(["--again"], is_flag=True, help="Make every file, also those that are done."),
        *option_flags(function, required=function.required),
    ]

    @click.pass_obj
    def run(
        context: Context, /, source: Path, destination: Path, jobs: int | None, again: bool, **arguments: Any
    ) -> None:
        with told():
            Batch(context, function, given_options(arguments), source, destination).run(jobs, again=again)

    return click.Command(
        "batch",
        params=params,
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


class Batch:
    """One run through a folder."""

    def __init__(
        self,
        context: Context,
        function: Function,
        options: Mapping[str, Any],
        source: Path,
        destination: Path,
    ) -> None:
        self._function = function
        self._options = dict(options)
        self._source = source
        self._destination = destination
        # A batch waits for its own calls, however long; its number of jobs is its limit.
        self._context = Context({**context.given, "queue_time": _DAY, "queue_length": 65536})
        self._transcoder = Transcoder(self._context, function)
        self._stop = threading.Event()
        self._tally = Tally()

    def run(self, jobs: int | None, *, again: bool) -> None:
        """Makes every file that is not done, and tells how it went.

        Raises:
            CallError, SettingsError, ModuleError: nothing could be begun.
            click.UsageError: there is no such format.
        """
        extension = self._extension()
        key = self._key()
        with working("loading the module"):
            self._context.start()
        with Journal(self._destination) as journal:
            todo = []
            for task in self._tasks(extension):
                if not again and journal.is_done(task.output, key, task.source):
                    self._tally.skipped += 1
                else:
                    todo.append(task)
            with self._stopping():
                self._work(todo, jobs or self._context.settings.thread_count, key, journal)
        self._report()

    def _extension(self) -> str:
        name = self._options.get(str(self._function.format_option))
        formats = {item.name: item for item in self._transcoder.written()}
        if name not in formats:
            flag = flag_name(str(self._function.format_option))
            raise click.UsageError(f"{flag}: there is no format {name}; there are {', '.join(formats)}")
        return formats[name].extensions[0]

    def _key(self) -> str:
        facts = [self._context.sha256, self._function.name, self._options]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _tasks(self, extension: str) -> list[Task]:
        known = {name for item in self._transcoder.read() for name in item.extensions}
        sources = []
        for path in self._files():
            if path.suffix.lstrip(".").lower() in known:
                sources.append(path)
            else:
                self._tally.others += 1
        plain = [path.relative_to(self._source).with_suffix(f".{extension}") for path in sources]
        uses = Counter(plain)
        tasks = []
        for source, output in zip(sources, plain, strict=True):
            # a.png and a.gif cannot both become a.jxl.
            name = output if uses[output] == 1 else output.with_name(f"{source.name}.{extension}")
            tasks.append(Task(source, str(name)))
        return tasks

    def _files(self) -> Iterator[Path]:
        destination = self._destination.resolve()
        for folder, folders, names in os.walk(self._source):
            here = Path(folder)
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".") and (here / name).resolve() != destination
            )
            yield from (here / name for name in sorted(names) if not name.startswith("."))

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Lets Ctrl-C and SIGTERM stop the batch between files and cancel its running calls."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            signal.signal(number, lambda *_: self._stop.set())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _work(self, todo: list[Task], jobs: int, key: str, journal: Journal) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[saved]}"),
        )
        console = errors()
        with (
            Progress(*columns, console=console, disable=not console.is_terminal) as progress,
            ThreadPoolExecutor(jobs, "eitherside-batch") as pool,
        ):
            bar = progress.add_task(self._function.name, total=len(todo), saved="")
            futures = {pool.submit(self._make, task, key, journal): task for task in todo}
            for future in as_completed(futures):
                self._note(future, futures[future])
                sizes = f"{_size(self._tally.read)} to {_size(self._tally.written)}"
                progress.update(bar, advance=1, saved=sizes)

    def _make(self, task: Task, key: str, journal: Journal) -> tuple[int, int]:
        if self._stop.is_set():
            raise CallError(CANCELLED, "stopped")
        stamp = Journal.stamp(task.source)
        data = task.source.read_bytes()
        inputs = {self._function.inputs[0].name: [data]}
        answer = self._transcoder.call(self._options, inputs, self._stop)
        target = self._destination / task.output
        target.parent.mkdir(parents=True, exist_ok=True)
        parts = [part.data for part in answer.outputs]
        write_atomically(target, parts)
        journal.add(task.output, key, task.source, stamp)
        return len(data), sum(len(part) for part in parts)

    def _note(self, future: Future[tuple[int, int]], task: Task) -> None:
        try:
            read, written = future.result()
        except CallError as error:
            if error.kind is not CANCELLED:
                self._tally.failures.append((task.source, describe(error)))
        except OSError as error:
            self._tally.failures.append((task.source, error.strerror or str(error)))
        else:
            self._tally.made += 1
            self._tally.read += read
            self._tally.written += written

    def _report(self) -> None:
        tally = self._tally
        facts = [
            f"{tally.made} made ({_size(tally.read)} to {_size(tally.written)})",
            f"{tally.skipped} done before",
        ]
        facts += [f"{tally.others} of no known format"] if tally.others else []
        facts += [f"{len(tally.failures)} failed"] if tally.failures else []
        click.echo(f"{', '.join(facts)}", err=True)
        for source, message in sorted(tally.failures):
            click.echo(f"{source}: {message}", err=True)
        if self._stop.is_set():
            click.echo("eitherside: interrupted; the same command goes on from here", err=True)
            raise click.exceptions.Exit(INTERRUPTED)
        if tally.failures:
            raise click.exceptions.Exit(FAILED)


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"

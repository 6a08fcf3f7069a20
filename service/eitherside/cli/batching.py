"""One run through a folder."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..errors import CANCELLED, CallError
from ..files import write_atomically
from ..interface import Function
from .context import Context, to_stdout
from .failure import Interrupted, flag_name, printable, status_of, tell
from .journal import Done, Journal
from .outcomes import Outcome, Tally, maker_of, size
from .progress import counted
from .sources import files_below, has_extension
from .status import FAILED, INTERRUPTED
from .targets import TargetError, inside, named, write
from .transcoding import Transcoder


@dataclass(frozen=True)
class How:
    """How a batch is run; the command's flags explain each."""

    jobs: int | None = None
    dry_run: bool = False
    again: bool = False
    overwrite: bool = False
    keep_structure: bool = True
    skip_if_larger: bool = False
    report: Path | None = None
    as_json: bool = False


@dataclass(frozen=True)
class Task:
    """One file to be made: its source, and its name below the destination."""

    source: Path
    output: str


class Batch:
    """One run through a folder."""

    def __init__(
        self,
        context: Context,
        function: Function,
        options: Mapping[str, Any],
        source: Path,
        destination: Path,
        how: How,
    ) -> None:
        self._function = function
        self._options = dict(options)
        self._source = source
        self._destination = destination
        self._how = how
        # A batch waits for its own calls; its number of jobs is its limit.
        self._context = context.patient()
        self._transcoder = Transcoder(self._context, function)
        self._stop = threading.Event()
        self._tally = Tally()

    def run(self) -> None:
        """Makes every file that is not done, and tells how it went.

        Raises:
            CallError, SettingsError, ModuleError: nothing could be begun.
            click.UsageError: there is no such format, or two files would have one name.
            click.exceptions.Exit: it was interrupted, or files failed, as was told.
        """
        began = time.monotonic()
        if self._how.report is not None:
            maker_of(self._how.report)
        extension = self._extension()
        with closing(self._context):
            tasks = self._tasks(extension)
            if self._how.dry_run:
                self._plan(tasks)
            else:
                self._make_all(tasks)
        self._tally.seconds = time.monotonic() - began
        self._tally.interrupted = self._stop.is_set()
        self._tell()

    def _extension(self) -> str:
        name = self._options.get(str(self._function.format_option))
        formats = {item.name: item for item in self._transcoder.written()}
        if name not in formats:
            flag = flag_name(str(self._function.format_option))
            raise click.UsageError(f"{flag}: there is no format {name}; there are {', '.join(formats)}")
        return formats[name].extensions[0]

    def _key(self) -> str:
        facts = [self._transcoder.sha256, self._function.name, self._options]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _tasks(self, extension: str) -> list[Task]:
        known = {name for item in self._transcoder.read() for name in item.extensions}
        sources = []
        for path in files_below(self._source, recursive=True, leave_out=self._destination):
            if has_extension(path, known):
                sources.append(path)
            else:
                self._tally.others += 1
        keep = self._how.keep_structure
        names = [path.relative_to(self._source if keep else path.parent) for path in sources]
        outputs = named(names, extension)
        return [Task(source, str(output)) for source, output in zip(sources, outputs, strict=True)]

    def _plan(self, tasks: Sequence[Task]) -> None:
        """Tells of each file what would be done."""
        done, key = Done(self._destination), self._key()
        for task in tasks:
            if self._is_done(done, task, key):
                outcome = self._outcome(task, "done")
            else:
                try:
                    self._target(done, task)
                    outcome = self._outcome(task, "planned", read=task.source.stat().st_size)
                except OSError as error:
                    outcome = self._failed(task, error)
            self._note(outcome)
            if not self._how.as_json and outcome.error is None:
                words = {"planned": "would be made", "done": "is done"}[outcome.what]
                click.echo(f"{printable(str(outcome.output))} {words} from {printable(str(task.source))}")

    def _make_all(self, tasks: Sequence[Task]) -> None:
        key = self._key()
        self._transcoder.start()
        with Journal(self._destination) as journal:
            todo = []
            for task in tasks:
                if self._is_done(journal, task, key):
                    self._note(self._outcome(task, "done"))
                else:
                    todo.append(task)
            with self._stopping():
                self._work(todo, lambda task: self._make(task, key, journal))

    def _is_done(self, done: Done, task: Task, key: str) -> bool:
        return not self._how.again and done.is_done(
            task.output, key, task.source, skip_larger=self._how.skip_if_larger
        )

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Lets Ctrl-C and SIGTERM stop the batch between files and cancel its running calls."""
        if threading.current_thread() is not threading.main_thread():
            # Only there can signals be handled.
            yield
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            signal.signal(number, lambda *_: self._stop.set())
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _work(self, todo: Sequence[Task], make: Callable[[Task], Outcome]) -> None:
        jobs = self._how.jobs or self._context.settings.thread_count
        with (
            counted(self._function.name, len(todo), prints=self._how.as_json) as count,
            ThreadPoolExecutor(jobs, "eitherside-batch") as pool,
        ):
            futures = {pool.submit(make, task): task for task in todo}
            for future in as_completed(futures):
                outcome = self._settled(future, futures.pop(future))
                if outcome is not None:
                    self._note(outcome)
                count(f"{size(self._tally.read)} to {size(self._tally.written)}")

    def _settled(self, future: Future[Outcome], task: Task) -> Outcome | None:
        """Returns what became of a file; nothing where it was not begun or was stopped."""
        try:
            return future.result()
        except CallError as error:
            return None if error.kind is CANCELLED else self._failed(task, error)
        except OSError as error:
            return self._failed(task, error)

    def _make(self, task: Task, key: str, journal: Journal) -> Outcome:
        if self._stop.is_set():
            raise CallError(CANCELLED, "stopped")
        target = self._target(journal, task)
        stamp = Journal.stamp(task.source)
        data = task.source.read_bytes()
        inputs = {self._function.inputs[0].name: [data]}
        answer = self._transcoder.call(self._options, inputs, self._stop)
        parts = [part.data for part in answer.outputs]
        sizes = {"read": len(data), "written": sum(len(part) for part in parts)}
        is_there = os.path.lexists(target)
        if self._how.skip_if_larger and sizes["written"] >= sizes["read"]:
            # One of an earlier run, with other options, would pass for one of these.
            if is_there and journal.is_own(task.output):
                target.unlink()
            journal.larger(task.output, key, task.source, stamp)
            return self._outcome(task, "larger", **sizes)
        target.parent.mkdir(parents=True, exist_ok=True)
        journal.begin(task.output)
        write(target, parts, overwrite=is_there)
        journal.add(task.output, key, task.source, stamp)
        return self._outcome(task, "made", **sizes)

    def _target(self, done: Done, task: Task) -> Path:
        """Returns where an output goes.

        Raises:
            TargetError: something is there that no batch has made, or it would not be inside the destination.
        """
        target = inside(self._destination, Path(task.output))
        if not (self._how.overwrite or done.is_own(task.output)):
            raise TargetError(
                f"{target} is there already, not as a batch has made it; --overwrite replaces it"
            )
        return target

    def _outcome(self, task: Task, what: Any, *, read: int = 0, written: int = 0) -> Outcome:
        return Outcome(task.source, self._destination / task.output, what, read, written)

    def _failed(self, task: Task, error: CallError | OSError) -> Outcome:
        return Outcome(task.source, self._destination / task.output, "failed", error=error)

    def _note(self, outcome: Outcome) -> None:
        self._tally.add(outcome)
        if not self._how.as_json:
            return
        if outcome.error is not None:
            status = status_of(outcome.error)
            tell(outcome.error, status, as_json=True, file=str(outcome.source))
        else:
            to_stdout(outcome.facts(), plain=True)

    def _tell(self) -> None:
        tally = self._tally
        self._write_report()
        if self._how.as_json:
            to_stdout({"summary": tally.summary()}, plain=True)
        else:
            click.echo(str(tally), err=True)
            for each in tally.failures:
                if each.error is not None:
                    tell(each.error, FAILED, as_json=False, file=str(each.source))
        if tally.interrupted:
            error = Interrupted("interrupted; the same command goes on from here")
            tell(error, INTERRUPTED, as_json=self._how.as_json)
            raise click.exceptions.Exit(INTERRUPTED)
        if tally.failures:
            raise click.exceptions.Exit(FAILED)

    def _write_report(self) -> None:
        path = self._how.report
        if path is None:
            return
        facts = {
            "source": str(self._source),
            "destination": str(self._destination),
            "function": self._function.name,
            "options": json.dumps(self._options),
            "module": self._transcoder.sha256,
        }
        # Names of files may be no text at all.
        text = maker_of(path)(self._tally, facts)
        write_atomically(path, [text.encode(errors="backslashreplace")])

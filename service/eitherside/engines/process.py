"""Programs that are started for an engine, and stopped with all that they start."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from .common import EngineError

START_LIMIT = 60.0
"""Seconds that a program may take until it is ready."""

_STOP_LIMIT = 5.0
_STEP = 0.05


def installed(names: Sequence[str], package: str) -> str:
    """Returns the path of the first program that is on the PATH, or that is a path itself.

    Raises:
        EngineError: there is none; the message names the Debian package.
    """
    for name in names:
        if found := shutil.which(name):
            return found
    raise EngineError(f"{names[0]} is not installed; Debian has it in the package {package}")


class Program:
    """A running program with a folder of its own; its messages are kept in a file there."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        """Starts `command`, in which ``{folder}`` stands for the folder.

        Args:
            command: the program's path and its arguments.
            environment: variables beside those of this process.
            keep: file descriptors that it inherits.

        Raises:
            EngineError: it cannot be started.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="eitherside-"))
        self.name = Path(command[0]).name
        self._log = self.folder / "messages"
        # Nothing of the user's own profile is read or written: their home is the folder, too.
        home = {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        self.prepare()
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [part.replace("{folder}", str(self.folder)) for part in command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **home, **(environment or {})},
                    pass_fds=keep,
                    # A group of its own: what it starts is stopped with it, and Ctrl-C does not reach it.
                    start_new_session=True,
                )
        except OSError as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise EngineError(f"{self.name} cannot be started: {error.strerror}") from None

    def prepare(self) -> None:
        """Puts into the folder what the program wants to find there; does nothing here."""

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def messages(self) -> str:
        """What it has written so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def check(self) -> None:
        """Looks after the program.

        Raises:
            EngineError: it has ended.
        """
        status = self._process.poll()
        if status is not None:
            last = (self.messages.strip().splitlines() or ["it wrote nothing"])[-1]
            raise EngineError(f"{self.name} ended with status {status}: {last}")

    def close(self) -> None:
        """Ends the program and all that it started, and removes its folder."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            end = time.monotonic() + (_STOP_LIMIT if number == signal.SIGTERM else _STEP)
            while self._alive() and time.monotonic() < end:
                time.sleep(_STEP)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_LIMIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _alive(self) -> bool:
        self._process.poll()
        try:
            os.killpg(self._process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Waiting:
    """A wait for something that a program does, with an end."""

    def __init__(self, program: Program, what: str, limit: float = START_LIMIT) -> None:
        """Begins to wait for `what`."""
        self._program = program
        self._what = what
        self._end = time.monotonic() + limit

    def step(self) -> None:
        """Waits a little.

        Raises:
            EngineError: the program has ended, or the time is over.
        """
        self._program.check()
        if time.monotonic() > self._end:
            raise EngineError(f"{self._program.name} did not {self._what} in time")
        time.sleep(_STEP)

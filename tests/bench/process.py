"""Processes of sides: started, asked, and ended whatever happens."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from .task import Absent, Measured, Output, Task

TESTS = Path(__file__).parents[1]
SILENCE = 900.0
"""Seconds that one request may take."""


class SideError(Exception):
    """A side failed: its own words."""


class Asked:
    """A side in a process of its own, in a session of its own, so that Ctrl-C does not reach it."""

    def __init__(self, name: str) -> None:
        """Starts it; `describe` waits until it is ready."""
        self.name = name
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.serve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._messages,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
            text=True,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        """Sends a request and waits for the answer.

        Raises:
            Absent: the side does not do that.
            SideError: it failed, or died.
        """
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
        if not select.select([process.stdout], [], [], SILENCE)[0]:
            raise SideError(f"{self.name} has not answered for {SILENCE:g} s: {request}")
        line = process.stdout.readline()
        if not line:
            process.wait()
            self._messages.seek(0)
            text = self._messages.read().decode(errors="replace")[-2000:]
            raise SideError(f"{self.name} died with status {process.returncode}: {text}")
        answer: dict[str, Any] = json.loads(line)
        if "absent" in answer:
            raise Absent(answer["absent"])
        if "error" in answer:
            raise SideError(f"{self.name}, {request}: {answer['error']}")
        return answer

    def describe(self) -> dict[str, Any]:
        """See `bench.side.Side.describe`."""
        return self.ask(do="describe")

    def prepare(self, task: Task) -> None:
        """See `bench.side.Side.prepare`."""
        self.ask(do="prepare", task=task.raw())

    def run(self) -> Measured:
        """See `bench.side.Side.run`."""
        return Measured(**self.ask(do="run"))

    def save(self, path: Path) -> Output:
        """See `bench.side.Side.save`."""
        told = self.ask(do="save", path=str(path))
        shape = tuple(told["shape"]) if told["shape"] is not None else None
        return Output(told["path"], shape, told["dtype"])

    def drop(self) -> None:
        """See `bench.side.Side.drop`."""
        self.ask(do="drop")

    def hang_up(self) -> None:
        """Ends its input, upon which it ends by itself."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()

    def close(self) -> None:
        """Ends the process: by the end of its input, then by force, with all that it started."""
        process = self.process
        self.hang_up()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        finally:
            # It may have died without ending what it started.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self._messages.close()

"""The process that holds Yjs documents: started when it is first needed, and anew where it died."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from ..foreign import frames

WORKER = Path(__file__).with_name("worker.py")

_Running = tuple[subprocess.Popen[bytes], BinaryIO, BinaryIO]


class Died(Exception):
    """The process ended, or was ended as it took too long."""


class Process:
    """One process and the requests that it answers, one at a time. Whoever uses it holds its lock."""

    def __init__(self, memory: int, seconds: float) -> None:
        """Starts nothing yet.

        Args:
            memory: ceiling of the process's address space in bytes.
            seconds: longest time for one request.
        """
        self._memory = memory
        self._seconds = seconds
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        self.lock = threading.RLock()
        self._process: _Running | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is a process, with all that it was given."""
        return self._process is not None and self._process[0].poll() is None

    def ask(self, head: dict[str, Any], body: bytes = b"") -> tuple[dict[str, Any], Sequence[bytes]]:
        """Makes a request; returns the answer's head and parts.

        Raises:
            Died: it did not answer.
        """
        process, requests, answers = self._running()
        timer = threading.Timer(self._seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            for piece in frames.pack(head, body):
                requests.write(piece)
            requests.flush()
            result, data = frames.read(answers)
        except (OSError, ValueError) as error:
            self.close()
            raise Died from error
        finally:
            timer.cancel()
        parts, at = [], 0
        for size in result["sizes"]:
            parts.append(data[at : at + size])
            at += size
        return result, parts

    def close(self) -> None:
        """Ends the process."""
        running, self._process = self._process, None
        if running is not None:
            process, requests, answers = running
            process.kill()
            # What was not sent to it any more is of no use.
            for stream in (requests, answers):
                with suppress(OSError):
                    stream.close()
            process.wait()

    def _running(self) -> _Running:
        if not self.is_running:
            self.close()
        if self._process is None:
            # -I: neither the environment nor the working directory decides what is imported.
            process = subprocess.Popen(
                [sys.executable, "-I", "-B", str(WORKER), str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"},
                start_new_session=True,
            )
            self._process = process, cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
        return self._process

"""One side of a comparison, in a process of its own: what it must do, and how it is asked over pipes.

A request is one line of JSON, its answer another; buffers go through files. The process ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from .task import Absent, Measured, Output, Task


class Side(ABC):
    """What makes calls and takes their time."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Returns names and versions of what computes, and how many threads it may use."""

    @abstractmethod
    def prepare(self, task: Task) -> None:
        """Gets everything ready for runs of a task, its input read into memory.

        Raises:
            Absent: it cannot do this.
        """

    @abstractmethod
    def run(self) -> Measured:
        """Does the task once."""

    @abstractmethod
    def save(self, path: str) -> Output:
        """Writes what the last run gave into the file `path`."""

    @abstractmethod
    def drop(self) -> None:
        """Forgets the task and all that belongs to it."""

    def other(self, request: dict[str, Any]) -> dict[str, Any]:
        """Does something that only this side does.

        Raises:
            Absent: it does not.
        """
        raise Absent(f"no {request['do']} here")

    def close(self) -> None:  # noqa: B027 - most start nothing
        """Ends everything that was started."""


class Peak:
    """The most memory that processes had resident since it was asked to begin anew (Linux alone)."""

    def begin(self, processes: list[int]) -> None:
        """Forgets earlier peaks."""
        for process in processes:
            with suppress(OSError):
                Path(f"/proc/{process}/clear_refs").write_text("5")

    def read(self, processes: list[int]) -> int:
        """Returns the sum of the processes' peaks in bytes; 0 where the system does not tell."""
        total = 0
        for process in processes:
            with suppress(OSError):
                for line in Path(f"/proc/{process}/status").read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        total += int(line.split()[1]) * 1024
        return total


def own_processes() -> list[int]:
    """Returns this process alone."""
    return [os.getpid()]


def serve(side: Side) -> None:
    """Answers requests until the input ends."""
    # Whatever a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        for line in sys.stdin:
            _answer(side, json.loads(line), answers)
    finally:
        side.close()


def _answer(side: Side, request: dict[str, Any], answers: TextIO) -> None:
    try:
        reply = _do(side, request)
    except Absent as error:
        reply = {"absent": str(error)}
    except Exception:  # noqa: BLE001 - told to whoever asked, who ends the run
        reply = {"error": traceback.format_exc()}
    answers.write(json.dumps(reply) + "\n")
    answers.flush()


def _do(side: Side, request: dict[str, Any]) -> dict[str, Any]:
    match request["do"]:
        case "describe":
            return side.describe()
        case "prepare":
            side.prepare(Task.of(request["task"]))
        case "run":
            return vars(side.run())
        case "save":
            return vars(side.save(request["path"]))
        case "drop":
            side.drop()
        case _:
            return side.other(request)
    return {}

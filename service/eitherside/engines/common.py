"""What all engines have in common: jobs, replies, errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from ..errors import EithersideError
from ..interface import Function

TIME_LIMIT = 300.0
"""Seconds that a job may take where it names no limit."""

MEMORY_LIMIT = 3 << 30
"""Ceiling of a job's linear memory in bytes."""


class EngineError(EithersideError):
    """An engine is absent, does not start, crashed, or fell silent."""


@dataclass(frozen=True)
class Job:
    """One call, or one pushed call.

    Attributes:
        function: name of the function.
        options: its options.
        inputs: buffers by the names of its inputs.
        pieces: for a pushed call the sizes in bytes of the pieces in which the pushed input is given; what
            is left of it after them is the last piece.
        shared: whether the module runs with shared memory, its bytes as shipped, instead of with the shared
            bit of its memory import cleared.
        time_limit: seconds.
        threads: that run it; more than one need shared memory, and use it whatever `shared` says.
    """

    function: str
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    pieces: Sequence[int] | None = None
    shared: bool = False
    time_limit: float = TIME_LIMIT
    threads: int = 1


@dataclass(frozen=True)
class Failure:
    """What a call said that failed: its code, message, and the option and the input at fault."""

    code: str
    message: str
    option: str | None = None
    input: int | None = None


@dataclass(frozen=True)
class Reply:
    """What came of a call: its result and its output buffers with their names, in order, or its failure."""

    result: Mapping[str, Any]
    outputs: Sequence[tuple[str, bytes]] = ()
    failure: Failure | None = None

    def named(self, name: str) -> list[bytes]:
        """Returns the buffers of the output `name`."""
        return [data for found, data in self.outputs if found == name]


class Engine(ABC):
    """An engine that has been started with a module.

    Attributes:
        name: one of `eitherside.engines.ENGINES`.
        version: its product and version, as it tells them.
    """

    name: str
    version: str

    @abstractmethod
    def run(self, job: Job) -> list[Reply]:
        """Runs a job: one reply for a call, for a pushed call one for each piece until it failed.

        Raises:
            EngineError: the engine crashed, fell silent, or took longer than the job's limit.
        """

    @abstractmethod
    def close(self) -> None:
        """Stops the engine and everything that was started for it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def rows(function: Function, job: Job) -> list[tuple[int, bytes]]:
    """Returns a job's buffers with the index of their input, without the one that is pushed.

    Raises:
        EngineError: the function has no such input.
    """
    names = [item.name for item in function.inputs]
    if unknown := set(job.inputs) - set(names):
        raise EngineError(f"{function.name} has no input {min(unknown)}")
    pushed = pushed_input(function) if job.pieces is not None else None
    return [
        (index, data)
        for index, name in enumerate(names)
        if name != pushed
        for data in job.inputs.get(name, ())
    ]


def pushed_input(function: Function) -> str:
    """Returns the name of the input that may be pushed in pieces.

    Raises:
        EngineError: it has none.
    """
    if function.pushed is None:
        raise EngineError(f"{function.name} takes no input in pieces")
    return function.pushed.input


def pieces(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Returns a buffer cut into pieces of these sizes, and the rest of it."""
    found, start = [], 0
    for size in sizes:
        found.append(data[start : start + size])
        start += size
    return [*found, data[start:]]

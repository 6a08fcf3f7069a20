"""Starts one side and answers for it: ``python -m bench.serve NAME``."""

from __future__ import annotations

import os
import sys

from .side import Side, serve
from .task import Absent


def cores() -> int:
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make(name: str) -> Side:
    """Starts the side `name`.

    Raises:
        Absent: what it needs is not here.
    """
    what, _, count = name.partition(" ")
    threads = cores() if count == "all" else int(count or 1)
    # Each imports what no other side may have in its process.
    match what:
        case "wasmtime":
            from .wasmtime import Wasmtime

            return Wasmtime(threads)
        case "native":
            from .native import Native

            return Native(threads)
        case "pillow":
            from .pillow import Pillow

            return Pillow()
        case "rest":
            from .rest import Rest

            return Rest()
        case _:
            from .chromium import Chromium

            return Chromium(what, threads)


class _Nothing(Side):
    """A side that is not there, and says why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def describe(self) -> dict[str, object]:
        """See `Side.describe`."""
        raise Absent(self._why)

    prepare = run = save = drop = describe  # type: ignore[assignment]


if __name__ == "__main__":
    try:
        _side = make(sys.argv[1])
    except Absent as error:
        _side = _Nothing(str(error))
    serve(_side)

"""Lets tests that watch how soon something answers run while no other test does."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Waits until a test may run: with others, or by itself among all processes that share the folder."""
    with (folder / "gate").open("w") as gate, (folder / "room").open("w") as room:
        # Who waits to be alone closes the gate first, or others would keep coming in.
        fcntl.flock(gate, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        if not alone:
            fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            # A process that a test forked may have the files open still: closing them would not be enough.
            fcntl.flock(room, fcntl.LOCK_UN)
            fcntl.flock(gate, fcntl.LOCK_UN)


def alone_first(items: list[pytest.Item]) -> None:
    """Puts tests that are marked "alone" first: later all other processes would have to end what they do."""
    items.sort(key=lambda item: item.get_closest_marker("alone") is None)

"""A slow processor: processes that are stopped for a part of the time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SLICE = 0.004
"""Seconds that a process runs at a time."""


@dataclass
class Throttle:
    """How many times as slow as the machine; 1 leaves processes alone. May be changed while it is used."""

    factor: float = 1.0


def renderers(profile: str) -> list[int]:
    """Returns the renderer processes of the Chromium whose command line names `profile`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if "--type=renderer" in words and profile in words:
                found.append(int(entry.name))
    return found


def _send(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


@contextmanager
def throttled(throttle: Throttle, processes: Callable[[], list[int]]) -> Iterator[None]:
    """Lets the processes run for one part in `throttle.factor` of the time.

    Unlike the DevTools' throttle, which slows the main thread alone, this slows workers as much.
    """
    end = threading.Event()

    def turn() -> None:
        known: list[int] = []
        looked = 0.0
        while not end.is_set():
            if time.monotonic() - looked > 0.25:
                known, looked = processes(), time.monotonic()
            if throttle.factor <= 1 or not known:
                end.wait(0.02)
                continue
            _send(known, signal.SIGSTOP)
            time.sleep(SLICE * (throttle.factor - 1))
            _send(known, signal.SIGCONT)
            time.sleep(SLICE)

    thread = threading.Thread(target=turn, name="throttle", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join(10)
        _send(processes(), signal.SIGCONT)

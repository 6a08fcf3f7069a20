"""Calls of a side that are timed: one with its peak of memory, or several at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from .side import Peak, own_processes

T = TypeVar("T")
Ready = Callable[[], AbstractContextManager[Callable[[], object]]]
"""Gets a thread ready, and gives its call."""

_START = 60.0


def timed(peak: Peak, call: Callable[[], T], processes: list[int] | None = None) -> tuple[T, float, int]:
    """Returns what a call gave, its seconds, and the most bytes that processes had resident meanwhile.

    Args:
        peak: which reads that.
        call: the call.
        processes: whose; this one's where they are absent.
    """
    watched = own_processes() if processes is None else processes
    peak.begin(watched)
    began = time.perf_counter()
    given = call()
    seconds = time.perf_counter() - began
    return given, seconds, peak.read(watched)


def at_once(callers: int, each: int, ready: Ready) -> float:
    """Makes calls in several threads, which begin together; returns all their seconds.

    Args:
        callers: threads.
        each: calls of each.
        ready: what each begins with, untimed.

    Raises:
        BaseException: what the first call that failed raised.
    """
    barrier = threading.Barrier(callers + 1, timeout=_START)
    failures: list[BaseException] = []

    def caller() -> None:
        try:
            with ready() as call:
                barrier.wait()
                for _ in range(each):
                    call()
        except BaseException as error:  # noqa: BLE001 - raised where it is seen
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=caller) for _ in range(callers)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - began

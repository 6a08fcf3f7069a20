"""Work on many files at once, told in their order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(
    work: Callable[[T], R], items: Sequence[T], threads: int, stop: threading.Event
) -> Generator[tuple[T, Future[R]], None, None]:
    """Yields each item with its settled result, in order, while those after it are worked on.

    No more than twice as many as there are threads are under way or wait to be taken. Closed or interrupted,
    it sets `stop`, which must end the work, and waits for it.
    """
    pool = ThreadPoolExecutor(threads, "eitherside-file")
    waiting: deque[tuple[T, Future[R]]] = deque()
    try:
        for item in items:
            waiting.append((item, pool.submit(work, item)))
            if len(waiting) >= 2 * threads:
                yield _settled(waiting)
        while waiting:
            yield _settled(waiting)
    finally:
        if waiting:
            stop.set()
        pool.shutdown(cancel_futures=True)


def _settled(waiting: deque[tuple[T, Future[R]]]) -> tuple[T, Future[R]]:
    wait([waiting[0][1]])
    return waiting.popleft()

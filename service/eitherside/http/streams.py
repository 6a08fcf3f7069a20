"""How many listen to events."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..errors import OVER_CAPACITY, CallError


class Streams:
    """How many listen in this process; each holds one of its threads.

    Attributes:
        is_stopping: tells whether the process is about to end, and waits for who listens.
    """

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most) if most else None
        self._closed = threading.Event()
        self.is_stopping: Callable[[], bool] = lambda: False

    def take(self) -> Callable[[], None]:
        """Takes a place and returns what gives it back.

        Raises:
            CallError: over_capacity, where there is none.
        """
        if self._free is None or not self._free.acquire(blocking=False):
            raise CallError(OVER_CAPACITY, "as many listen to events as may", retry_after=5)
        left = threading.Lock()

        def leave() -> None:
            # The server may say twice that an answer is over.
            if left.acquire(blocking=False) and self._free is not None:
                self._free.release()

        return leave

    def close(self) -> None:
        """Ends all streams."""
        self._closed.set()

    @property
    def is_closed(self) -> bool:
        """Whether they are to end."""
        return self._closed.is_set() or self.is_stopping()

"""Why a call is to end before it is done."""

from __future__ import annotations

import threading
import time

from .errors import CANCELLED, TIME_LIMIT, CallError


class Stop(threading.Event):
    """An event that is set by itself, by others, or by the time: whoever waits looks at it often."""

    def __init__(self, *parents: threading.Event | None, end: float | None = None) -> None:
        """Makes one.

        Args:
            parents: each sets this one, too.
            end: when it is set, by `time.monotonic`.
        """
        super().__init__()
        self._parents = [parent for parent in parents if parent is not None]
        self._end = end

    def is_set(self) -> bool:
        """Returns whether to stop."""
        return super().is_set() or self.is_over or any(parent.is_set() for parent in self._parents)

    @property
    def is_over(self) -> bool:
        """Whether the time is over."""
        return self._end is not None and time.monotonic() >= self._end

    @property
    def left(self) -> float | None:
        """Seconds that are left; None where there is no end."""
        return max(0.0, self._end - time.monotonic()) if self._end is not None else None

    def error(self) -> CallError:
        """Returns the error of a call that it ended."""
        if self.is_over:
            return CallError(TIME_LIMIT, "the call was not done in the time it was given")
        return CallError(CANCELLED, "the call was cancelled")

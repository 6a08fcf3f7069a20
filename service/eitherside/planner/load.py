"""What others make this client wait on the server."""

from __future__ import annotations

import math
from collections.abc import Callable

# Milliseconds after which half of what was special about the last report is forgotten; and of its mean.
_HALF = 5000.0
_HALF_OF_MEAN = 300_000.0
_WEIGHT = 0.2


class OthersLoad:
    """The published wait without the part that the client's own calls cause."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._mean = 0.0
        self._last = 0.0
        self._at: float | None = None
        self.threads: float | None = None

    def report(self, wait: float, threads: float, own: float) -> None:
        """Takes a report of the server.

        Args:
            wait: milliseconds that a call which comes now waits.
            threads: calls that the server runs at once.
            own: what the client's own calls make the next one wait, as the planner knows it.
        """
        if math.isfinite(threads) and threads >= 1:
            self.threads = threads
        if math.isfinite(wait) and wait >= 0:
            self._observe(max(0.0, wait - own))

    def waited(self, others: float) -> None:
        """Takes what a call waited beyond what our own calls explain, where no report came lately."""
        if self._at is None or self._now() - self._at > _HALF:
            self._observe(max(0.0, others))

    def wait(self) -> float:
        """Returns the expected milliseconds of waiting for others."""
        if self._at is None:
            return 0.0
        age = max(0.0, self._now() - self._at)
        mean = self._mean * math.exp((-math.log(2) * age) / _HALF_OF_MEAN)
        return mean + (self._last - mean) * math.exp((-math.log(2) * age) / _HALF)

    def _observe(self, others: float) -> None:
        self._mean = others if self._at is None else self._mean + _WEIGHT * (others - self._mean)
        self._last = others
        self._at = self._now()

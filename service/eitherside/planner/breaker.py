"""Keeps calls from a place that fails: closed, open for a while, then half open, when one call tries it."""

from __future__ import annotations

import math
from typing import Literal

from .types import BreakerSettings, Surroundings

State = Literal["closed", "open", "half-open"]


class Breaker:
    """The breaker of one place."""

    def __init__(self, settings: BreakerSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self._failures = 0
        self._openings = 0
        self._until = 0.0
        self._span = 0.0
        self._is_open = False
        self._is_tried = False
        self._is_cut = False
        self._is_refused = False

    @property
    def state(self) -> State:
        """Whether calls may go there."""
        if self._is_cut:
            return "open"
        if not self._is_open:
            return "closed"
        return "open" if self._left() > 0 or self._is_tried else "half-open"

    @property
    def opens_in(self) -> float | None:
        """Milliseconds until it is tried again; None where only a trial under way or a network can tell."""
        return None if self._is_cut or self._is_tried else max(0.0, self._left())

    @property
    def is_offline(self) -> bool:
        """Whether there is no network."""
        return self._is_cut

    def begin(self) -> None:
        """A call goes there."""
        if self.state == "half-open":
            self._is_tried = True

    def success(self) -> None:
        """A call was answered."""
        self._failures = 0
        self._openings = 0
        self._is_open = False
        self._is_tried = False

    def failure(self) -> None:
        """A call failed, and the place is to blame."""
        self._failures += 1
        if not self._is_open and self._failures < self._settings.failures:
            return
        # A failure of a call from before it opened says nothing new.
        if self._is_open and not self._is_tried:
            return
        rest = min(self._settings.longest, self._settings.rest * 2 ** min(self._openings, 30))
        self._openings += 1
        self._is_refused = False
        self._open(rest * (1 + 0.2 * self._surroundings.random()))

    def refuse(self, ms: float) -> None:
        """The place itself asks to be left alone for so long."""
        self._is_refused = True
        self._open(max(0.0, ms if math.isfinite(ms) else self._settings.rest))

    def relent(self) -> None:
        """The place says meanwhile that it has room again: whole seconds of `Retry-After` are coarse."""
        if self._is_open and self._is_refused:
            self._until = self._surroundings.now()

    def undecided(self) -> None:
        """A trial ended without telling anything (cancelled, lost the race)."""
        self._is_tried = False

    def disconnect(self) -> None:
        """The network is gone."""
        self._is_cut = True

    def reconnect(self) -> None:
        """The network is back; the failures of the time without it mean nothing."""
        if self._is_cut:
            self.success()
        self._is_cut = False

    def _left(self) -> float:
        # A clock that was set back must not keep it open for longer than was meant.
        return min(self._until - self._surroundings.now(), self._span)

    def _open(self, ms: float) -> None:
        self._is_open = True
        self._is_tried = False
        self._span = ms
        self._until = self._surroundings.now() + ms

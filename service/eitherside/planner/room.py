"""Whether a call fits a place: by the limits that the place tells, and by what has failed there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .types import Job, PlaceName, PlaceState
from .wording import size

# Milliseconds for which a place that ran out of memory is not given calls as large.
_REMEMBERED = 600_000.0


class _Ceiling(NamedTuple):
    memory: float
    bytes: float
    at: float


class Room:
    """The memory of places."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ceilings: dict[PlaceName, _Ceiling] = {}

    def lack(self, place: PlaceName, job: Job, state: PlaceState) -> str | None:
        """Returns a clause that says why a job does not fit; None where it does."""
        if state.body_limit is not None and job.bytes_in > state.body_limit:
            return f"takes at most {size(state.body_limit)}, not {size(job.bytes_in)}"
        if state.memory_limit is not None and job.memory is not None and job.memory > state.memory_limit:
            return (
                f"has {size(state.memory_limit)} of memory for a call, "
                f"this one needs about {size(job.memory)}"
            )
        ceiling = self._ceilings.get(place)
        if ceiling is None or self._now() - ceiling.at > _REMEMBERED:
            return None
        as_large = job.bytes_in >= ceiling.bytes if job.memory is None else job.memory >= ceiling.memory
        return "had not enough memory for a call of this size" if as_large else None

    def exceeded(self, place: PlaceName, job: Job) -> None:
        """A call did not fit after all."""
        known = self._ceilings.get(place)
        still = known if known is not None and self._now() - known.at <= _REMEMBERED else None
        self._ceilings[place] = _Ceiling(
            min(math.inf if job.memory is None else job.memory, math.inf if still is None else still.memory),
            min(job.bytes_in, math.inf if still is None else still.bytes),
            self._now(),
        )

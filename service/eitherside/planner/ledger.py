"""The planner's own calls under way at one place: they queue before the next one and share its link."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .types import Parts, PlaceName, Priority

Ticket = int
"""A call under way, from `Planner.begin` to `Planner.observe`."""

# What an overdue call is still expected to take, as a share of what it was expected to take at first.
_OVERDUE = 0.25
_MOST_WORKERS = 256
_RANK: Mapping[Priority, int] = {"high": 0, "auto": 1, "low": 2}


@dataclass
class Entry:
    """A call under way, with what was expected of it when it began.

    Attributes:
        ticket, place, priority, parts: of the call.
        began: when it began.
        arrives: when it is expected to reach the place's queue.
        busy: milliseconds for which it keeps a worker of the place: start and computing.
        started: when it left the queue, where that was told.
        crowded: milliseconds that calls which began later take from this one's share of the link.
    """

    ticket: Ticket
    place: PlaceName
    priority: Priority
    began: float
    arrives: float
    busy: float
    parts: Parts
    started: float | None = None
    crowded: float = 0.0


class Ledger:
    """The calls under way at one place."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: dict[Ticket, Entry] = {}

    def add(self, entry: Entry) -> None:
        """A call begins."""
        for other in self._entries.values():
            other.crowded += min(entry.parts.up, self._uploading(other))
        self._entries[entry.ticket] = entry

    def all(self) -> Iterable[Entry]:
        """Returns the calls under way, oldest first."""
        return self._entries.values()

    def started(self, ticket: Ticket) -> None:
        """A call left the queue."""
        entry = self._entries.get(ticket)
        if entry is not None and entry.started is None:
            entry.started = self._now()

    def take(self, ticket: Ticket) -> Entry | None:
        """Takes a call out that ended."""
        return self._entries.pop(ticket, None)

    def queue(self, delay: float, workers: float, priority: Priority) -> float:
        """Returns milliseconds from now until a call that arrives in `delay` milliseconds gets a worker."""
        _, free = self._courses(workers, priority)
        return max(0.0, min(free) - self._now() - delay)

    def uploads(self, up: float) -> float:
        """Returns milliseconds that an upload of `up` milliseconds waits, as the link is shared evenly."""
        return sum(min(up, self._uploading(entry)) for entry in self._entries.values())

    def downloads(self, down: float, delay: float, workers: float, priority: Priority) -> float:
        """Returns the same for a download of `down` milliseconds that begins in `delay` milliseconds."""
        begin = self._now() + delay
        total = 0.0
        for entry, until in self._courses(workers, priority)[0]:
            overlap = until + entry.parts.down - begin if until <= begin else begin + down - until
            total += min(down, max(0.0, min(overlap, entry.parts.down)))
        return total

    def _uploading(self, entry: Entry) -> float:
        return max(0.0, min(entry.parts.up, entry.arrives + entry.crowded - self._now()))

    def _courses(self, workers: float, priority: Priority) -> tuple[list[tuple[Entry, float]], list[float]]:
        """Returns when each call ends and each worker is free: first come, first served.

        Calls of a lower priority are left out unless they run already.
        """
        now = self._now()
        free = [-math.inf] * int(max(1, min(_MOST_WORKERS, math.floor(workers))))
        courses: list[tuple[Entry, float]] = []
        for entry in sorted(self._entries.values(), key=_order):
            worker = free.index(min(free))
            begins = max(free[worker], entry.arrives + entry.crowded)
            start = entry.started if entry.started is not None else begins
            if _RANK[entry.priority] > _RANK[priority] and start > now:
                continue
            until = start + entry.busy
            is_overdue = until + entry.parts.down + entry.parts.round_trip < now
            free[worker] = now + _OVERDUE * entry.busy if is_overdue else until
            courses.append((entry, free[worker]))
        return courses, [max(at, now) for at in free]


def _order(entry: Entry) -> tuple[float, int, float, int]:
    running = entry.started if entry.started is not None else math.inf
    return running, _RANK[entry.priority], entry.arrives, entry.ticket

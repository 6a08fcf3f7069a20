"""The planner as many threads use it, with what it has learned kept on disk."""

from __future__ import annotations

import os
import random
import threading
import time
import weakref
from dataclasses import replace

from .facts import observed
from .memory import Memory
from .places import Attained
from .planner import (
    Decision,
    Exchange,
    Job,
    Observation,
    PlaceState,
    PlaceStates,
    Planner,
    PlannerSettings,
    Priors,
    ServerLoad,
    Surroundings,
    Ticket,
)
from .provenance import PlaceName
from .remote.documents import Load

_OFTEN = 64
"""Calls after which what was learned is kept."""


class Learning:
    """A planner behind a lock. Times that come in are seconds, those of the planner milliseconds."""

    def __init__(
        self, module: str, service: str, settings: PlannerSettings, priors: Priors, memory: Memory
    ) -> None:
        """Makes one that goes on from what was kept of this module and service."""
        self._memory = memory
        self._lock = threading.Lock()
        self._news = 0
        # Decisions are no secrets.
        surroundings = Surroundings(lambda: 1000 * time.time(), random.random)
        record = memory.record(module, service)
        self._planner = Planner(surroundings, module, service, settings, record)
        self._planner.priors(priors)
        _LEARNING.add(self)
        self.knows_this_machine = record is not None and "machine:local" in record.coefficients

    def decide(self, job: Job, states: PlaceStates, *, dry: bool = False) -> Decision:
        """See `Planner.decide`."""
        with self._lock:
            return self._planner.decide(job, states, dry=dry)

    def begin(self, place: PlaceName, job: Job, state: PlaceState) -> Ticket:
        """See `Planner.begin`."""
        with self._lock:
            return self._planner.begin(place, job, state)

    def observe(self, ticket: Ticket, observation: Observation) -> None:
        """See `Planner.observe`."""
        with self._lock:
            self._planner.observe(ticket, observation)
            self._news += 1
            due = self._news >= _OFTEN
        if due:
            self.keep()

    def spend_hedge(self) -> bool:
        """See `Planner.spend_hedge`."""
        with self._lock:
            return self._planner.spend_hedge()

    def asked(self, job: Job, found: Attained | None, state: PlaceState) -> None:
        """Learns what came of asking for a result by its key."""
        with self._lock:
            self._planner.asked(job, found is not None)
            if found is not None:
                ticket = self._planner.begin("server", replace(job, result_known=True), state)
                self._planner.observe(ticket, observed(found))

    def loaded(self, load: Load) -> None:
        """Learns how busy the service is."""
        speed = getattr(load, "speed", None)
        told = ServerLoad(load.running, load.waiting, load.threads, 1000 * load.wait, speed)
        with self._lock:
            self._planner.server_load(told)

    def exchanged(self, sent: int, received: int, seconds: float) -> None:
        """Learns from a request that was no call."""
        with self._lock:
            self._planner.exchange(Exchange(sent, received, 1000 * seconds, 0.0))

    def probed(self, milliseconds: float, work: float) -> None:
        """Learns how fast this machine is."""
        with self._lock:
            self._planner.probe("local", milliseconds, work)
        self.knows_this_machine = True

    def keep(self) -> None:
        """Writes what was learned to disk, if there is anything new."""
        with self._lock:
            if not self._news:
                return
            self._news = 0
            record = self._planner.record()
        self._memory.keep_record(record)

    def _forked(self) -> None:
        # Another thread may have held the lock at the fork, and no thread but this one came along.
        self._lock = threading.Lock()


_LEARNING: weakref.WeakSet[Learning] = weakref.WeakSet()


def _after_fork() -> None:
    for learning in list(_LEARNING):
        learning._forked()


os.register_at_fork(after_in_child=_after_fork)

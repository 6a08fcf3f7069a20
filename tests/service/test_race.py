"""Hedging: which of two places answers first is scripted here, as no machine is late on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from eitherside import CallError, Interface, Module
from eitherside.errors import OVER_CAPACITY
from eitherside.places import Attained, Terms
from eitherside.planner import Hedge, Job, Observation, PlaceState
from eitherside.provenance import PlaceName, Times
from eitherside.race import Runner
from eitherside.request import Request


@dataclass
class Scripted:
    """A place that answers when it is let, or fails, or stays silent until it is stopped."""

    name: PlaceName
    error: CallError | None = None
    go: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    def state(self, request: Request) -> PlaceState:
        return PlaceState(True)

    def close(self) -> None:
        """Nothing to close."""

    def run(self, request: Request, terms: Terms) -> Attained:
        while not self.go.wait(0.01):
            if terms.stop.is_set():
                self.stopped.set()
                raise terms.stop.error()
        if self.error is not None:
            raise self.error
        return Attained({"from": self.name}, [], Times())


class Watched:
    """A runner over two scripted places, and what it told the planner."""

    def __init__(self, interface: Interface, **errors: CallError) -> None:
        names: tuple[PlaceName, ...] = ("local", "server")
        self.places = {name: Scripted(name, errors.get(name)) for name in names}
        self.observed: dict[int, Observation] = {}
        self.begun: list[str] = []
        options: dict[str, Any] = {"width": 1, "height": 1, "channels": 1, "type": "u8"}
        self.runner = Runner(
            self.places,
            {name: PlaceState(True) for name in names},
            interface,
            Request.make(interface, "encode", options, {"samples": b"x"}),
            Terms(),
            Job("encode", "", None, 1, None, None),
            self._begin,
            self.observed.__setitem__,
        )

    def _begin(self, place: PlaceName, job: Job, state: PlaceState) -> int:
        self.begun.append(place)
        return len(self.begun)


@pytest.fixture
def watched(module: Module) -> Iterator[Watched]:
    made = Watched(module.interface)
    yield made
    for place in made.places.values():
        place.go.set()


def busy() -> CallError:
    return CallError(OVER_CAPACITY, "busy", retry_after=3)


def test_a_late_first_loses_and_is_stopped(watched: Watched) -> None:
    watched.places["server"].go.set()
    name, attained = watched.runner.hedged(["local", "server"], Hedge("server", 20), lambda: True)
    assert (name, attained.result) == ("server", {"from": "server"})
    assert watched.begun == ["local", "server"]
    assert watched.places["local"].stopped.wait(20)
    end = time.monotonic() + 20
    while len(watched.observed) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert [watched.observed[ticket].outcome for ticket in (1, 2)] == ["lost_race", "ok"]
    assert {(each.place, each.outcome) for each in watched.runner.attempts} == {
        ("server", "ok"),
        ("local", "lost_race"),
    }


def test_a_first_in_time_runs_alone(watched: Watched) -> None:
    watched.places["local"].go.set()
    name, _ = watched.runner.hedged(["local", "server"], Hedge("server", 60_000), lambda: True)
    assert (name, watched.begun) == ("local", ["local"])


def test_without_a_budget_nothing_is_started(watched: Watched) -> None:
    threading.Timer(0.3, watched.places["local"].go.set).start()
    name, _ = watched.runner.hedged(["local", "server"], Hedge("server", 10), lambda: False)
    assert (name, watched.begun) == ("local", ["local"])


def test_what_fails_is_tried_elsewhere(module: Module) -> None:
    watched = Watched(module.interface, local=busy())
    for place in watched.places.values():
        place.go.set()
    name, _ = watched.runner.hedged(["local", "server"], Hedge("server", 60_000), lambda: True)
    assert (name, watched.begun) == ("server", ["local", "server"])
    assert watched.observed[1].outcome == "refused"
    assert watched.observed[1].retry_after == 3000


def test_a_bad_input_is_not(module: Module) -> None:
    bad = CallError(module.interface.errors["bad_option"], "no")
    watched = Watched(module.interface, local=bad)
    watched.places["local"].go.set()
    with pytest.raises(CallError) as caught:
        watched.runner.hedged(["local", "server"], Hedge("server", 60_000), lambda: True)
    assert caught.value is bad
    with pytest.raises(CallError) as caught:
        watched.runner.in_turn(["local", "server"])
    assert caught.value is bad
    assert set(watched.begun) == {"local"}


def test_the_error_that_tells_most(module: Module) -> None:
    short = CallError(module.interface.errors["memory_limit"], "too large")
    watched = Watched(module.interface, local=short, server=busy())
    for place in watched.places.values():
        place.go.set()
    with pytest.raises(CallError) as caught:
        watched.runner.in_turn(["local", "server"])
    assert caught.value is short
    assert [each.outcome for each in watched.runner.attempts] == ["memory", "refused"]


def test_cancelling_stops_both(watched: Watched) -> None:
    threading.Timer(0.3, watched.runner.terms.stop.set).start()
    with pytest.raises(CallError) as caught:
        watched.runner.hedged(["local", "server"], Hedge("server", 10), lambda: True)
    assert caught.value.code == "cancelled"
    assert all(place.stopped.wait(20) for place in watched.places.values())

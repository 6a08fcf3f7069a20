"""One call over several places: one after the other while they fail, or two when the first is late."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .errors import CallError, EithersideError
from .facts import failed, observed, outcome_of
from .interface import Interface
from .places import Attained, Place, Terms
from .planner import Hedge, Job, Observation, Outcome, PlaceState, PlaceStates, Ticket, may_fall_back
from .provenance import Attempt, PlaceName, Times
from .request import Request
from .stop import Stop

_POLL = 0.02


@dataclass
class Runner:
    """Runs attempts of one call, and tells the planner of each.

    Attributes:
        places: by name.
        states: of the places, when it was decided.
        interface: whose errors are the caller's fault.
        request, terms, job: the call.
        begin, observe: the planner's.
        elsewhere: whether the service can do what this place called a bad input.
        attempts: those that ended.
    """

    places: Mapping[PlaceName, Place]
    states: PlaceStates
    interface: Interface
    request: Request
    terms: Terms
    job: Job
    begin: Callable[[PlaceName, Job, PlaceState], Ticket]
    observe: Callable[[Ticket, Observation], None]
    elsewhere: Callable[[PlaceName, CallError], bool] = lambda place, error: False
    attempts: list[Attempt] = field(default_factory=list)

    def one(self, name: PlaceName, terms: Terms, lost: Callable[[], bool] = lambda: False) -> Attained:
        """Runs the call at a place.

        Raises:
            CallError: it failed.
        """
        ticket = self.begin(name, self.job, self.states[name])
        began = time.perf_counter()
        error: BaseException
        try:
            attained = self.places[name].run(self.request, terms)
        except CallError as caught:
            outcome = "lost_race" if lost() else outcome_of(caught, self.interface, terms.stop)
            seconds = time.perf_counter() - began
            self.observe(ticket, failed(caught, outcome, seconds))
            if outcome != "lost_race":
                self.attempts.append(Attempt(name, outcome, caught.message, Times(total=seconds)))
            if outcome == "cancelled":
                raise terms.stop.error() from None
            error = caught
        except BaseException as caught:
            seconds = time.perf_counter() - began
            fault: Outcome = "failed" if isinstance(caught, EithersideError) else "cancelled"
            self.observe(ticket, Observation(fault, total=1000 * seconds))
            raise
        else:
            self.observe(ticket, observed(attained))
            self.attempts.append(Attempt(name, "ok", "", attained.times))
            return attained
        raise error

    def may_go_on(self, name: PlaceName, error: CallError) -> bool:
        """Tells whether a call that failed so at a place may be tried at another."""
        outcome = outcome_of(error, self.interface, self.terms.stop)
        return may_fall_back(outcome) or self.elsewhere(name, error)

    def in_turn(self, order: Sequence[PlaceName]) -> tuple[PlaceName, Attained]:
        """Runs the call at the first place of `order` that does not fail.

        Raises:
            CallError: all failed, or the input is bad.
        """
        errors: list[CallError] = []
        for name in order:
            try:
                return name, self.one(name, self.terms)
            except CallError as error:
                errors.append(error)
                if not self.may_go_on(name, error):
                    break
        raise self.worst(errors)

    def hedged(
        self, order: Sequence[PlaceName], hedge: Hedge, spend: Callable[[], bool]
    ) -> tuple[PlaceName, Attained]:
        """As `in_turn`, but starts `hedge`, too, when the first is late. The one that is slower is cancelled.

        Raises:
            CallError: all failed, or the input is bad.
        """
        race = _Race(self, list(order))
        try:
            return race.run(hedge, spend)
        finally:
            race.end()

    def worst(self, errors: Sequence[CallError]) -> CallError:
        """Returns the error that tells the caller most: one of the interface, else the last."""
        return next((error for error in errors if error.code in self.interface.errors), errors[-1])


class _Race:
    """Attempts in threads of their own."""

    def __init__(self, runner: Runner, order: list[PlaceName]) -> None:
        self._runner = runner
        self._order = order
        self._done: queue.SimpleQueue[tuple[PlaceName, Attained | BaseException]] = queue.SimpleQueue()
        self._stops: dict[PlaceName, tuple[Stop, float]] = {}
        self._is_over = threading.Event()

    def run(self, hedge: Hedge, spend: Callable[[], bool]) -> tuple[PlaceName, Attained]:
        errors: list[CallError] = []
        late: float | None = time.monotonic() + hedge.after / 1000
        self._start()
        while self._stops:
            found = self._next(late)
            if found is None:
                late = None
                if hedge.place in self._order and spend():
                    self._order.remove(hedge.place)
                    self._order.insert(0, hedge.place)
                    self._start()
                continue
            name, value = found
            del self._stops[name]
            if isinstance(value, Attained):
                return name, value
            if not isinstance(value, CallError):
                raise value
            errors.append(value)
            if not self._runner.may_go_on(name, value):
                break
            if not self._stops and self._order:
                self._start()
        raise self._runner.worst(errors)

    def end(self) -> None:
        """Cancels what still runs; nobody waits for it."""
        self._is_over.set()
        for name, (stop, began) in self._stops.items():
            stop.set()
            times = Times(total=time.perf_counter() - began)
            self._runner.attempts.append(Attempt(name, "lost_race", "", times))

    def _start(self) -> None:
        name = self._order.pop(0)
        stop = Stop(self._runner.terms.stop)
        self._stops[name] = stop, time.perf_counter()
        thread = threading.Thread(
            target=self._attempt, args=(name, stop), name=f"eitherside-{name}", daemon=True
        )
        thread.start()

    def _attempt(self, name: PlaceName, stop: Stop) -> None:
        try:
            terms = replace(self._runner.terms, stop=stop)
            self._done.put((name, self._runner.one(name, terms, self._is_over.is_set)))
        except BaseException as error:  # noqa: BLE001 -- raised again in the thread that waits
            self._done.put((name, error))

    def _next(self, late: float | None) -> tuple[PlaceName, Attained | BaseException] | None:
        """Returns what comes next, or None when it is `late`."""
        while True:
            rest = None if late is None else late - time.monotonic()
            if rest is not None and rest <= 0:
                return None
            try:
                return self._done.get(timeout=rest)
            except queue.Empty:
                return None

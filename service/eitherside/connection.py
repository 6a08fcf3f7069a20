"""A module that is here, or on a service, or both; and the calls that run in one place or the other."""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from .errors import NOT_ALLOWED, OTHER_MODULE, CallError, EithersideError, SettingsError
from .facts import job_of
from .host import Answer
from .interface import Interface
from .learning import Learning
from .methods import Performed
from .places import Attained, LocalPlace, Place, Progress, ServerPlace, Terms
from .planner import Decision, Estimate, Job, PlaceState, PlaceStates, Priority
from .planner import PlaceName as AnyPlace
from .provenance import Attempt, PlaceName, Provenance
from .push import Push
from .race import Runner
from .remote.documents import Load
from .request import Inputs, Request
from .stop import Stop

log = logging.getLogger(__name__)

Where = Literal["auto", "local", "server"]

_REVISIT = 15.0


@dataclass(frozen=True)
class CallSettings:
    """How a call is made, beside what it computes.

    Attributes:
        place: ``"local"``, ``"server"`` or ``"auto"``; None: what the connection says. A place that is named
            is never left: its failure is the call's failure.
        cancel: set it, from any thread, to cancel the call.
        time_limit: seconds after which the call is stopped, waiting included.
        deadline: when it is stopped: seconds since the epoch, or a time with its zone.
        priority: what matters more or less than other calls; one of high priority is not used to explore.
        memory_limit: ceiling of the call's memory in bytes, here; never above the setting.
        threads: most threads of the call, here; None: as many as there are idle cores, where that pays.
        progress: is told ``running``, ``sending`` and ``receiving``, maybe in another thread.
    """

    place: Where | None = None
    cancel: threading.Event | None = None
    time_limit: float | None = None
    deadline: float | datetime | None = None
    priority: Priority = "auto"
    memory_limit: int | None = None
    threads: int | None = None
    progress: Progress | None = None

    def terms(self) -> Terms:
        """Returns the terms of a call that begins now."""
        left = [] if self.time_limit is None else [self.time_limit]
        if self.deadline is not None:
            at = self.deadline.timestamp() if isinstance(self.deadline, datetime) else self.deadline
            left.append(at - time.time())
        end = time.monotonic() + min(left) if left else None
        progress = self.progress or (lambda stage: None)
        return Terms(Stop(self.cancel, end=end), self.memory_limit, progress, self.threads)


@dataclass(frozen=True)
class Explanation:
    """What a call would cost in each place, and where it would run.

    Attributes:
        function: its name.
        options: those given.
        job: what is known of the call: kind, work, bytes, memory. Times in milliseconds.
        estimates: for each place what is expected, in milliseconds.
        place, rule, why: the decision.
        order: where it would go if that place failed.
    """

    function: str
    options: Mapping[str, Any]
    job: Job
    estimates: tuple[Estimate, ...]
    place: str
    rule: str
    why: str
    order: tuple[str, ...]

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [
            ("place", "expected ms", "5 %", "95 %", "queue", "start", "compute", "wire", "seen")
        ]
        for each in self.estimates:
            if not each.available:
                rows.append((each.place, each.why or "", "", "", "", "", "", "", ""))
                continue
            parts = each.parts
            wire = parts.round_trip + parts.up + parts.down
            numbers = (each.expected, each.low, each.high, parts.queue, parts.start, parts.compute, wire)
            rows.append((each.place, *(f"{number:.1f}" for number in numbers), f"{each.samples:.1f}"))
        widths = [max(len(row[column]) for row in rows if len(row[1]) < 20) for column in range(9)]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows
        ]
        return "\n".join([*(line.rstrip() for line in lines), self.why])


class Connection:
    """Where the calls of a codec can run, and who decides. Any number of threads may make calls."""

    def __init__(
        self,
        interface: Interface,
        module: str,
        local: LocalPlace | None,
        server: ServerPlace | None,
        learning: Learning,
        place: Where,
    ) -> None:
        """Makes a connection; `eitherside.connect` finds out what it is made of.

        Args:
            interface: of the module.
            module: SHA-256 of the module.
            local, server: the places that there are.
            learning: the planner.
            place: where calls run that name no place.
        """
        self.interface = interface
        self.module = module
        self.local = local
        self.server = server
        self.learning = learning
        self.place: Where = place
        self._places: dict[PlaceName, Place] = {}
        if local is not None:
            self._places["local"] = local
        if server is not None:
            self._places["server"] = server
            server.remote.on_load = self._loaded
        self._visited = time.monotonic()
        self._visiting = threading.Lock()
        _CONNECTIONS.add(self)

    @property
    def url(self) -> str | None:
        """Address of the service, if there is one."""
        return self.server.remote.url if self.server is not None else None

    def close(self) -> None:
        """Cancels running calls, ends the connections, and keeps what was learned."""
        self.learning.keep()
        for place in self._places.values():
            place.close()

    def warm(self) -> None:
        """Brings the module into place here and sees how fast this machine is, in the background."""
        if self.local is not None and self.server is not None:
            threading.Thread(target=self._warm, name="eitherside-warm", daemon=True).start()

    def call(
        self,
        function: str,
        options: Mapping[str, object] | None = None,
        inputs: Inputs | None = None,
        *,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """Makes a call by the names of the interface, as `Host.call` does.

        Raises:
            CallError: the call failed.
        """
        return self.perform(function, options or {}, inputs or {}, CallSettings(cancel=cancel)).answer

    def perform(
        self, function: str, options: Mapping[str, object], inputs: Inputs, settings: CallSettings
    ) -> Performed:
        """Makes a call, and tells where it ran.

        Raises:
            CallError: the call failed.
        """
        began = time.perf_counter()
        request = Request.make(self.interface, function, options, inputs)
        terms = settings.terms()
        if terms.stop.is_set():
            raise terms.stop.error()
        place = settings.place or self.place
        if place == "auto":
            runner, decision = self._planned(request, settings, terms)
            name, attained = self._run(runner, decision)
            fits = [each for each in decision.estimates if each.place == name and each.available]
            estimate = fits[0] if fits and not attained.kept else None
            why = "The service had this result already." if attained.kept else decision.why
        else:
            runner, name = self._forced(place, request, settings, terms)
            attained = runner.one(name, terms)
            why, estimate = "The caller named the place.", None
        total = time.perf_counter() - began
        told = Provenance(
            function=function,
            place=name,
            why=why,
            module=self.module,
            options=dict(options),
            times=replace(attained.times, total=total),
            attempts=tuple(runner.attempts),
            call=attained.call,
            kept=attained.kept,
            predicted=estimate.expected / 1000 if estimate is not None else None,
            bytes_in=request.bytes_in,
            bytes_out=sum(len(item.data) for item in attained.outputs),
            threads=attained.threads,
        )
        answer = Answer(attained.result, attained.outputs, attained.times.queue, attained.times.compute)
        return Performed(answer, told)

    def open(
        self, function: str, options: Mapping[str, object], inputs: Inputs, settings: CallSettings
    ) -> Push:
        """Begins a call whose main input is pushed in pieces. It runs here: a service takes whole files.

        Raises:
            SettingsError: the place is the service, or there is no module here.
            CallError: the call failed.
        """
        if settings.place == "server" or self.local is None:
            raise SettingsError(
                "place: a pushed call runs here, not on the service: connect or call with place auto or local"
            )
        terms = settings.terms()
        if terms.stop.is_set():
            raise terms.stop.error()
        return self.local.open(function, options, inputs, terms)

    def explain(
        self, function: str, options: Mapping[str, object], inputs: Inputs, settings: CallSettings
    ) -> Explanation:
        """Returns what a call would cost in each place, where it would run, and why.

        Raises:
            CallError: bad_call.
        """
        request = Request.make(self.interface, function, options, inputs)
        job = self._job(request, settings, settings.terms())
        decision = self.learning.decide(job, self._states(request), dry=True)
        place = settings.place or self.place
        if place != "auto":
            decision = replace(
                decision, place=place, rule="forced", why="The caller named the place.", order=()
            )
        return Explanation(
            function,
            dict(options),
            job,
            decision.estimates,
            decision.place,
            decision.rule,
            decision.why,
            decision.order,
        )

    def _job(self, request: Request, settings: CallSettings, terms: Terms) -> Job:
        measured = self.local.measure(request) if self.local is not None and self.server is not None else None
        return job_of(request, measured, settings.priority, terms.stop.left)

    def _states(self, request: Request) -> dict[AnyPlace, PlaceState]:
        return {place.name: place.state(request) for place in self._places.values()}

    def _planned(self, request: Request, settings: CallSettings, terms: Terms) -> tuple[Runner, Decision]:
        self._revisit()
        job = self._job(request, settings, terms)
        states = self._states(request)
        if self.server is not None and self.server.extends(request)[1]:
            # Only the service can write this format.
            states["local"] = PlaceState(available=False, why="does not write this format")
        decision = self.learning.decide(job, states)
        return self._runner(request, terms, job, states), decision

    def _run(self, runner: Runner, decision: Decision) -> tuple[PlaceName, Attained]:
        kept = self._asked(runner, decision)
        if kept is not None:
            return "server", kept
        order = [name for name in (decision.place, *decision.order) if name != "native"]
        if decision.hedge is None:
            return runner.in_turn(order)
        return runner.hedged(order, decision.hedge, self.learning.spend_hedge)

    def _asked(self, runner: Runner, decision: Decision) -> Attained | None:
        """Asks the service by the call's key, where that pays, before anything is sent."""
        server = self.server
        if server is None or not decision.ask or not server.keeps_results:
            return None
        try:
            found = server.ask(runner.request, runner.terms)
        except CallError as error:
            if runner.terms.stop.is_set():
                raise
            log.debug("asking by key failed: %s", error)
            return None
        self.learning.asked(runner.job, found, runner.states["server"])
        if found is not None:
            runner.attempts.append(Attempt("server", "ok", "", found.times))
        return found

    def _forced(
        self, place: PlaceName, request: Request, settings: CallSettings, terms: Terms
    ) -> tuple[Runner, PlaceName]:
        if place not in self._places:
            if place == "server":
                raise SettingsError("place: there is no service; connect with its url")
            raise SettingsError("place: there is no module here; connect with place auto or local")
        if place == "server" and self.server is not None and self.server.obstacle is not None:
            self._visit(self.server)
        job = job_of(request, None, settings.priority, terms.stop.left)
        return self._runner(request, terms, job, self._states(request)), place

    def _runner(self, request: Request, terms: Terms, job: Job, states: PlaceStates) -> Runner:
        return Runner(
            self._places,
            states,
            self.interface,
            request,
            terms,
            job,
            self.learning.begin,
            self.learning.observe,
            lambda name, error: self._elsewhere(request, name, error),
        )

    def _elsewhere(self, request: Request, name: PlaceName, error: CallError) -> bool:
        """Tells whether the service may read what the module does not, or this machine do what it refuses."""
        if error.code == NOT_ALLOWED.code:
            return name == "server"
        return (
            name == "local"
            and error.status == 415
            and self.server is not None
            and self.server.extends(request)[0]
        )

    def _loaded(self, load: Load) -> None:
        if self.server is not None:
            self.server.threads = load.threads
        self.learning.loaded(load)

    def _revisit(self) -> None:
        """Looks again, in the background and now and then, at a service that calls were kept from."""
        server = self.server
        if server is None or server.obstacle is None or time.monotonic() - self._visited < _REVISIT:
            return
        self._visited = time.monotonic()
        threading.Thread(target=self._look, args=(server,), name="eitherside-visit", daemon=True).start()

    def _look(self, server: ServerPlace) -> None:
        try:
            self._visit(server)
        except EithersideError as error:
            log.debug("the service is still away: %s", error)

    def _visit(self, server: ServerPlace) -> None:
        """Asks a service what it is now.

        Raises:
            CallError: it does not answer; other_module.
        """
        with self._visiting:
            if server.obstacle is not None:
                server.learn(server.remote.describe())
        if server.obstacle is not None:
            raise CallError(
                OTHER_MODULE, f"the service {server.obstacle}, not {self.module[:12]}: connect to it anew"
            )

    def _warm(self) -> None:
        if self.local is None:
            return
        try:
            self.local.warm()
            if not self.learning.knows_this_machine:
                found = self.local.probe()
                if found is not None:
                    self.learning.probed(*found)
        except EithersideError as error:
            log.debug("the module is not here yet: %s", error)
        except CancelledError:
            log.debug("the connection was closed before this machine's speed was known")


_CONNECTIONS: weakref.WeakSet[Connection] = weakref.WeakSet()


def _at_exit() -> None:
    for connection in list(_CONNECTIONS):
        connection.learning.keep()


atexit.register(_at_exit)

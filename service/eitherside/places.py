"""The two places where a call can run: here, and on a service."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from .ceilings import lowered, not_allowed
from .errors import OTHER_MODULE, CallError
from .host import Answer, Host, Output
from .interface import Function, Interface
from .planner import PlaceState
from .probe import Probe
from .provenance import PlaceName, Times
from .push import Push
from .remote import Description, Remote
from .remote.keys import result_key
from .request import Inputs, Request
from .stop import Stop

Progress = Callable[[str], None]

_PATIENCE = 1.0
_REMEMBERED = 256
_PROBES = 2


@dataclass(frozen=True)
class Attained:
    """What a place gave for a call.

    Attributes:
        result, outputs: as `eitherside.Answer` has them; the outputs can be written in.
        times: seconds.
        download: seconds of receiving the answer, where there was any.
        bytes_up, bytes_down: that were sent and received.
        call: the call's id at a service.
        kept: whether the service had it already.
        threads: that ran at once for it, where that is known.
    """

    result: dict[str, Any]
    outputs: list[Output]
    times: Times
    download: float | None = None
    bytes_up: int | None = None
    bytes_down: int | None = None
    call: str | None = None
    kept: bool = False
    threads: int | None = None


@dataclass(frozen=True)
class Terms:
    """Under which a call runs.

    Attributes:
        stop: set to stop it.
        memory_limit: ceiling of its memory here, in bytes.
        progress: is told its stages.
        threads: that it may have at most here; None: what idle cores there are.
    """

    stop: Stop = field(default_factory=Stop)
    memory_limit: int | None = None
    progress: Progress = lambda stage: None
    threads: int | None = None


class Place(Protocol):
    """Where calls can run."""

    name: PlaceName

    def state(self, request: Request) -> PlaceState:
        """Returns how the place is now, as far as it matters to a call."""
        ...

    def run(self, request: Request, terms: Terms) -> Attained:
        """Runs a call.

        Raises:
            CallError: it failed.
        """
        ...

    def close(self) -> None:
        """Cancels its calls."""
        ...


class LocalPlace:
    """This process."""

    name: PlaceName = "local"

    def __init__(self, host: Host) -> None:
        self.host = host
        self._warm = threading.Event()
        self._lock = threading.Lock()
        self._measured: OrderedDict[tuple[str, bytes], Mapping[str, Any] | None] = OrderedDict()
        self._aside: tuple[int, ThreadPoolExecutor] | None = None

    @property
    def is_cold(self) -> bool:
        """Whether the module must be compiled, or loaded compiled, before a call."""
        return not self._warm.is_set()

    def warm(self) -> float:
        """Brings the module into place, and returns the seconds that took.

        Raises:
            ModuleError, CacheError: see `eitherside.compiled.compile_module`.
        """
        if self._warm.is_set():
            return 0.0
        began = time.perf_counter()
        self.host.start()
        self._warm.set()
        return time.perf_counter() - began

    def close(self) -> None:
        """Cancels running calls; later ones fail as cancelled."""
        if self._aside is not None and self._aside[0] == os.getpid():
            self._aside[1].shutdown(wait=False, cancel_futures=True)
        self.host.close()

    def state(self, request: Request) -> PlaceState:
        """Returns how this process is now."""
        settings = self.host.settings
        return PlaceState(
            available=True,
            workers=settings.thread_count,
            cold=self.is_cold,
            cold_bytes=0,
            memory_limit=min(int(settings.memory_per_call), self.host.module.maximum_bytes),
        )

    def run(self, request: Request, terms: Terms) -> Attained:
        """Runs a call here."""
        began = time.perf_counter()
        terms.progress("running")
        start = self.warm()
        answer = self.host.call(
            request.function.name,
            request.options,
            request.buffers,
            memory_limit=terms.memory_limit,
            time_limit=terms.stop.left,
            cancel=terms.stop,
            mutable=True,
            threads=terms.threads,
        )
        total = time.perf_counter() - began
        transfer = max(0.0, total - start - answer.waited - answer.ran)
        times = Times(answer.waited, start, answer.ran, transfer, total)
        return Attained(answer.result, answer.outputs, times, threads=answer.threads)

    def open(self, function: str, options: Mapping[str, object], inputs: Inputs, terms: Terms) -> Push:
        """Begins a pushed call here."""
        terms.progress("running")
        self.warm()
        return self.host.open(
            function,
            options,
            inputs,
            memory_limit=terms.memory_limit,
            time_limit=terms.stop.left,
            cancel=terms.stop,
            mutable=True,
            threads=terms.threads,
        )

    def measure(self, request: Request) -> Mapping[str, Any] | None:
        """Returns what the interface's measuring function tells of a call's input, or None.

        It takes no thread from any call, and gives up soon.
        """
        measure = request.function.cost.measure
        views = request.buffers.get(measure.input, ()) if measure is not None else ()
        if measure is None or not views or self.is_cold:
            return None
        head = views[0][: measure.prefix]
        key = (measure.function, hashlib.sha256(head).digest())
        with self._lock:
            if key in self._measured:
                self._measured.move_to_end(key)
                return self._measured[key]
        found = self._measure(self.host.interface.functions[measure.function], bytes(head))
        with self._lock:
            self._measured[key] = found
            while len(self._measured) > _REMEMBERED:
                self._measured.popitem(last=False)
        return found

    def _measure(self, function: Function, head: bytes) -> Mapping[str, Any] | None:
        target = next((item.name for item in function.inputs if not item.optional), None)
        if target is None:
            return None
        answer = self._beside(function.name, {}, {target: head})
        return answer.result if answer is not None else None

    def probe(self) -> tuple[float, float] | None:
        """Makes the module's probe; returns the milliseconds it took and its work, or None."""
        probe = Probe.of(self.host.interface)
        if probe is None:
            return None
        inputs = probe.buffers
        # The first run also brings code and memory into place.
        answers = [self._beside(probe.function, probe.options, inputs) for _ in range(_PROBES)]
        ran = [answer.ran for answer in answers if answer is not None]
        return (1000 * min(ran), probe.work) if ran else None

    def _beside(
        self, function: str, options: Mapping[str, Any], inputs: Mapping[str, bytes]
    ) -> Answer | None:
        """Makes a short call beside the others, in a thread of its own, or returns None."""
        stop = Stop(end=time.monotonic() + _PATIENCE)
        try:
            work = self._thread().submit(self.host.aside, function, options, inputs, cancelled=stop.is_set)
            return work.result(2 * _PATIENCE)
        except (CallError, TimeoutError, RuntimeError):
            return None

    def _thread(self) -> ThreadPoolExecutor:
        with self._lock:
            # A forked process has none of its parent's threads.
            if self._aside is None or self._aside[0] != os.getpid():
                self._aside = os.getpid(), ThreadPoolExecutor(1, "eitherside-measure")
            return self._aside[1]


class ServerPlace:
    """A service elsewhere, as seen by one that holds the module `module`."""

    name: PlaceName = "server"

    def __init__(self, remote: Remote, interface: Interface, module: str) -> None:
        self.remote = remote
        self.module = module
        self.threads = 1
        # What keeps calls away from it, where anything does.
        self.obstacle: str | None = "was not reached yet"
        self.description: Description | None = None
        self.keeps_results = False
        self._interface = interface

    def close(self) -> None:
        """Ends the connections."""
        self.remote.close()

    def learn(self, description: Description) -> None:
        """Takes what the service tells of itself now."""
        self.description = description
        found = description.module.sha256
        self.obstacle = None if found == self.module else f"runs another module, {found[:12]}"

    def state(self, request: Request) -> PlaceState:
        """Returns how the service is, as far as it was told."""
        facts = self.description.service if self.description is not None else None
        why = self.obstacle or self._ceiling(request)
        return PlaceState(
            available=why is None,
            why=why,
            workers=self.threads,
            memory_limit=facts.limits.memory_per_call if facts is not None else None,
            body_limit=facts.limits.max_body if facts is not None else None,
        )

    def _ceiling(self, request: Request) -> str | None:
        ceilings = self.description.service.limits.option_ceilings if self.description is not None else {}
        if refused := not_allowed(request.function, request.options, ceilings):
            return f"allows no {refused[0]} above {refused[1]:g}"
        changed = next(iter(lowered(request.function, request.options, ceilings)), None)
        return None if changed is None else f"would lower the option {changed}"

    def extends(self, request: Request) -> tuple[bool, bool]:
        """Returns whether the service alone may read a call's input, or alone can write its output."""
        extensions = self.description.service.functions if self.description is not None else {}
        found = extensions.get(request.function.name)
        if found is None or self.obstacle is not None:
            return False, False
        chosen = request.options.get(found.option) if found.option is not None else None
        return bool(found.reads), chosen in found.writes

    def run(self, request: Request, terms: Terms) -> Attained:
        """Runs a call there."""
        self._check()
        try:
            answer = self.remote.call(
                self._interface, self.module, request, cancel=terms.stop, progress=terms.progress
            )
        except CallError as error:
            self._note(error)
            raise
        self.keeps_results = self.keeps_results or answer.key is not None
        return Attained(
            answer.result,
            answer.outputs,
            answer.times,
            answer.download,
            answer.bytes_up,
            answer.bytes_down,
            answer.call,
        )

    def ask(self, request: Request, terms: Terms) -> Attained | None:
        """Returns the result where the service has it already; nothing of the call is sent."""
        key = result_key(self.module, request)
        if key is None:
            return None
        self._check()
        answer = self.remote.kept(self._interface, self.module, request, key, cancel=terms.stop)
        if answer is None:
            return None
        return Attained(
            answer.result,
            answer.outputs,
            answer.times,
            answer.download,
            0,
            answer.bytes_down,
            kept=True,
        )

    def _check(self) -> None:
        if self.description is not None and self.description.module.sha256 != self.module:
            raise CallError(
                OTHER_MODULE,
                f"the service runs the module {self.description.module.sha256}, not {self.module}",
            )

    def _note(self, error: CallError) -> None:
        if error.kind.code == OTHER_MODULE.code:
            self.obstacle = "runs another module now"

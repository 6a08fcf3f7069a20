"""Hosts a module: one call at a time per thread, each in an instance of its own, within limits."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Self

from .answer import Answer as Answer
from .answer import Output as Output
from .binary import PAGE
from .ceilings import lowered
from .clock import Watch
from .errors import BAD_CALL, CANCELLED, INTERNAL, MEMORY_LIMIT, TIME_LIMIT, CallError
from .instance import Broken, Exhausted, Instance, RawAnswer, Stopped
from .interface import Function
from .module import Module
from .pool import Done, Load
from .push import Push
from .request import Buffer as Buffer
from .request import Inputs, input_rows, options_text
from .running import Means, Running
from .settings import Settings

log = logging.getLogger(__name__)

_POLL = 0.05


class Host:
    """Runs the functions of a module. Safe to use from many threads, and in a process forked later."""

    def __init__(
        self,
        module: Module,
        settings: Settings | None = None,
        watch: Callable[[Load], None] | None = None,
        *,
        shared: bool = False,
    ) -> None:
        """Makes a host; the module is compiled with the first call, or by `start`.

        Args:
            module: the module.
            settings: limits and the cache's folder; those of the environment where absent.
            watch: is told the load whenever it changes; it must be quick.
            shared: have all calls use shared memory, also those without helpers.
        """
        self.module = module
        self.interface = module.interface
        self.settings = settings if settings is not None else Settings.load()
        self._watch = watch
        self._shared = shared
        self._lock = threading.Lock()
        self._state: Running | None = None
        self._closed = False
        _HOSTS.add(self)

    def start(self) -> None:
        """Compiles the module, or loads it compiled, now rather than with the first call.

        Raises:
            ModuleError, CacheError: see `eitherside.compiled.compile_module`.
        """
        self._running()

    def close(self) -> None:
        """Cancels running calls; later ones fail as cancelled."""
        with self._lock:
            self._closed = True
            state, self._state = self._state, None
        if state is not None:
            state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def load(self) -> Load:
        """Returns how many calls run and wait now, and the memory reserved for them."""
        state = self._state
        if state is not None:
            return state.pool.load()
        return Load(0, 0, 0, self.settings.thread_count, self.settings.memory_budget)

    def _running(self, cancel: threading.Event | None = None) -> Running:
        # Whoever holds it may be compiling, which takes seconds.
        while not self._lock.acquire(timeout=-1 if cancel is None else _POLL):
            if cancel is not None and cancel.is_set():
                raise CallError(CANCELLED, "the call was cancelled while the module was compiled")
        try:
            if self._closed:
                raise CallError(CANCELLED, "the host was closed")
            if self._state is None:
                self._state = Running(self.module, self.settings, self._watch, shared=self._shared)
            return self._state
        finally:
            self._lock.release()

    def _forked(self) -> None:
        # Another thread may have held the lock at the fork, and no thread but this one came along.
        self._lock = threading.Lock()
        self._state = None

    def call(
        self,
        function: str,
        options: Mapping[str, object] | None = None,
        inputs: Inputs | None = None,
        *,
        memory_limit: int | None = None,
        time_limit: float | None = None,
        cancel: threading.Event | None = None,
        mutable: bool = False,
        threads: int | None = None,
    ) -> Answer:
        """Calls a function of the module and waits for its answer.

        Args:
            function: its name in the interface.
            options: its options; they are checked inside the module.
            inputs: buffers by the names of its inputs; a sequence of buffers for a repeated input.
            memory_limit: ceiling of the call's memory in bytes; never above the setting.
            time_limit: longest computation in seconds; never above the setting.
            cancel: set it, from any thread, to cancel the call.
            mutable: give the outputs as bytearrays instead of bytes.
            threads: most threads at once, `running.MOST_THREADS` at most. None: helpers take part where that
                pays, for as long as there are cores that no other call wants. The answer is the same.

        Raises:
            CallError: the call failed; its `kind` is of the interface or of `errors.HOST_ERRORS`.
        """
        described = self.interface.functions.get(function)
        if described is None:
            raise self._error(BAD_CALL, f"the module has no function {function}")
        text = self._options(described, options or {})
        rows = self._rows(described, inputs or {})
        pages = self._pages(memory_limit)
        limit = (
            min(time_limit, self.settings.time_limit) if time_limit is not None else self.settings.time_limit
        )
        state = self._running(cancel)
        means = state.means(
            described, options or {}, [(index, view.nbytes) for index, view in rows], threads, cancel
        )
        work = partial(self._compute, state, means, described, text, rows, pages, limit, mutable)
        return self._answer(described, state.pool.run(work, pages * PAGE, cancel))

    def open(
        self,
        function: str,
        options: Mapping[str, object] | None = None,
        inputs: Inputs | None = None,
        *,
        memory_limit: int | None = None,
        time_limit: float | None = None,
        cancel: threading.Event | None = None,
        mutable: bool = False,
        threads: int | None = None,
    ) -> Push:
        """Begins a call whose main input is pushed in pieces.

        Args:
            function: its name in the interface; one that has ``pushed``.
            options, memory_limit, cancel, mutable, threads: as for `call`.
            inputs: the others.
            time_limit: longest computation in seconds, of all pieces together; never above the setting.

        Raises:
            CallError: as for `call`.
        """
        described = self.interface.functions.get(function)
        if described is None:
            raise self._error(BAD_CALL, f"the module has no function {function}")
        if described.pushed is None:
            raise self._error(BAD_CALL, f"{function} has no input that can be pushed in pieces")
        text = self._options(described, options or {})
        rows = self._rows(described, inputs or {}, described.pushed.input)
        limit = self.settings.time_limit
        state = self._running(cancel)
        made = Push(
            self,
            state,
            described,
            state.means(described, options or {}, None, threads, cancel),
            options=options or {},
            pages=self._pages(memory_limit),
            limit=limit if time_limit is None else min(time_limit, limit),
            cancel=cancel,
            mutable=mutable,
        )
        made.open(text, rows)
        return made

    def aside(
        self,
        function: str,
        options: Mapping[str, object],
        inputs: Inputs,
        cancelled: Callable[[], bool],
    ) -> Answer:
        """Makes a short call in the thread that asks, beside the pool.

        It takes no thread from anybody's call and counts in no load: for a look at how fast the machine is,
        or at what a call will take.

        Args:
            function, options, inputs: as for `call`.
            cancelled: is asked many times a second whether to stop.

        Raises:
            CallError: the call failed, or was cancelled.
        """
        described = self.interface.functions.get(function)
        if described is None:
            raise self._error(BAD_CALL, f"the module has no function {function}")
        text, rows = self._options(described, options), self._rows(described, inputs)
        pages = self._pages(None)
        state = self._running()
        began = time.perf_counter()
        limit = self.settings.time_limit
        raw = self._compute(
            state, Means(state.forms.one), described, text, rows, pages, limit, False, cancelled
        )
        ran = time.perf_counter() - began
        outputs = [self._output(described, raw, index, data) for index, data in raw.outputs]
        return Answer(raw.document, outputs, 0.0, ran, raw.memory, raw.threads)

    def timed(
        self,
        function: str,
        options: Mapping[str, object],
        inputs: Inputs,
        cancelled: Callable[[], bool],
    ) -> float:
        """Makes a call as `aside` does, and returns the seconds it took.

        Raises:
            CallError: the call failed, or was cancelled.
        """
        return self.aside(function, options, inputs, cancelled).ran

    def lowered(self, function: Function, options: Mapping[str, object]) -> dict[str, int | float]:
        """Returns the options that a call would have other than given or by default: `option_ceilings`."""
        return lowered(function, options, self.settings.option_ceilings)

    def _answer(self, function: Function, done: Done[RawAnswer]) -> Answer:
        raw = done.value
        outputs = [self._output(function, raw, index, data) for index, data in raw.outputs]
        return Answer(raw.document, outputs, done.waited, done.ran, raw.memory, raw.threads)

    def _error(self, code: str, message: str, **facts: Any) -> CallError:
        return CallError(self.interface.errors[code], message, **facts)

    def _options(self, function: Function, options: Mapping[str, object]) -> bytes:
        try:
            return options_text({**options, **self.lowered(function, options)})
        except ValueError as error:
            raise self._error(BAD_CALL, str(error)) from None

    def _rows(
        self, function: Function, inputs: Inputs, pushed: str | None = None
    ) -> list[tuple[int, memoryview]]:
        try:
            return input_rows(function, inputs, pushed)
        except ValueError as error:
            raise self._error(BAD_CALL, str(error)) from None

    def _pages(self, memory_limit: int | None) -> int:
        ceiling = int(self.settings.memory_per_call)
        limit = min(memory_limit, ceiling) if memory_limit is not None else ceiling
        if limit < self.module.minimum_bytes:
            needed = self.module.minimum_bytes
            raise self._error(
                MEMORY_LIMIT, f"a call needs at least {needed} bytes of memory, its limit is {limit}"
            )
        return min(limit, self.module.maximum_bytes) // PAGE

    def _compute(
        self,
        state: Running,
        means: Means,
        function: Function,
        options: bytes,
        rows: Sequence[tuple[int, memoryview]],
        pages: int,
        limit: float,
        mutable: bool,
        cancelled: Callable[[], bool],
    ) -> RawAnswer:
        began = time.monotonic()
        # Where others want the cores by now, shared memory would gain nothing.
        is_helped = means.aid is not None and means.aid.wanted > 0
        ways = [means, Means(state.forms.one)] if is_helped else [Means(state.forms.one)]
        for way in ways:
            left = limit - (time.monotonic() - began)
            watch = Watch(left, cancelled)
            with state.clock.running(watch), self._explained(function, watch, pages, limit):
                instance = Instance(way.compiled, (self.module.memory.minimum, pages), watch, way.aid)
                try:
                    answer = instance.call(function.id, options, rows, mutable=mutable)
                finally:
                    instance.close()
            # Helpers need memory, too. Who has not asked for them gets what one thread can do with the same.
            is_short = answer.status == self.interface.errors[MEMORY_LIMIT].number
            if not (is_short and way.aid is not None and not way.aid.firm):
                break
        if answer.status:
            raise self._failure(answer)
        return answer

    @contextmanager
    def _explained(self, function: Function, watch: Watch, pages: int, limit: float) -> Iterator[None]:
        """Turns what an instance raises into errors of the call."""
        try:
            yield
        except Stopped:
            if watch.reason == "cancel":
                raise CallError(CANCELLED, "the call was cancelled while it ran") from None
            raise CallError(
                TIME_LIMIT, f"{function.name} was stopped after {limit:g} s", retry_after=None
            ) from None
        except Exhausted:
            text = f"the inputs do not fit in the call's {pages * PAGE} bytes of memory"
            raise self._error(MEMORY_LIMIT, text) from None
        except Broken as error:
            log.error("%s: %s", function.name, error)  # noqa: TRY400 -- the message says it all
            raise self._error(INTERNAL, str(error)) from None

    def _failure(self, answer: RawAnswer) -> CallError:
        kind = self.interface.error(answer.status)
        message, option, row = (answer.document.get(name) for name in ("message", "option", "input"))
        return CallError(
            kind,
            message if isinstance(message, str) and message else kind.title,
            option=option if isinstance(option, str) else None,
            input=row if isinstance(row, int) else None,
        )

    def _output(self, function: Function, answer: RawAnswer, index: int, data: bytes | bytearray) -> Output:
        if index >= len(function.outputs):
            raise self._error(
                INTERNAL, f"the module gave an output {index} that {function.name} does not have"
            )
        described = function.outputs[index]
        media_type = described.media_type or "application/octet-stream"
        if described.format_from is not None:
            found = self.interface.formats.get(str(answer.document.get(described.format_from)))
            media_type = found.media_type if found is not None else media_type
        return Output(described.name, media_type, data)


_HOSTS: weakref.WeakSet[Host] = weakref.WeakSet()


def _after_fork() -> None:
    for host in list(_HOSTS):
        host._forked()


def _at_exit() -> None:
    for host in list(_HOSTS):
        # Not by `close`, whose lock a thread that compiles may hold.
        if host._state is not None:
            host._state.pool.close()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(_at_exit)

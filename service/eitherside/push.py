"""A call whose main input is pushed in pieces: one instance, for as long as the pieces come."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from .binary import PAGE
from .clock import Watch
from .errors import BAD_CALL, CANCELLED, MEMORY_LIMIT, OVER_CAPACITY, CallError
from .instance import Instance, RawAnswer
from .interface import Function
from .request import Buffer, bytes_view
from .stop import Stop
from .worth import is_worth_helpers

if TYPE_CHECKING:
    from .answer import Answer
    from .host import Host
    from .running import Means, Running


class Push:
    """A pushed call of a function; `Host.open` makes it. Any thread may push, one at a time.

    The work is done in the threads of the host's pool, one piece after the other; between two pieces nothing
    is kept but the instance's memory, which counts in the pool's budget.

    Attributes:
        host: whose module it is.
        function: as described.
        bytes_in: bytes that were pushed so far, and those of the other inputs.
    """

    def __init__(
        self,
        host: Host,
        state: Running,
        function: Function,
        means: Means,
        *,
        options: Mapping[str, object],
        pages: int,
        limit: float,
        cancel: threading.Event | None,
        mutable: bool,
    ) -> None:
        self.host = host
        self.function = function
        self.bytes_in = 0
        self._state = state
        self._means = means
        self._options = options
        self._pages = pages
        self._limit = self._left = limit
        self._cancel = cancel
        self._mutable = mutable
        self._pushed = 0
        self._stop = Stop(cancel)
        self._process = os.getpid()
        self._watch = Watch(limit, self._stop.is_set)
        # Held by whoever works with the instance, which may be for a while after its caller was interrupted.
        self._using = threading.Lock()
        self._instance: Instance | None = None
        self._held = 0
        self._is_over = False

    def open(self, options: bytes, rows: list[tuple[int, memoryview]]) -> None:
        """Begins the call, with its options as JSON and its other inputs.

        Raises:
            CallError: as for a call.
        """
        minimum = self.host.module.memory.minimum
        self.bytes_in = sum(view.nbytes for _, view in rows)

        def work(cancelled: Callable[[], bool]) -> RawAnswer:
            with self._using, self._watched(cancelled):
                self._instance = Instance(
                    self._means.compiled, (minimum, self._pages), self._watch, self._means.aid
                )
                return self._instance.open(self.function.id, options, rows)

        self._run(work)

    def push(self, data: Buffer) -> Answer | None:
        """Gives the next bytes, and returns what they show; None where that is nothing new.

        Raises:
            CallError: as for a call. All but over_capacity, with which nothing was taken, end the call.
            ValueError: it has ended already.
        """
        answer = self._give(data, last=False)
        return answer if answer.result or answer.outputs else None

    def finish(self, data: Buffer = b"") -> Answer:
        """Gives the last bytes, if any are left, and returns the call's answer. The call has then ended.

        Raises:
            CallError, ValueError: as `push`.
        """
        answer = self._give(data, last=True)
        self.close()
        return answer

    def cancel(self) -> None:
        """Stops what runs, in whatever thread it does; the call ends with the error `cancelled`."""
        self._stop.set()

    def close(self) -> None:
        """Ends the call, wherever it is, and gives its memory back."""
        self._is_over = True
        self._stop.set()
        with self._using:
            self._free()

    def __del__(self) -> None:
        # Half made where `__init__` was interrupted.
        if getattr(self, "_instance", None) is not None:
            self._free()

    def _free(self) -> None:
        instance, self._instance = self._instance, None
        # In a forked process the parent's memory is a copy that nothing uses.
        if instance is None or self._process != os.getpid():
            return
        instance.close()
        self._state.pool.hold(-self._held)
        self._held = 0

    def _give(self, data: Buffer, *, last: bool) -> Answer:
        if self._process != os.getpid():
            raise ValueError(f"the pushed call of {self.function.name} was begun in another process")
        if self._is_over:
            raise ValueError(f"the pushed call of {self.function.name} has ended")
        view = self._view(data)

        def work(cancelled: Callable[[], bool]) -> RawAnswer:
            with self._using, self._watched(cancelled):
                if self._instance is None:
                    raise CallError(CANCELLED, "the call was closed")
                return self._instance.push(
                    view, last=last, mutable=self._mutable, helped=self._is_worth_helpers(view)
                )

        answer = self._run(work)
        self._pushed += view.nbytes
        self.bytes_in += view.nbytes
        return answer

    def _is_worth_helpers(self, piece: memoryview) -> bool:
        """Returns whether a piece is as much work as a call that helpers pay for."""
        names = [item.name for item in self.function.inputs]
        pushed = self.function.pushed
        sizes = [(names.index(pushed.input), piece.nbytes)] if pushed is not None else []
        aid = self._means.aid
        return aid is not None and (aid.firm or is_worth_helpers(self.function, self._options, sizes))

    def _view(self, data: Buffer) -> memoryview:
        errors = self.host.interface.errors
        name = self.function.pushed.input if self.function.pushed is not None else ""
        try:
            view = bytes_view(name, data)
        except ValueError as error:
            raise CallError(errors[BAD_CALL], str(error)) from None
        most = int(self.host.settings.push_bytes)
        if self._pushed + view.nbytes > most:
            self.close()
            raise CallError(errors[MEMORY_LIMIT], f"more than {most} bytes were pushed, the most allowed")
        return view

    @contextlib.contextmanager
    def _watched(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Counts the time and the memory that a piece takes against those of the whole call."""
        began = time.monotonic()
        self._watch.renew(self._left, lambda: cancelled() or self._stop.is_set())
        try:
            with (
                self._state.clock.running(self._watch),
                self.host._explained(self.function, self._watch, self._pages, self._limit),
            ):
                yield
        finally:
            # Not to keep the job, nor what it refers to, until the next piece.
            self._watch.renew(0.0, self._stop.is_set)
            self._left -= time.monotonic() - began
            if self._instance is not None:
                size = self._instance.size
                self._state.pool.hold(size - self._held)
                self._held = size

    def _run(self, work: Callable[[Callable[[], bool]], RawAnswer]) -> Answer:
        """Runs a piece of work in the pool, and ends the call where it fails."""
        try:
            done = self._state.pool.run(work, self._pages * PAGE - self._held, self._stop)
            self._check(done.value)
            return self.host._answer(self.function, done)
        except CallError as error:
            if error.kind == OVER_CAPACITY and self._instance is not None:
                raise
            self._end()
            if error.kind == CANCELLED and isinstance(self._cancel, Stop) and self._cancel.is_set():
                raise self._cancel.error() from None
            raise
        except BaseException:
            self._end()
            raise

    def _check(self, raw: RawAnswer) -> None:
        if raw.status:
            raise self.host._failure(raw)

    def _end(self) -> None:
        """As `close`, but does not wait for work that nobody waits for any more: that ends by itself."""
        self._is_over = True
        self._stop.set()
        if self._using.acquire(timeout=0.5):
            try:
                self._free()
            finally:
                self._using.release()

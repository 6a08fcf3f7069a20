"""Stops calls: a clock ticks the engine's epoch, and at every tick each call looks at its watch."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import wasmtime
from wasmtime import _bindings as ffi

PERIOD = 0.05
"""Seconds between ticks: how soon a call notices that it is to stop."""

_IDLE = 10.0

# Store.set_epoch_deadline, the public call, cannot be moved from another thread, so it knows no cancelling.
_CALLBACK, _FINALIZER = ffi._wasmtime_store_epoch_deadline_callback.argtypes[1::2]
_NO_FINALIZER = _FINALIZER()


class Clock:
    """Ticks an engine's epoch, in a thread of its own that ends when nothing ran for a while."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._running = 0
        self._thread: threading.Thread | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Keeps the clock ticking for the length of a with block."""
        with self._changed:
            self._running += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._tick, name="eitherside-clock", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1

    def _tick(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._running > 0, _IDLE):
                    self._thread = None
                    return
            time.sleep(PERIOD)
            self._engine.increment_epoch()


class Watch:
    """Watches one call: stops it when its time is over or when `cancelled` says so.

    Attributes:
        reason: why the call was stopped, or None where it was not.
    """

    def __init__(self, limit: float, cancelled: Callable[[], bool]) -> None:
        self._end = time.monotonic() + limit
        self._cancelled = cancelled
        self._callback = _CALLBACK(self._look)
        self.reason: Literal["time", "cancel"] | None = None

    def renew(self, limit: float, cancelled: Callable[[], bool]) -> None:
        """Watches the next piece of work in the same store."""
        self._end = time.monotonic() + limit
        self._cancelled = cancelled

    def check(self) -> bool:
        """Returns whether the call is to stop."""
        if self.reason is None:
            if self._cancelled():
                self.reason = "cancel"
            elif time.monotonic() >= self._end:
                self.reason = "time"
        return self.reason is not None

    def attach(self, store: wasmtime.Store) -> None:
        """Makes `store` stop when this watch says so. The watch must outlive the store."""
        store.set_epoch_deadline(1)
        ffi.wasmtime_store_epoch_deadline_callback(store.ptr(), self._callback, None, _NO_FINALIZER)

    def detach(self) -> None:
        """Ends the watch when its store is closed: a callback refers to it, and it would stay."""
        del self._callback

    def _look(self, _context: Any, _data: Any, delta: Any, _kind: Any) -> int:
        if not self.check():
            delta[0] = 1
            return 0
        error = ffi.wasmtime_error_new(b"stopped")
        return ctypes.cast(error, ctypes.c_void_p).value or 0

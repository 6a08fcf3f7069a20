"""Stops calls: a clock ticks, and at every tick each call's watch looks whether it is to end."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import wasmtime
from wasmtime import _bindings as ffi

from .linear import Linear

log = logging.getLogger(__name__)

PERIOD = 0.05
"""Seconds between ticks: how soon a call notices that it is to stop."""

LAST_RESORT = 5.0
"""Seconds that a call may go on after its stop word was written, before its memory is taken away.

The engine itself copies and fills memory for it, which must not fault; none of that takes so long.
"""

_IDLE = 10.0

# Store.set_epoch_deadline, the public call, cannot be moved from another thread, so it knows no cancelling.
_CALLBACK, _FINALIZER = ffi._wasmtime_store_epoch_deadline_callback.argtypes[1::2]
_NO_FINALIZER = _FINALIZER()


class Clock:
    """Ticks for the watches of running calls, in a thread that ends when nothing runs for a while."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._watches: list[Watch] = []
        self._thread: threading.Thread | None = None

    @contextmanager
    def running(self, watch: Watch) -> Iterator[None]:
        """Keeps the clock ticking for `watch` for the length of a with block."""
        with self._changed:
            self._watches.append(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._tick, name="eitherside-clock", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            # Under the lock: once this block is left, no tick for it comes any more.
            with self._changed:
                self._watches.remove(watch)

    def _tick(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._watches, _IDLE):
                    self._thread = None
                    return
            time.sleep(PERIOD)
            with self._changed:
                for watch in self._watches:
                    watch.tick()
            self._engine.increment_epoch()


class Watch:
    """Watches one call: stops it when its time is over or when `cancelled` says so.

    Modules with a stop word (docs/abi.md) look at it often and end by themselves; the others are interrupted
    by the engine's epochs, which costs each of their loops some time.

    Attributes:
        reason: why the call was stopped, or None where it was not.
    """

    def __init__(self, limit: float, cancelled: Callable[[], bool]) -> None:
        self._end = time.monotonic() + limit
        self._cancelled = cancelled
        self._callback: Any = None
        # Held by whoever touches the memory from another thread, or is about to close it.
        self._lock = threading.Lock()
        self._memory: Linear | None = None
        self._word: ctypes.c_int32 | None = None
        self._fired: float | None = None
        self._lent = False
        self._revoked = False
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
        """Makes the epochs of `store` stop when this watch says so. The watch must outlive the store."""
        self._callback = _CALLBACK(self._look)
        store.set_epoch_deadline(1)
        ffi.wasmtime_store_epoch_deadline_callback(store.ptr(), self._callback, None, _NO_FINALIZER)

    def detach(self) -> None:
        """Ends the watch when its store is closed: a callback refers to it, and it would stay."""
        self._callback = None

    def aim(self, memory: Linear, address: int) -> None:
        """Makes ticks write the stop word at `address` of `memory` when this watch says so."""
        with self._lock:
            self._memory, self._word = memory, memory.word(address)

    def forget(self) -> None:
        """Leaves the memory alone from now on; it is about to be closed."""
        with self._lock:
            self._memory = self._word = None

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Leaves the memory to the module for the length of a with block, in which no host may touch it."""
        with self._lock:
            self._lent = True
        try:
            yield
        finally:
            with self._lock:
                self._lent = False

    @property
    def is_fired(self) -> bool:
        """Whether the stop word was written."""
        return self._fired is not None

    @property
    def is_revoked(self) -> bool:
        """Whether the memory was taken away: no host may touch it any more."""
        return self._revoked

    def fire(self) -> None:
        """Writes the stop word now, whatever the reason; all threads of the call will trap."""
        with self._lock:
            self._fire()

    def tick(self) -> None:
        """Looks whether the call is to stop, and has it stop."""
        try:
            is_over = self.check()
        except Exception:
            log.exception("a call cannot be asked whether it was cancelled")
            return
        with self._lock:
            if is_over:
                self._fire()
            if (
                self._memory is not None
                and self._lent
                and self._fired is not None
                and time.monotonic() >= self._fired + LAST_RESORT
            ):
                self._revoked = True
                # Again with each tick: what the memory has grown by since has rights again.
                self._memory.revoke()

    def _fire(self) -> None:
        if self._word is not None and self._fired is None:
            self._fired = time.monotonic()
            self._word.value = 1

    def _look(self, _context: Any, _data: Any, delta: Any, _kind: Any) -> int:
        if not self.check():
            delta[0] = 1
            return 0
        error = ffi.wasmtime_error_new(b"stopped")
        return ctypes.cast(error, ctypes.c_void_p).value or 0

"""The connections to a service: one client in the event loop of one thread, for calls from any thread."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx2

T = TypeVar("T")
Work = Callable[[httpx2.AsyncClient], Coroutine[Any, Any, T]]

CONNECTIONS = 64
"""Most connections to one service; further calls wait for one."""

# Sooner than `eitherside serve` closes an idle connection, so that it is rarely found closed.
_IDLE = 10.0
_POLL = 0.02
_LAST_WORDS = 1.0


class Interrupted(Exception):
    """Somebody waits no longer: cancelled, or the time is over."""

    def __init__(self, reason: Literal["cancel", "time"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Patience:
    """Longest waits in seconds: for a connection, and for the next bytes in either direction."""

    connect: float
    answer: float


class Wire:
    """Makes requests from any number of threads. In a forked process it begins anew."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._line: _Line | None = None
        self._closed = False
        _WIRES.add(self)

    def run(self, work: Work[T], *, cancel: threading.Event | None = None, end: float | None = None) -> T:
        """Runs `work` and waits for it; whatever ends the wait early ends the work and its connection.

        Args:
            work: is given the client.
            cancel: set it to stop.
            end: when to stop, by `time.monotonic`.

        Raises:
            Interrupted: by `cancel` or `end`, or because the wire was closed; and whatever `work` raises.
        """
        future = self._open().submit(work)
        try:
            # Not by `result`, whose own time-out looks like one that the work raised.
            while not wait([future], _step(cancel, end)).done:
                pass
            return future.result()
        except CancelledError:
            raise Interrupted("cancel") from None
        except BaseException:
            future.cancel()
            raise

    def say(self, work: Work[Any]) -> None:
        """Runs `work` without waiting for it; what it raises is lost."""
        line = self._line
        if line is not None:
            line.say(work)

    def close(self) -> None:
        """Stops everything that runs, after a moment for what was said."""
        with self._lock:
            self._closed = True
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def _open(self) -> _Line:
        with self._lock:
            if self._closed:
                raise Interrupted("cancel")
            if self._line is None:
                self._line = _Line(self._patience)
                # Also where nobody closes it: at the end of the process, or of this object.
                weakref.finalize(self, self._line.close)
            return self._line

    def _forked(self) -> None:
        # Another thread may have held the lock at the fork, and no thread but this one came along.
        self._lock = threading.Lock()
        self._line = None


def _step(cancel: threading.Event | None, end: float | None) -> float | None:
    """Returns how long to wait until the next look at whether to go on.

    Raises:
        Interrupted: not at all.
    """
    if cancel is not None and cancel.is_set():
        raise Interrupted("cancel")
    rest = end - time.monotonic() if end is not None else None
    if rest is not None and rest <= 0:
        raise Interrupted("time")
    if cancel is None:
        return rest
    return min(_POLL, rest) if rest is not None else _POLL


class _Line:
    """A thread with an event loop, and the client that lives in it."""

    def __init__(self, patience: Patience) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._said: set[asyncio.Task[Any]] = set()
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(patience.answer, connect=patience.connect, pool=None),
            limits=httpx2.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=_IDLE
            ),
            follow_redirects=False,
            # Neither proxies nor passwords that the environment happens to name.
            trust_env=False,
            headers={"User-Agent": "eitherside", "Accept-Encoding": "identity"},
        )
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="eitherside-wire", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        with self._lock:
            if self._closed:
                raise Interrupted("cancel")
            return asyncio.run_coroutine_threadsafe(work(self._client), self._loop)

    def say(self, work: Work[Any]) -> None:
        with self._lock:
            if not self._closed:
                self._loop.call_soon_threadsafe(self._say, work)

    def _say(self, work: Work[Any]) -> None:
        task = self._loop.create_task(_quietly(work(self._client)))
        self._said.add(task)
        task.add_done_callback(self._said.discard)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        if self._pid != os.getpid():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        if self._said:
            await asyncio.wait(self._said, timeout=_LAST_WORDS)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.aclose()


async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except httpx2.HTTPError:
        return


_WIRES: weakref.WeakSet[Wire] = weakref.WeakSet()


def _after_fork() -> None:
    for wire in list(_WIRES):
        wire._forked()


os.register_at_fork(after_in_child=_after_fork)

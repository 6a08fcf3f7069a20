"""What the worker processes know of each other: which calls run or are cancelled, how much there is to do."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

import numpy as np

from ..errors import OVER_CAPACITY, CallError
from ..pool import Load
from ..settings import Settings

MAX_CALLS = 1 << 16
"""Most calls with an id at once; what a scan of the table still takes well under a millisecond for."""

_MAX_ID = 64
_HEAD = np.dtype([("next", "i8"), ("speed", "f8"), ("prober", "i8")])
# The process, then the fields of `Load`.
_PROCESS = np.dtype(
    [
        *((name, "i8") for name in ("pid", "running", "waiting", "memory", "threads", "budget")),
        *((name, "f8") for name in ("typical", "since")),
    ]
)
_CALL = np.dtype([("id", f"S{_MAX_ID}"), ("pid", "i8"), ("cancelled", "i8")])
_GONE = np.dtype([("id", f"S{_MAX_ID}"), ("until", "f8")])


class Taken(Enum):
    """Why a call's id was not taken."""

    IN_USE = "in use"
    CANCELLED = "cancelled"


class Board:
    """Tables in memory that processes share: those forked from the one that made it.

    Every field has eight bytes and its place is a multiple of eight, so one that is read while its owner
    writes it is old or new. All that must agree is done under a lock of the file's, which the system frees
    where its holder dies.
    """

    def __init__(self, settings: Settings) -> None:
        calls = min(2 * settings.workers * settings.connections, MAX_CALLS)
        # A worker that ends serves its last calls while its successor has begun.
        shapes = [(_HEAD, 1), (_PROCESS, 2 * settings.workers + 1), (_CALL, calls)]
        shapes.append((_GONE, settings.cancelled_ids))
        self._remember = settings.cancelled_time
        self._file = _anonymous()
        os.ftruncate(self._file, sum(kind.itemsize * count for kind, count in shapes))
        memory = mmap.mmap(self._file, 0)
        views, at = [], 0
        for kind, count in shapes:
            views.append(np.frombuffer(memory, kind, count, at))
            at += kind.itemsize * count
        self._head, self._processes, self._calls, self._gone = views
        self._head["speed"] = np.nan
        self._row: tuple[int, int] | None = None
        self._lock = threading.Lock()
        weakref.finalize(self, os.close, self._file)
        _BOARDS.add(self)

    @contextmanager
    def _held(self) -> Iterator[None]:
        # The file's lock is the process's, so threads need one of their own.
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    # Calls

    def take(self, name: str) -> int | Taken:
        """Registers a call under the id `name`; returns its place, or why it has none.

        Raises:
            CallError: over_capacity, where as many calls have ids as may.
        """
        key = name.encode("ascii")
        with self._held():
            if self._remembered(key):
                return Taken.CANCELLED
            if self._find(key) is not None:
                return Taken.IN_USE
            free = np.flatnonzero(self._calls["pid"] == 0)
            if not free.size and self._sweep():
                free = np.flatnonzero(self._calls["pid"] == 0)
            if not free.size:
                raise CallError(OVER_CAPACITY, "too many calls have ids", retry_after=1)
            place = int(free[0])
            self._calls[place] = (key, os.getpid(), 0)
            return place

    def release(self, place: int) -> None:
        """Ends the registration of the call at `place`."""
        with self._held():
            if self._calls["pid"][place] == os.getpid():
                self._calls[place] = (b"", 0, 0)

    def cancelled(self, place: int) -> bool:
        """Returns whether the call at `place` is cancelled."""
        return bool(self._calls["cancelled"][place])

    def cancel(self, name: str) -> None:
        """Cancels the call with the id `name`, in whichever process; one that has not come is remembered."""
        key = name.encode("ascii")
        with self._held():
            place = self._find(key)
            if place is not None:
                self._calls["cancelled"][place] = 1
            elif not self._remembered(key):
                at = int(self._head["next"][0])
                self._gone[at] = (key, time.monotonic() + self._remember)
                self._head["next"] = (at + 1) % len(self._gone)

    def _find(self, key: bytes) -> int | None:
        for place in np.flatnonzero(self._calls["id"] == key):
            if _alive(int(self._calls["pid"][place])):
                return int(place)
            self._calls[place] = (b"", 0, 0)
        return None

    def _remembered(self, key: bytes) -> bool:
        return bool(np.any(self._gone["until"][self._gone["id"] == key] > time.monotonic()))

    def _sweep(self) -> bool:
        pids = set(self._calls["pid"].tolist()) - {0}
        gone = [pid for pid in pids if not _alive(pid)]
        for pid in gone:
            self._calls[self._calls["pid"] == pid] = (b"", 0, 0)
        return bool(gone)

    # Processes

    def publish(self, load: Load) -> None:
        """Tells the others what this process does; for one thread of it at a time."""
        place = self._own()
        if place is None:
            return
        row = self._processes[place]
        row["running"], row["waiting"], row["memory"] = load.running, load.waiting, load.memory
        row["threads"], row["budget"] = load.threads, load.budget
        row["typical"], row["since"] = load.typical, load.since

    def loads(self) -> list[Load]:
        """Returns what each living process does."""
        rows = self._processes.tolist()
        return [Load(*rest) for pid, *rest in rows if pid and _alive(pid)]

    def forget(self, pid: int) -> None:
        """Removes what belonged to the process `pid`, which is no more."""
        with self._held():
            self._calls[self._calls["pid"] == pid] = (b"", 0, 0)
            self._processes[self._processes["pid"] == pid] = (0, 0, 0, 0, 0, 0, 0.0, 0.0)
            if self._head["prober"][0] == pid:
                self._head["prober"] = 0

    def _own(self) -> int | None:
        pid = os.getpid()
        if self._row is not None and self._row[0] == pid:
            return self._row[1]
        with self._held():
            for place, other in enumerate(self._processes["pid"].tolist()):
                if other in (0, pid) or not _alive(other):
                    self._processes[place] = (pid, 0, 0, 0, 0, 0, 0.0, 0.0)
                    self._row = pid, place
                    return place
        return None

    # How fast the machine is

    @property
    def speed(self) -> float | None:
        """Milliseconds per unit of work, or None where nobody has measured it yet."""
        found = float(self._head["speed"][0])
        return None if np.isnan(found) else found

    @speed.setter
    def speed(self, value: float) -> None:
        self._head["speed"] = value

    def claim(self) -> bool:
        """Makes this process the one that measures the speed, unless another one does."""
        with self._held():
            prober = int(self._head["prober"][0])
            if prober and prober != os.getpid() and _alive(prober):
                return False
            self._head["prober"] = os.getpid()
            return True

    def _forked(self) -> None:
        # Another thread may have held the lock at the fork.
        self._lock = threading.Lock()


def _anonymous() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("eitherside-board", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


_BOARDS: weakref.WeakSet[Board] = weakref.WeakSet()


def _after_fork() -> None:
    for board in list(_BOARDS):
        board._forked()


os.register_at_fork(after_in_child=_after_fork)

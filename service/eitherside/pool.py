"""Threads that run nothing but calls, and who may have one: a finite queue and a budget of memory.

Cores that no call wants are lent to helpers of those that run, and taken back as soon as one does: throughput
comes first where there is load, and latency where there is none.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from .errors import CANCELLED, OVER_CAPACITY, CallError

T = TypeVar("T")

_POLL = 0.02
_LONGEST_RETRY = 60


@dataclass(frozen=True)
class Load:
    """What a pool is doing.

    Attributes:
        running: calls that run.
        waiting: calls that wait.
        memory: bytes reserved for the running ones, and held between the pieces of pushed ones.
        threads: calls that may run at once.
        budget: bytes that running calls may reserve together.
        typical: seconds that a call usually runs, of late.
        since: when the call that began last began, by `time.monotonic`.
    """

    running: int
    waiting: int
    memory: int
    threads: int = 1
    budget: int = 0
    typical: float = 1.0
    since: float = 0.0

    def wait(self, memory: int, now: float) -> float:
        """Returns how many seconds a call that arrives `now` and reserves `memory` may expect to wait.

        A call that has run for longer than usual is expected to run for as long again.
        """
        ahead = self.running + self.waiting
        if not ahead or (ahead < self.threads and self.memory + (self.waiting + 1) * memory <= self.budget):
            return 0.0
        running = max(self.typical, now - self.since) if self.running else self.typical
        return (running + self.waiting * self.typical) / max(1, self.threads)


@dataclass(eq=False)
class Job(Generic[T]):
    """One piece of work. `cancelled` is what the work itself asks from time to time."""

    work: Callable[[Callable[[], bool]], T]
    memory: int
    cancel: threading.Event | None
    done: threading.Event = field(default_factory=threading.Event)
    abandoned: bool = False
    arrived: float = field(default_factory=time.monotonic)
    started: float | None = None
    finished: float = 0.0
    result: T | None = None
    error: BaseException | None = None

    def cancelled(self) -> bool:
        """Returns whether nobody waits for the result any more."""
        return self.abandoned or (self.cancel is not None and self.cancel.is_set())


@dataclass(frozen=True)
class Done(Generic[T]):
    """A job's result, and the seconds it waited and ran."""

    value: T
    waited: float
    ran: float


class Helped(Protocol):
    """The helpers of a call, as the pool sees them."""

    @property
    def helping(self) -> int:
        """Helpers that take a core."""

    def add(self) -> bool:
        """Lets one more help; returns whether there is one."""

    def drop(self) -> bool:
        """Tells one to leave; returns whether there was one."""


class Pool:
    """A fixed number of daemon threads that run jobs in the order they came.

    They run nothing else: native code that leaves the upper halves of vector registers dirty makes
    WebAssembly many times slower in the same thread.
    """

    def __init__(
        self,
        threads: int,
        queue_length: int,
        queue_time: float,
        memory: int,
        watch: Callable[[Load], None] | None = None,
    ) -> None:
        """Makes a pool; its threads start with its first job.

        Args:
            threads: jobs that run at once.
            queue_length: jobs that may wait beyond those that can start at once.
            queue_time: longest wait in seconds.
            memory: bytes that running jobs may reserve together.
            watch: is told the load whenever it changes, one call at a time; it must be quick.
        """
        self._size = threads
        self._queue_length = queue_length
        self._queue_time = queue_time
        self._memory = memory
        self._changed = threading.Condition()
        self._queue: deque[Job[Any]] = deque()
        self._running: set[Job[Any]] = set()
        self._held = 0
        self._teams: list[Helped] = []
        self._firm: list[Helped] = []
        self._threads: list[threading.Thread] = []
        self._watch = watch
        self._typical: float | None = None
        self._since = 0.0
        self._closed = False
        with self._changed:
            self._tell()

    def load(self) -> Load:
        """Returns what the pool is doing now."""
        with self._changed:
            return self._load()

    def _load(self) -> Load:
        return Load(
            len(self._running),
            len(self._queue),
            self._reserved(),
            self._size,
            self._memory,
            self._usual,
            self._since,
        )

    def _tell(self) -> None:
        if self._watch is not None:
            self._watch(self._load())

    @property
    def _usual(self) -> float:
        # Before the first call nothing is known; a second is a guess on the safe side.
        return self._typical if self._typical is not None else 1.0

    def close(self) -> None:
        """Cancels every job and lets the threads end."""
        with self._changed:
            self._closed = True
            for job in (*self._queue, *self._running):
                job.abandoned = True
            for job in self._queue:
                job.error = CallError(CANCELLED, "the host was closed")
                job.done.set()
            self._queue.clear()
            self._tell()
            self._changed.notify_all()

    def run(
        self, work: Callable[[Callable[[], bool]], T], memory: int, cancel: threading.Event | None = None
    ) -> Done[T]:
        """Runs `work` in one of the threads and waits for it.

        Args:
            work: is given a function that tells whether to stop early.
            memory: bytes to reserve; more than the whole budget waits until nothing else runs.
            cancel: set it to cancel the job, waiting or running.

        Raises:
            CallError: over_capacity or cancelled; and whatever `work` raises.
        """
        job = Job(work, min(memory, self._memory), cancel)
        self._admit(job)
        try:
            self._wait(job)
        except BaseException:
            job.abandoned = True
            self._withdraw(job)
            raise
        # Taken out of the job, so that neither a result nor an error's frames wait for the garbage collector.
        result, job.result = job.result, None
        error, job.error = job.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error
        started = job.started if job.started is not None else job.finished
        return Done(result, started - job.arrived, job.finished - started)  # type: ignore[arg-type]

    def hold(self, change: int) -> None:
        """Counts `change` bytes more, or less, as taken by what stays in memory while nothing of it runs."""
        with self._changed:
            self._held += change
            self._tell()
            self._changed.notify_all()

    def spare(self) -> int:
        """Returns how many cores no call wants now and no helper has; below 0 where helpers have too many."""
        with self._changed:
            return self._spare()

    def enlist(self, team: Helped, *, firm: bool) -> None:
        """Lends helpers to a call for as long as nobody else wants the cores, until `dismiss`.

        Args:
            team: its helpers.
            firm: give it all that it can have, and take none of them back.
        """
        with self._changed:
            if firm:
                self._firm.append(team)
                while team.add():
                    pass
            else:
                self._teams.append(team)
            self._lend()

    def dismiss(self, team: Helped) -> None:
        """Lends no more to a call, which sends its helpers away by itself."""
        with self._changed:
            for teams in (self._teams, self._firm):
                if team in teams:
                    teams.remove(team)
            self._lend()

    def _spare(self) -> int:
        helping = sum(team.helping for team in (*self._teams, *self._firm))
        return self._size - len(self._running) - len(self._queue) - helping

    def _lend(self) -> None:
        """Lends the cores that are spare, or takes back as many as are missing."""
        spare = self._spare()
        while spare < 0 and self._teams and max(self._teams, key=lambda team: team.helping).drop():
            spare += 1
        for team in sorted(self._teams, key=lambda team: team.helping):
            while spare > 0 and team.add():
                spare -= 1

    def _reserved(self) -> int:
        return self._held + sum(job.memory for job in self._running)

    def _fits(self, memory: int) -> bool:
        # A pushed call that waits for its next piece must not keep all others from starting.
        return self._reserved() + memory <= self._memory or (not self._running and self._held < self._memory)

    def _admit(self, job: Job[Any]) -> None:
        with self._changed:
            if self._closed:
                raise CallError(CANCELLED, "the host was closed")
            wanted = self._reserved() + sum(other.memory for other in self._queue) + job.memory
            alone = not self._running and not self._queue
            fits = self._fits(job.memory) if alone else wanted <= self._memory
            starts_now = len(self._running) + len(self._queue) < self._size and fits
            if not starts_now and len(self._queue) >= self._queue_length:
                raise self._over_capacity(
                    f"{len(self._running)} calls run and {len(self._queue)} wait already"
                )
            self._queue.append(job)
            if len(self._threads) < self._size:
                thread = threading.Thread(
                    target=self._serve, name=f"eitherside-wasm-{len(self._threads)}", daemon=True
                )
                self._threads.append(thread)
                thread.start()
            self._lend()
            self._tell()
            self._changed.notify()

    def _over_capacity(self, why: str) -> CallError:
        ahead = (len(self._queue) + 1) * self._usual / self._size
        retry_after = min(max(1, math.ceil(ahead)), _LONGEST_RETRY)
        return CallError(OVER_CAPACITY, f"{why}; try again in {retry_after} s", retry_after=retry_after)

    def _wait(self, job: Job[Any]) -> None:
        last = job.arrived + self._queue_time
        while True:
            queued = job.started is None
            rest = max(0.0, last - time.monotonic()) if queued else None
            if job.cancel is not None:
                rest = min(_POLL, rest) if rest is not None else _POLL
            if job.done.wait(rest):
                return
            if job.cancelled() and self._withdraw(job):
                raise CallError(CANCELLED, "the call was cancelled while it waited")
            if time.monotonic() >= last and self._withdraw(job):
                with self._changed:
                    raise self._over_capacity(f"no thread was free for {self._queue_time:g} s")

    def _withdraw(self, job: Job[Any]) -> bool:
        with self._changed, contextlib.suppress(ValueError):
            self._queue.remove(job)
            self._tell()
            # The next in the queue may need less memory than this one did.
            self._changed.notify_all()
            return True
        return False

    def _next(self) -> Job[Any] | None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or (self._queue and self._fits(self._queue[0].memory))
            )
            if self._closed:
                return None
            job = self._queue.popleft()
            job.started = self._since = time.monotonic()
            self._running.add(job)
            self._tell()
            return job

    def _serve(self) -> None:
        while (job := self._next()) is not None:
            try:
                job.result = job.work(job.cancelled)
            except BaseException as error:  # noqa: BLE001 -- raised again in the thread that waits
                job.error = error
            job.finished = time.monotonic()
            with self._changed:
                self._running.discard(job)
                self._learn(job)
                self._lend()
                self._tell()
                self._changed.notify_all()
            job.done.set()
            del job

    def _learn(self, job: Job[Any]) -> None:
        # What was stopped tells nothing of how long its like take.
        if job.started is None or job.cancelled():
            return
        ran = job.finished - job.started
        self._typical = ran if self._typical is None else self._typical + 0.2 * (ran - self._typical)

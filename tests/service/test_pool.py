"""The pool: a finite queue, a budget of memory, jobs that can be cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from eitherside import CallError
from eitherside.pool import Pool

MIB = 1 << 20


class Gate:
    """Work that says when it has begun and ends when it is let go or cancelled."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self, cancelled: Callable[[], bool]) -> str:
        self.begun.set()
        while not self.open.wait(0.01):
            if cancelled():
                return "cancelled"
        return "done"


class Caller(threading.Thread):
    """A thread that runs a job and keeps what came of it."""

    def __init__(self, pool: Pool, work: Callable[..., Any], memory: int = 0, cancel: Any = None) -> None:
        super().__init__(daemon=True)
        self._arguments = (pool, work, memory, cancel)
        self.outcome: Any = None
        self.start()

    def run(self) -> None:
        pool, work, memory, cancel = self._arguments
        try:
            self.outcome = pool.run(work, memory, cancel).value
        except CallError as error:
            self.outcome = error

    def result(self) -> Any:
        self.join(20)
        assert not self.is_alive()
        return self.outcome


@contextmanager
def pool_of(threads: int, queue: int, *, wait: float = 60, memory: int = 100 * MIB) -> Iterator[Pool]:
    pool = Pool(threads, queue, wait, memory)
    try:
        yield pool
    finally:
        pool.close()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        threading.Event().wait(0.005)
    pytest.fail("it never came to be")


def test_a_full_queue_refuses_and_says_when_to_try_again() -> None:
    gate = Gate()
    with pool_of(1, 1) as pool:
        running = Caller(pool, gate)
        assert gate.begun.wait(20)
        waiting = Caller(pool, lambda _: "second")
        until(lambda: pool.load().waiting == 1)
        with pytest.raises(CallError, match="1 calls run and 1 wait already") as caught:
            pool.run(lambda _: None, 0)
        assert (caught.value.code, caught.value.status) == ("over_capacity", 503)
        assert caught.value.retry_after is not None
        assert caught.value.retry_after >= 1
        gate.open.set()
        assert (running.result(), waiting.result()) == ("done", "second")


def test_without_a_queue_an_idle_thread_still_takes_a_job() -> None:
    with pool_of(1, 0) as pool:
        assert pool.run(lambda _: 5, 0).value == 5


def test_memory_is_never_promised_twice() -> None:
    first, second = Gate(), Gate()
    with pool_of(4, 4, memory=10 * MIB) as pool:
        callers = [Caller(pool, first, 6 * MIB)]
        assert first.begun.wait(20)
        callers.append(Caller(pool, second, 6 * MIB))
        until(lambda: pool.load().waiting == 1)
        assert not second.begun.is_set()
        assert pool.load().memory == 6 * MIB
        first.open.set()
        assert second.begun.wait(20)
        second.open.set()
        assert [caller.result() for caller in callers] == ["done", "done"]


def test_a_job_larger_than_the_budget_runs_alone() -> None:
    with pool_of(2, 2, memory=MIB) as pool:
        assert pool.run(lambda _: "ran", 5 * MIB).value == "ran"


def test_a_wait_that_is_too_long_ends() -> None:
    gate = Gate()
    with pool_of(1, 5, wait=0.2) as pool:
        Caller(pool, gate)
        assert gate.begun.wait(20)
        with pytest.raises(CallError, match=r"no thread was free for 0\.2 s") as caught:
            pool.run(lambda _: None, 0)
        assert caught.value.code == "over_capacity"
        assert pool.load().waiting == 0
        gate.open.set()


def test_a_waiting_job_is_cancelled() -> None:
    gate, cancel = Gate(), threading.Event()
    with pool_of(1, 5) as pool:
        Caller(pool, gate)
        assert gate.begun.wait(20)
        waiting = Caller(pool, lambda _: "ran", cancel=cancel)
        until(lambda: pool.load().waiting == 1)
        cancel.set()
        assert waiting.result().code == "cancelled"
        gate.open.set()


def test_a_running_job_hears_of_it() -> None:
    gate, cancel = Gate(), threading.Event()
    with pool_of(1, 5) as pool:
        running = Caller(pool, gate, cancel=cancel)
        assert gate.begun.wait(20)
        cancel.set()
        assert running.result() == "cancelled"


def test_closing_cancels_all() -> None:
    gate = Gate()
    pool = Pool(1, 5, 60, MIB)
    running = Caller(pool, gate)
    assert gate.begun.wait(20)
    waiting = Caller(pool, lambda _: "ran")
    until(lambda: pool.load().waiting == 1)
    pool.close()
    assert running.result() == "cancelled"
    assert waiting.result().code == "cancelled"
    with pytest.raises(CallError):
        pool.run(lambda _: None, 0)


def test_what_work_raises_reaches_its_caller() -> None:
    def fail(_: Callable[[], bool]) -> None:
        raise ZeroDivisionError("in the thread")

    with pool_of(1, 1) as pool:
        with pytest.raises(ZeroDivisionError, match="in the thread"):
            pool.run(fail, 0)
        assert pool.run(lambda _: "still here", 0).value == "still here"


def test_the_load_is_told_with_every_change() -> None:
    told: list[tuple[int, int, int]] = []
    gate = Gate()
    pool = Pool(
        1, 5, 60, 10 * MIB, lambda load: told.append((load.running, load.waiting, load.memory // MIB))
    )
    running = Caller(pool, gate, MIB)
    assert gate.begun.wait(20)
    cancel = threading.Event()
    waiting = Caller(pool, lambda _: "ran", 2 * MIB, cancel)
    until(lambda: pool.load().waiting == 1)
    cancel.set()
    waiting.result()
    gate.open.set()
    running.result()
    pool.close()
    assert told == [(0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, 1), (1, 0, 1), (0, 0, 0), (0, 0, 0)]


def test_what_is_typical_is_learned_from_calls_that_ended() -> None:
    gate, cancel = Gate(), threading.Event()
    with pool_of(1, 5) as pool:
        assert pool.load().typical == 1
        pool.run(lambda _: None, 0)
        short = pool.load().typical
        assert short < 1
        stopped = Caller(pool, gate, cancel=cancel)
        assert gate.begun.wait(20)
        time.sleep(0.2)
        cancel.set()
        stopped.result()
        assert pool.load().typical == short


def test_jobs_run_in_threads_of_their_own() -> None:
    with pool_of(2, 2) as pool:
        names = {pool.run(lambda _: threading.current_thread().name, 0).value for _ in range(5)}
    assert all(name.startswith("eitherside-wasm-") for name in names)


class Helpers:
    """Helpers of a call, counted."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.helping = 0

    def add(self) -> bool:
        if self.helping == self.most:
            return False
        self.helping += 1
        return True

    def drop(self) -> bool:
        if self.helping == 0:
            return False
        self.helping -= 1
        return True


def gates(pool: Pool, count: int) -> tuple[list[Gate], list[Caller]]:
    """So many jobs that run."""
    made = [Gate() for _ in range(count)]
    callers = [Caller(pool, gate) for gate in made]
    for gate in made:
        assert gate.begun.wait(20)
    return made, callers


def test_cores_that_nobody_wants_are_lent() -> None:
    with pool_of(4, 4) as pool:
        (gate,), (caller,) = gates(pool, 1)
        assert pool.spare() == 3
        team = Helpers(2)
        pool.enlist(team, firm=False)
        assert (team.helping, pool.spare()) == (2, 1)
        pool.dismiss(team)
        assert pool.spare() == 3
        gate.open.set()
        caller.result()


def test_they_are_taken_back_for_jobs_and_lent_again_after_them() -> None:
    with pool_of(4, 4) as pool:
        (first,), callers = gates(pool, 1)
        team = Helpers(9)
        pool.enlist(team, firm=False)
        assert (team.helping, pool.spare()) == (3, 0)
        others, more = gates(pool, 2)
        assert (team.helping, pool.spare()) == (1, 0)
        last, most = gates(pool, 1)
        assert team.helping == 0
        waiting = Caller(pool, lambda _: "waited")
        until(lambda: pool.load().waiting == 1)
        assert (team.helping, pool.spare()) == (0, -1)
        for gate in (*others, *last):
            gate.open.set()
        assert [caller.result() for caller in (*more, *most, waiting)] == ["done"] * 3 + ["waited"]
        until(lambda: team.helping == 3)
        pool.dismiss(team)
        first.open.set()
        callers[0].result()


def test_calls_share_what_is_spare() -> None:
    with pool_of(6, 4) as pool:
        opened, callers = gates(pool, 2)
        teams = [Helpers(9), Helpers(9)]
        for team in teams:
            pool.enlist(team, firm=False)
        assert [team.helping for team in teams] == [4, 0]
        (third,), more = gates(pool, 1)
        assert [team.helping for team in teams] == [3, 0]
        pool.dismiss(teams[0])
        assert teams[1].helping == 3
        for gate in (*opened, third):
            gate.open.set()
        for caller in (*callers, *more):
            caller.result()


def test_who_asked_for_helpers_keeps_them() -> None:
    with pool_of(2, 2) as pool:
        (first,), callers = gates(pool, 1)
        team = Helpers(3)
        pool.enlist(team, firm=True)
        assert (team.helping, pool.spare()) == (3, -2)
        (second,), more = gates(pool, 1)
        assert team.helping == 3
        other = Helpers(1)
        pool.enlist(other, firm=False)
        assert other.helping == 0
        for gate in (first, second):
            gate.open.set()
        for caller in (*callers, *more):
            caller.result()

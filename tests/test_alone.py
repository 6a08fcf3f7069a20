"""Tests marked "alone" are that."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.alone import turn


def test_others_run_at_the_same_time(tmp_path: Path) -> None:
    together = threading.Barrier(3, timeout=60)

    def run(_: int) -> None:
        with turn(tmp_path, alone=False):
            together.wait()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(run, range(3)))


def test_nothing_runs_beside_one_that_is_alone(tmp_path: Path) -> None:
    inside: list[bool] = []
    seen: list[list[bool]] = []

    def run(index: int) -> None:
        alone = index % 5 == 0
        with turn(tmp_path, alone=alone):
            inside.append(alone)
            if alone:
                threading.Event().wait(0.01)
                seen.append(list(inside))
            inside.remove(alone)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(run, range(40)))
    assert seen == [[True]] * 8


def test_those_that_are_alone_come_first(request: pytest.FixtureRequest) -> None:
    waits = [item.get_closest_marker("alone") is None for item in request.session.items]
    assert waits == sorted(waits)

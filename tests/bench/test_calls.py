"""Calls of several threads at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from .calls import at_once


def test_all_calls_are_made_by_threads_of_their_own() -> None:
    found: list[int] = []

    @contextmanager
    def ready() -> Iterator[Callable[[], object]]:
        yield lambda: found.append(threading.get_ident())

    assert at_once(3, 2, ready) >= 0
    assert len(found) == 6
    assert len(set(found)) <= 3


@pytest.mark.parametrize("early", [True, False])
def test_what_the_first_failure_raised_is_raised(early: bool) -> None:
    """Whether a caller fails while it gets ready, with the others waiting for it, or in its call."""
    number = iter(range(2))

    @contextmanager
    def ready() -> Iterator[Callable[[], object]]:
        fails = next(number) == 1
        if fails and early:
            raise ValueError("not ready")

        def call() -> None:
            if fails:
                raise ValueError("no answer")

        yield call

    with pytest.raises(ValueError, match="not ready" if early else "no answer"):
        at_once(2, 1, ready)

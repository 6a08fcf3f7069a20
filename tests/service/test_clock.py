"""The clock that stops calls."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from eitherside import CallError, Host, Module, Settings, clock
from support import wat


def clocks() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "eitherside-clock"]


def test_it_ends_when_nothing_runs_and_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_IDLE", 0.01)
    others = clocks()
    module = Module(wat.write(tmp_path, wat.build(wat.SPIN)))
    with Host(module, Settings.load(cache_dir="off")) as host:
        for _ in range(2):
            with pytest.raises(CallError, match="was stopped after"):
                host.call("act", time_limit=0.1)
            for thread in set(clocks()) - set(others):
                thread.join(20)
                assert not thread.is_alive()


def test_a_deadline_of_one_call_is_not_that_of_another(tmp_path: Path) -> None:
    module = Module(wat.write(tmp_path, wat.build(wat.SPIN)))
    stopped: list[str] = []

    def spin(host: Host, limit: float) -> None:
        with pytest.raises(CallError) as caught:
            host.call("act", time_limit=limit)
        stopped.append(caught.value.message)

    with Host(module, Settings.load(cache_dir="off", threads=3)) as host:
        threads = [threading.Thread(target=spin, args=(host, limit)) for limit in (1.5, 0.1, 0.7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert stopped == [f"act was stopped after {limit} s" for limit in (0.1, 0.7, 1.5)]

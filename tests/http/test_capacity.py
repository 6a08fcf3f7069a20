"""What the service tells of its load: `/v1/capacity` and `Eitherside-Load`."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from eitherside import Module
from eitherside.http import create_app
from eitherside.http.state import Service
from eitherside.interface import Interface
from eitherside.pool import Load
from eitherside.probe import Probe, noise
from eitherside.settings import Settings

GIB = 1 << 30
HEADER = re.compile(r"running=\d+, waiting=\d+, threads=\d+, wait=\d{1,12}\.\d{1,3}\Z")


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it never came to be")


class TestDocument:
    def test_members(self, client: FlaskClient) -> None:
        response = client.get("/v1/capacity")
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
        found = response.get_json()
        interface = client.get("/v1/interface").get_json()
        assert found["module"] == interface["module"]
        assert found["queue_length"] == interface["service"]["limits"]["queue_length"]
        assert found["max_body"] == interface["service"]["limits"]["max_body"]
        assert found["time_limit"] == interface["service"]["limits"]["time_limit"]
        assert (found["running"], found["waiting"], found["wait"]) == (0, 0, 0)
        assert found["threads"] >= 1
        assert found["memory"]["reserved"] == 0
        assert 0 < found["memory"]["per_call"] <= found["memory"]["total"]

    def test_only_get(self, client: FlaskClient) -> None:
        assert client.post("/v1/capacity").status_code == 405

    def test_what_runs_and_waits(self, png: bytes) -> None:
        app = create_app(Settings.load(threads=1, memory_per_call="64MiB"))
        service: Service = app.extensions["eitherside"]
        client = app.test_client()
        service.host.start()
        gate = threading.Event()
        state = service.host._running()
        threads = [
            threading.Thread(target=state.pool.run, args=(lambda _: gate.wait(60), 5 << 20)) for _ in range(3)
        ]
        try:
            for thread in threads:
                thread.start()
            until(lambda: state.pool.load().running == 1 and state.pool.load().waiting == 2)
            found = client.get("/v1/capacity").get_json()
            assert (found["running"], found["waiting"], found["threads"]) == (1, 2, 1)
            assert found["memory"]["reserved"] == 5 << 20
            assert found["wait"] >= 3 * 1.0
            header = client.get("/v1/interface").headers["Eitherside-Load"]
            assert header.startswith("running=1, waiting=2, threads=1, wait=")
        finally:
            gate.set()
            for thread in threads:
                thread.join()
        found = client.get("/v1/capacity").get_json()
        assert (found["running"], found["waiting"], found["wait"]) == (0, 0, 0)


class TestHeader:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/v1/interface", 200), ("GET", "/v1/capacity", 200), ("GET", "/v1/nope", 404),
            ("GET", "/v1/results/nope", 404), ("DELETE", "/v1/calls/0123456789abcdef", 204),
            ("POST", "/v1/inspect", 415), ("PUT", "/v1/inspect", 405), ("OPTIONS", "/v1/inspect", 200),
        ],
    )  # fmt: skip
    def test_every_answer_of_the_api_has_it(
        self, client: FlaskClient, method: str, path: str, status: int
    ) -> None:
        response = client.open(path, method=method)
        assert response.status_code == status
        assert HEADER.match(response.headers["Eitherside-Load"])

    @pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/", "/nope"])
    def test_others_have_not(self, client: FlaskClient, path: str) -> None:
        assert "Eitherside-Load" not in client.get(path, buffered=True).headers


class TestWait:
    @pytest.mark.parametrize(
        ("load", "wait"),
        [
            (Load(0, 0, 0, 2, GIB, 3.0, 0.0), 0),
            (Load(1, 0, GIB // 4, 2, GIB, 3.0, 0.0), 0),
            # One runs and began just now, so it takes as long as usual.
            (Load(1, 0, 0, 1, GIB, 3.0, 100.0), 3),
            (Load(1, 2, 0, 1, GIB, 3.0, 100.0), 9),
            (Load(2, 2, 0, 2, GIB, 3.0, 100.0), 4.5),
            # It has run for 20 s, and may for another 20.
            (Load(1, 0, 0, 1, GIB, 3.0, 80.0), 20),
            # There is a thread, but no memory.
            (Load(1, 0, GIB, 2, GIB, 3.0, 100.0), 1.5),
        ],
    )
    def test_of_a_call_that_arrives_now(self, load: Load, wait: float) -> None:
        assert load.wait(GIB // 4, 100.0) == wait


class TestSpeed:
    def test_noise_is_xorshift32(self) -> None:
        # Marsaglia's own sequence begins 723471715, 2497366906, 2064144800, 2008045182.
        assert noise(4) == bytes(value & 255 for value in (723471715, 2497366906, 2064144800, 2008045182))

    @pytest.mark.parametrize(
        "found",
        [
            None, [], {"function": "decode"}, {"function": "nope", "work": 1},
            {"function": "decode", "work": 0},
            {"function": "decode", "work": 1, "inputs": {"image": {"noise": -1}}},
            {"function": "decode", "work": 1, "inputs": {"image": {"noise": 1 << 40}}},
        ],
    )  # fmt: skip
    def test_a_probe_that_cannot_be_made_is_none(self, module: Module, found: object) -> None:
        raw = {**module.interface.raw, "probe": found}
        assert Probe.of(Interface(raw)) is None

    @staticmethod
    def probing(module: Module, monkeypatch: pytest.MonkeyPatch) -> Service:
        probe = {"function": "inspect", "inputs": {"image": {"noise": 0}}, "work": 2.0}
        monkeypatch.setitem(module.interface.raw, "probe", probe)
        service: Service = create_app(Settings.load(), module).extensions["eitherside"]
        return service

    def test_it_is_measured_once_in_the_background(
        self, module: Module, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service = self.probing(module, monkeypatch)
        runs: list[str] = []

        def timed(function: str, options: object, inputs: object, cancelled: object) -> float:
            runs.append(function)
            return 0.5 if len(runs) == 2 else 0.75

        monkeypatch.setattr(service.host, "timed", timed)
        assert service.board.speed is None
        service.speed.begin()
        until(lambda: service.board.speed == 250)
        service.speed.begin()
        assert runs == ["inspect"] * 3

    def test_it_waits_for_callers_and_gives_way_to_them(
        self, module: Module, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("eitherside.http.speed.PAUSE", 0.01)
        service = self.probing(module, monkeypatch)
        begun = threading.Event()

        def timed(function: str, options: object, inputs: object, cancelled: Callable[[], bool]) -> float:
            begun.set()
            until(cancelled)
            return 0.5

        monkeypatch.setattr(service.host, "timed", timed)
        service.board.publish(Load(1, 0, 0))
        service.speed.begin()
        assert not begun.wait(0.3)
        service.board.publish(Load(0, 0, 0))
        assert begun.wait(60)
        service.board.publish(Load(1, 0, 0))
        time.sleep(0.3)
        # What a caller may have slowed down does not count.
        assert service.board.speed is None
        monkeypatch.setattr(service.host, "timed", lambda *_: 0.25)
        service.board.publish(Load(0, 0, 0))
        until(lambda: service.board.speed == 125)

    def test_one_process_measures_for_all(self, module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
        service = self.probing(module, monkeypatch)
        assert service.board.claim()
        service.board._head["prober"] = 1
        assert not service.board.claim()
        service.board.forget(1)
        assert service.board.claim()

    def test_the_real_probe(self, client: FlaskClient, module: Module) -> None:
        if Probe.of(module.interface) is None:
            assert client.get("/v1/capacity").get_json()["speed"] is None
            return
        until(lambda: client.get("/v1/capacity").get_json()["speed"] is not None)
        assert client.get("/v1/capacity").get_json()["speed"] > 0

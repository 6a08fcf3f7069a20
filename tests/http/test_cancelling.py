"""Calls by id: `Eitherside-Call` and `DELETE /v1/calls/<id>`."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from eitherside import Host, Module
from eitherside.errors import CallError
from eitherside.foreign import Foreign
from eitherside.http import create_app
from eitherside.http.board import Board, Taken
from eitherside.http.shared import Shared
from eitherside.pool import Load
from eitherside.settings import Settings
from server import Reply, Server, running_server
from support.images import picture, saved

SLOW = "/v1/encode?width=570&height=570&channels=3&type=u8&effort=9&lossless=true"
NOISE = np.random.default_rng(1).integers(0, 255, 570 * 570 * 3, np.uint8).tobytes()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it never came to be")


class Caller(threading.Thread):
    """Makes a call of its own id in the background."""

    def __init__(self, server: Server, path: str = SLOW, body: bytes = NOISE) -> None:
        super().__init__(daemon=True)
        self.id = secrets.token_urlsafe(16)
        self._arguments = (server, path, body)
        self.reply: Reply | None = None
        self.start()

    def run(self) -> None:
        server, path, body = self._arguments
        self.reply = server.post(path, body, Eitherside_Call=self.id)

    def code(self) -> str:
        self.join(60)
        assert self.reply is not None
        assert self.reply.status == self.reply.json["status"]
        return str(self.reply.json["code"])


@pytest.fixture(scope="module", params=[1, 2])
def several(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of as many processes, each with one thread that computes."""
    with running_server(workers=request.param, threads=request.param, time_limit=100) as running:
        # Both processes have begun, so that calls are spread.
        until(lambda: running.get("/v1/capacity").json["threads"] == request.param)
        until(lambda: running.log.read_text().count("Ready") == request.param)
        yield running


def load(server: Server) -> tuple[int, int]:
    found = server.get("/v1/capacity").json
    return found["running"], found["waiting"]


def test_running_and_waiting_calls_in_every_process(several: Server) -> None:
    callers = [Caller(several) for _ in range(6)]
    until(lambda: sum(load(several)) == 6)
    # Connections go to either process, so the requests to cancel do, too.
    for caller in callers:
        reply = several.request("DELETE", f"/v1/calls/{caller.id}")
        assert (reply.status, reply.body) == (204, b"")
    assert [caller.code() for caller in callers] == ["cancelled"] * 6
    assert all(caller.reply is not None and caller.reply.status == 499 for caller in callers)
    until(lambda: load(several) == (0, 0))


def test_one_call_is_cancelled_and_others_go_on(several: Server) -> None:
    first, second = Caller(several), Caller(several, "/v1/inspect", b"P5\n2 1\n255\n\0\0")
    until(lambda: load(several)[0] >= 1)
    several.request("DELETE", f"/v1/calls/{first.id}")
    assert first.code() == "cancelled"
    second.join(60)
    assert second.reply is not None
    assert second.reply.status == 200


def test_a_cancel_that_comes_first_is_remembered(several: Server, png: bytes) -> None:
    name = secrets.token_urlsafe(16)
    assert several.request("DELETE", f"/v1/calls/{name}").status == 204
    for _ in range(4):
        reply = several.post("/v1/inspect", png, Eitherside_Call=name)
        assert (reply.status, reply.json["code"]) == (499, "cancelled")


def test_two_calls_of_one_id(several: Server, png: bytes) -> None:
    caller = Caller(several)
    until(lambda: sum(load(several)) == 1)
    for _ in range(4):
        reply = several.post("/v1/inspect", png, Eitherside_Call=caller.id)
        assert (reply.status, reply.json["code"]) == (409, "call_in_use")
    several.request("DELETE", f"/v1/calls/{caller.id}")
    assert caller.code() == "cancelled"


def test_an_id_is_free_again_after_its_call(several: Server, png: bytes) -> None:
    name = secrets.token_urlsafe(16)
    for _ in range(4):
        assert several.post("/v1/inspect", png, Eitherside_Call=name).status == 200


def test_the_process_of_pillow_is_stopped(several: Server) -> None:
    large = saved(picture(2000, 1500, 3), "PNG", compress_level=1)
    caller = Caller(several, "/v1/transcode?to=avif&speed=0", large)
    until(lambda: _converters(several) > 0)
    several.request("DELETE", f"/v1/calls/{caller.id}")
    assert caller.code() == "cancelled"
    until(lambda: _converters(several) == 0)


def _converters(server: Server) -> int:
    """Counts the processes of Pillow's that the server's workers have started."""
    found = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"foreign/worker.py" in (path / "cmdline").read_bytes():
                found += _parent(_parent(int(path.name))) == server.process.pid
        except OSError:
            continue
    return found


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_what_waits_for_pillow(png: bytes) -> None:
    foreign = Foreign(Settings.load(threads=1))
    cancel = threading.Event()
    outcomes: list[object] = []

    def convert() -> None:
        try:
            outcomes.append(foreign.from_png(png, "webp", cancel=cancel))
        except CallError as error:
            outcomes.append(error.code)

    with foreign._place(None):
        waiting = threading.Thread(target=convert)
        waiting.start()
        until(lambda: foreign.taken == 2)
        cancel.set()
        waiting.join(60)
        assert outcomes == ["cancelled"]
        assert foreign.taken == 1


def test_a_body_on_its_way(several: Server) -> None:
    name = secrets.token_urlsafe(16)

    def pieces() -> Iterator[bytes]:
        for step in range(400):
            if step == 2:
                # Were the request's head not read by then, the call would be one cancelled before it came.
                time.sleep(0.5)
                several.request("DELETE", f"/v1/calls/{name}")
            yield b"\0" * (1 << 18)

    reply = several.request("POST", "/v1/inspect", pieces(), {"Eitherside-Call": name})
    assert (reply.status, reply.json["code"]) == (499, "cancelled")
    assert "its body" in reply.json["detail"]


def test_a_worker_that_is_killed_leaves_nothing() -> None:
    with running_server(workers=2, threads=2, time_limit=100) as server:
        until(lambda: server.get("/v1/capacity").json["threads"] == 2)
        # Calls are taken before the workers have said that they are ready.
        until(lambda: server.log.read_text().count("Ready") == 2)
        callers = [_Lost(server) for _ in range(4)]
        until(lambda: sum(load(server)) == 4)
        children = subprocess.run(
            ["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        assert len(children) == 2
        for child in children:
            subprocess.run(["kill", "-9", child], check=True)
        for caller in callers:
            caller.join(60)
        until(lambda: server.log.read_text().count("Ready") >= 3)
        until(lambda: _calm(server))
        # Its id can be used again.
        small = b"P5\n2 1\n255\n\0\0"
        assert server.post("/v1/inspect", small, Eitherside_Call=callers[0].id).status == 200


def _calm(server: Server) -> bool:
    try:
        found = server.get("/v1/capacity").json
    except OSError:
        return False
    return (found["running"], found["waiting"], found["threads"]) == (0, 0, 2)


class _Lost(Caller):
    """A call whose server dies."""

    def run(self) -> None:
        try:
            super().run()
        except OSError:
            return
        except Exception:  # noqa: BLE001 -- http.client has several for an answer that never came
            return


@pytest.mark.parametrize("name", ["short", "x" * 65, "a b c d e f g h i", "äöüäöüäöüäöüäöüäöü", "%00" * 20])
def test_malformed_ids(client: FlaskClient, name: str) -> None:
    response = client.delete(f"/v1/calls/{name}")
    assert (response.status_code, response.get_json(force=True)["code"]) == (400, "bad_request")


@pytest.mark.parametrize("name", ["", "short", "x" * 65, "a b c d e f g h i"])
def test_malformed_ids_of_calls(client: FlaskClient, png: bytes, name: str) -> None:
    response = client.post("/v1/inspect", data=png, headers={"Eitherside-Call": name})
    assert (response.status_code, response.get_json(force=True)["code"]) == (400, "bad_request")
    assert "Eitherside-Call" in response.get_json(force=True)["detail"]


def test_without_gunicorn_it_works_in_the_process(png: bytes) -> None:
    client = create_app(Settings.load()).test_client()
    name = secrets.token_urlsafe(16)
    assert client.delete(f"/v1/calls/{name}").status_code == 204
    response = client.post("/v1/inspect", data=png, headers={"Eitherside-Call": name})
    assert (response.status_code, response.get_json(force=True)["code"]) == (499, "cancelled")


def test_a_call_that_waits_for_the_module_to_be_compiled(tmp_path: Path, module: Module) -> None:
    with Host(module, Settings.load(cache_dir="off")) as host:
        cancel = threading.Event()
        cancel.set()
        host._lock.acquire()
        try:
            with pytest.raises(CallError, match="while the module was compiled"):
                host.call("inspect", {}, {"image": b""}, cancel=cancel)
        finally:
            host._lock.release()


class TestBoard:
    def test_the_oldest_cancelled_ids_go_first(self) -> None:
        board = Board(Settings.load(cancelled_ids=3))
        for name in ("first", "second", "third", "third", "fourth"):
            board.cancel(name)
        assert isinstance(board.take("first"), int)
        assert [board.take(name) for name in ("second", "third", "fourth")] == [Taken.CANCELLED] * 3

    def test_cancelled_ids_are_forgotten_in_time(self) -> None:
        board = Board(Settings.load(cancelled_time=0.05))
        board.cancel("name")
        assert board.take("name") is Taken.CANCELLED
        time.sleep(0.06)
        assert isinstance(board.take("name"), int)

    def test_more_calls_than_there_are_places(self) -> None:
        board = Board(Settings.load(connections=1))
        places = [board.take("first"), board.take("second")]
        with pytest.raises(CallError) as caught:
            board.take("third")
        assert (caught.value.code, caught.value.retry_after) == ("over_capacity", 1)
        assert isinstance(places[0], int)
        board.release(places[0])
        assert board.take("third") == places[0]

    def test_a_place_is_not_cancelled_from_before(self) -> None:
        board = Board(Settings.load())
        place = board.take("first")
        assert isinstance(place, int)
        board.cancel("first")
        assert board.cancelled(place)
        board.release(place)
        assert board.take("second") == place
        assert not board.cancelled(place)

    def test_to_take_and_to_cancel_at_the_same_time(self) -> None:
        # Whichever comes first, the call never goes on uncancelled.
        board = Board(Settings.load(connections=2000, cancelled_ids=2000))
        names = [secrets.token_urlsafe(16) for _ in range(1000)]
        taken: list[int | Taken] = []

        def cancel() -> None:
            for name in names:
                board.cancel(name)

        threads = [
            threading.Thread(target=lambda: taken.extend(board.take(name) for name in names)),
            threading.Thread(target=cancel),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == 1000
        assert all(place is Taken.CANCELLED or board.cancelled(place) for place in taken)  # type: ignore[arg-type]

    def test_to_take_and_to_cancel_in_two_processes(self) -> None:
        code = """
import os
from eitherside.http.board import Board, Taken
from eitherside.settings import Settings

board = Board(Settings.load(connections=2000, cancelled_ids=2000))
names = [f"name-{number}" for number in range(1000)]
child = os.fork()
if not child:
    for name in names:
        board.cancel(name)
    os._exit(0)
taken = [board.take(name) for name in names]
assert os.waitpid(child, 0)[1] == 0
assert all(place is Taken.CANCELLED or board.cancelled(place) for place in taken)
"""
        subprocess.run([sys.executable, "-c", code], check=True, timeout=120)

    def test_calls_of_a_process_that_is_no_more(self) -> None:
        code = """
import os
from eitherside.http.board import Board, Taken
from eitherside.settings import Settings

board = Board(Settings.load(connections=1))
child = os.fork()
if not child:
    assert [board.take(name) for name in ("first", "second")] == [0, 1]
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
assert board.take("first") == 0
assert board.take("third") == 1
"""
        subprocess.run([sys.executable, "-c", code], check=True, timeout=120)

    def test_loads_of_processes_that_are_no_more(self) -> None:
        board = Board(Settings.load())
        board.publish(Load(1, 2, 3, 4, 5, 0.5, 6.0))
        assert board.loads() == [Load(1, 2, 3, 4, 5, 0.5, 6.0)]
        ended = subprocess.Popen(["true"])
        ended.wait()
        board._processes["pid"][1] = ended.pid
        board._processes["running"][1] = 9
        assert board.loads() == [Load(1, 2, 3, 4, 5, 0.5, 6.0)]

    def test_an_application_may_be_given_its_processes_board(self) -> None:
        settings = Settings.load()
        shared = Shared(settings)
        apps = [create_app(settings, shared=shared) for _ in range(2)]
        name = secrets.token_urlsafe(16)
        apps[0].test_client().delete(f"/v1/calls/{name}")
        response = apps[1].test_client().post("/v1/inspect", data=b"", headers={"Eitherside-Call": name})
        assert response.status_code == 499

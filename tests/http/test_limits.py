"""Each limit of the service is reached once, and the service goes on."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest

from eitherside.errors import CallError
from eitherside.http import create_app
from eitherside.http.body import Budget
from eitherside.settings import Settings
from server import Reply, Server
from support.images import saved

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def noise() -> bytes:
    """Samples that take the encoder long: within a server's 1 MiB only as a smaller picture."""
    return np.random.default_rng(1).integers(0, 255, 570 * 570 * 3, np.uint8).tobytes()


SLOW_QUERY = "/v1/encode?width=570&height=570&channels=3&type=u8&effort=9&lossless=true"


@pytest.fixture(autouse=True)
def _goes_on(server: Server) -> Iterator[None]:
    """After each of these tests the server still computes."""
    yield
    end = time.monotonic() + 15
    while (reply := server.get("/readyz")).status != 200 and time.monotonic() < end:
        time.sleep(0.1)
    assert reply.status == 200, reply


def code(reply: Reply) -> str:
    assert reply.headers["content-type"] == PROBLEM, reply
    assert reply.json["status"] == reply.status
    return str(reply.json["code"])


class TestBytes:
    @pytest.mark.parametrize("size", [(1 << 20) + 1, 8 << 20, 64 << 20])
    def test_an_announced_body(self, server: Server, size: int) -> None:
        reply = server.post("/v1/decode", b"\0" * size)
        assert (reply.status, code(reply), reply.json["limit"]) == (413, "body_too_large", 1 << 20)

    def test_an_announcement_alone(self, server: Server) -> None:
        answer = raw(server, b"POST /v1/decode HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert b"413" in answer.splitlines()[0]

    def test_a_chunked_body(self, server: Server) -> None:
        pieces = (b"\0" * 65536 for _ in range(100))
        reply = server.request("POST", "/v1/decode", pieces)
        assert (reply.status, code(reply)) == (413, "body_too_large")

    def test_a_chunked_body_within_the_limit(self, server: Server, png: bytes) -> None:
        pieces = (png[at : at + 100] for at in range(0, len(png), 100))
        reply = server.request("POST", "/v1/inspect", pieces)
        assert (reply.status, reply.json["width"]) == (200, 40)

    def test_the_largest_body(self, server: Server) -> None:
        assert server.post("/v1/decode", b"\0" * (1 << 20)).status == 415

    def test_all_bodies_together(self) -> None:
        budget = Budget(100)
        first, second = budget.lease(), budget.lease()
        first.grow(60)
        with pytest.raises(CallError) as caught:
            second.grow(50)
        assert (caught.value.status, caught.value.retry_after) == (503, 2)
        second.force(50)
        first.release()
        first.release()
        with pytest.raises(CallError):
            first.grow(60)
        second.release()
        first.grow(100)

    def test_all_bodies_together_over_http(self, png: bytes) -> None:
        app = create_app(Settings.load(max_body="1KiB", body_memory="1KiB"))
        app.extensions["eitherside"].budget.lease().force(1024)
        response = app.test_client().post("/v1/inspect", data=b"\0" * 100)
        assert (response.status_code, json.loads(response.data)["code"]) == (503, "over_capacity")
        assert response.headers["Retry-After"]

    def test_what_is_held_is_given_back(self, png: bytes) -> None:
        client = create_app(Settings.load()).test_client()
        budget = client.application.extensions["eitherside"].budget
        for path, data in (
            ("/v1/decode", png),
            ("/v1/decode", png[:99]),
            ("/v1/decode?x=1", png),
            ("/v1/inspect", png),
        ):
            client.post(path, data=data).close()
        client.application.extensions["eitherside"].keeping.wait()
        assert budget.used == 0


def raw(server: Server, text: bytes, *, half_close: bool = False, timeout: float = 20.0) -> bytes:
    """Sends bytes as they are, and returns what comes back until the end of the headers."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as connection:
        connection.sendall(text)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        while b"\r\n\r\n" not in found and (piece := connection.recv(65536)):
            found += piece
        return found


class TestTime:
    def test_a_body_that_stops_coming(self, server: Server) -> None:
        answer = raw(server, b"POST /v1/decode HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
        assert b"408" in answer.splitlines()[0]
        assert PROBLEM.encode() in answer

    @pytest.mark.parametrize("chunked", [False, True])
    def test_a_body_that_trickles(self, server: Server, chunked: bool) -> None:
        head = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 1000"
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(b"POST /v1/decode HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
            connection.setblocking(False)
            end, found = time.monotonic() + 15, b""
            while not found and time.monotonic() < end:
                with suppress(OSError):
                    connection.send(b"1\r\na\r\n" if chunked else b"a")
                time.sleep(0.1)
                try:
                    found = connection.recv(65536)
                except BlockingIOError:
                    continue
            assert b"408" in found.splitlines()[0]

    def test_a_call_that_takes_too_long(self, server: Server, noise: bytes) -> None:
        options = "effort=9&mode=modular&lossless=true"
        reply = server.post(f"/v1/encode?width=570&height=570&channels=3&type=u8&{options}", noise)
        # A machine fast enough to finish has not reached the limit.
        if reply.status == 200:
            pytest.skip("this machine encodes it within the limit")
        assert (reply.status, code(reply)) == (503, "time_limit")


class TestQueue:
    def test_more_calls_than_may_wait(self, server: Server, noise: bytes) -> None:
        replies: list[Reply] = []
        threads = [
            threading.Thread(target=lambda: replies.append(server.post(SLOW_QUERY, noise))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = [reply for reply in replies if reply.status == 503 and code(reply) == "over_capacity"]
        assert refused
        assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
        assert all(reply.status in (200, 503) for reply in replies)


class TestMemory:
    def test_a_calls_ceiling(self, png: bytes) -> None:
        client = create_app(Settings.load(memory_per_call="24MiB")).test_client()
        large = saved(np.zeros((2000, 3000, 3), np.uint8), "PNG")
        response = client.post("/v1/decode?type=f32", data=large)
        assert (response.status_code, json.loads(response.data)["code"]) == (413, "memory_limit")
        assert client.post("/v1/decode", data=png).status_code == 200

    @pytest.mark.parametrize(
        "claim",
        [
            f"P5\n{2**30} {2**30}\n255\n".encode(),
            f"P6\n{2**30 - 1} 1\n65535\n".encode(),
            b"P5\n99999999999 1\n255\n",
        ],
    )
    def test_a_huge_claim(self, server: Server, claim: bytes) -> None:
        reply = server.post("/v1/decode", claim)
        assert reply.status in (413, 415, 422), reply
        assert reply.headers["content-type"] == PROBLEM

    def test_option_ceilings_lower_what_is_asked(self, png: bytes) -> None:
        client = create_app(Settings.load(option_ceilings={"max_pixels": 100})).test_client()
        response = client.post("/v1/decode?max_pixels=100000", data=png)
        assert (response.status_code, json.loads(response.data)["code"]) == (413, "too_large")


POST = b"POST /v1/decode HTTP/1.1\r\nHost: x\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"


class TestMalformed:
    @pytest.mark.parametrize(
        "rest",
        [
            b"Content-Length: 100\r\n\r\nabc",
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
            FORM + b"Content-Length: 99\r\n\r\n--x\r\nContent-Disposition: form-data; name=image\r\n\r\nabc",
        ],
    )
    def test_a_body_that_is_cut_off(self, server: Server, rest: bytes) -> None:
        answer = raw(server, POST + rest, half_close=True)
        assert b"400" in answer.splitlines()[0]
        assert PROBLEM.encode() in answer

    @pytest.mark.parametrize(
        "text", [b"\0\0\0\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n"]
    )
    def test_what_is_no_request(self, server: Server, text: bytes) -> None:
        answer = raw(server, text, half_close=True)
        assert not answer or b" 40" in answer.splitlines()[0] or b" 41" in answer.splitlines()[0]
        assert b"Traceback" not in answer

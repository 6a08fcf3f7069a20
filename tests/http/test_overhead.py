"""What a call over HTTP costs beside the call: copies, what the system sends, calls at once; no timings."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.http.wsgi import FileWrapper
from hypothesis import given
from hypothesis import strategies as st

from eitherside.http import create_app
from eitherside.http.digests import Digest, Digests
from eitherside.http.intake import Direct
from eitherside.settings import Settings
from server import running_server

LARGE = 24 << 20


def environ(path: str, body: socket.socket | None, length: int, **others: Any) -> dict[str, Any]:
    """A request as gunicorn hands it over, whose body comes out of a socket."""
    method = "GET" if body is None else "POST"
    found: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.errors": None, "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "wsgi.input_terminated": True, "wsgi.file_wrapper": FileWrapper, **others,
    }  # fmt: skip
    if body is not None:
        reader = LengthReader(SocketUnreader(body), length)
        found |= {"wsgi.input": Body(reader), "gunicorn.socket": body, "CONTENT_LENGTH": str(length)}
    return found


class TestIntake:
    @given(st.binary(max_size=5000), st.binary(max_size=50), st.integers(0, 5000))
    def test_the_body_is_whole_and_the_next_request_left(
        self, data: bytes, following: bytes, early: int
    ) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            stream = Body(LengthReader(SocketUnreader(ours), len(data)))
            text = data + following
            # What gunicorn read beyond the headers, maybe beyond the body.
            stream.reader.unreader.unread(text[:early])
            theirs.sendall(text[early:])
            theirs.shutdown(socket.SHUT_WR)
            direct = Direct(stream, ours)
            target = bytearray(len(data))
            at = direct.begin(memoryview(target))
            while at < len(data):
                at += direct.read_into(memoryview(target)[at:], time.monotonic() + 60)
            assert bytes(target) == data
            assert stream.read() == b""
            rest = stream.reader.unreader.take_buffered()
            while piece := ours.recv(100):
                rest += piece
            assert rest == following

    @given(st.binary(max_size=1 << 19), st.lists(st.integers(0, 1 << 19), max_size=5))
    def test_digests_begun_early(self, data: bytes, arrived: list[int]) -> None:
        digest = Digest(data)
        for count in sorted(arrived):
            if digest.behind(min(count, len(data))):
                digest.step(min(count, len(data)))
        found = Digests({"a": [data, b""], "b": []}, digest).wait()
        assert found == {"a": [hashlib.sha256(data).hexdigest(), hashlib.sha256(b"").hexdigest()]}


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_body_is_in_memory_once(in_parts: bool) -> None:
    """Python's own allocations, at their peak, while a large body is read and refused by the module."""
    head = b'--x\r\nContent-Disposition: form-data; name="image"\r\n\r\n'
    text = head + bytes(LARGE) + b"\r\n--x--\r\n" if in_parts else bytes(LARGE)
    kind = "multipart/form-data; boundary=x" if in_parts else "application/octet-stream"
    app = create_app(Settings.load())
    app.test_client().post("/v1/inspect", data=b"x")
    ours, theirs = socket.socketpair()

    def post() -> int:
        sender = threading.Thread(target=theirs.sendall, args=(text,))
        sender.start()
        statuses: list[str] = []
        request = environ("/v1/inspect", ours, len(text), CONTENT_TYPE=kind)
        b"".join(app(request, lambda status, _headers: statuses.append(status)))  # type: ignore[arg-type]
        sender.join()
        return int(statuses[0][:3])

    with ours, theirs:
        tracemalloc.start()
        try:
            assert post() == 415
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < LARGE + (2 << 20)


class TestKeptResults:
    def test_are_sent_by_the_system(self, png: bytes) -> None:
        app = create_app(Settings.load())
        call = app.test_client().post("/v1/decode", data=png, headers={"Accept": "application/octet-stream"})
        path = f"/v1/results/{call.headers['Eitherside-Result-Key']}"
        app.extensions["eitherside"].keeping.wait()
        answered: list[dict[str, str]] = []
        request = environ(path, None, 0, HTTP_ACCEPT="application/octet-stream")
        found = app(request, lambda _status, headers: answered.append(dict(headers)))  # type: ignore[arg-type]
        # gunicorn has the system send what is of this class and has a descriptor, and nothing else.
        assert isinstance(found, FileWrapper)
        assert Path(f"/proc/self/fd/{found.filelike.fileno()}").resolve().name == path.rpartition("/")[2]
        assert b"".join(found) == call.data
        assert int(answered[0]["Content-Length"]) == len(call.data)
        found.close()

    def test_over_a_real_connection(self, png: bytes) -> None:
        with running_server() as server:
            wide = np.random.default_rng(0).integers(0, 255, (900, 1300, 3), np.uint8)
            body = b"P6\n1300 900\n255\n" + wide.tobytes()
            headers = {"Accept": "application/octet-stream"}
            call = server.request("POST", "/v1/decode", body, headers)
            path = f"/v1/results/{call.headers['eitherside-result-key']}"
            kept = server.request("GET", path, headers=headers)
            assert kept.body == call.body == wide.tobytes()
            assert kept.headers["eitherside-result"] == call.headers["eitherside-result"]
            assert server.request("HEAD", path, headers=headers).headers["content-length"] == str(wide.size)


def test_as_many_calls_run_at_once_as_there_are_threads() -> None:
    noise = np.random.default_rng(2).integers(0, 255, 570 * 570 * 3, np.uint8).tobytes()
    address = "/v1/encode?width=570&height=570&channels=3&type=u8&effort=9&lossless=true"
    with running_server(threads=3, memory_total="8GiB") as server:
        server.get("/readyz")
        most = 0
        ids = [f"{number:016}" for number in range(3)]
        callers = [
            threading.Thread(target=server.request, args=("POST", address, noise, {"Eitherside-Call": name}))
            for name in ids
        ]
        for caller in callers:
            caller.start()
        while any(caller.is_alive() for caller in callers):
            load = json.loads(server.get("/v1/capacity").body)
            most = max(most, load["running"])
            if most == 3:
                break
        for name in ids:
            server.request("DELETE", f"/v1/calls/{name}")
        for caller in callers:
            caller.join()
    assert most == 3

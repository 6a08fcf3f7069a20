"""The service as it runs: gunicorn, sockets, clients that go away."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from server import Server, running_server
from support.images import saved

BIG = "/v1/encode?width=570&height=570&channels=3&type=u8&effort=9&lossless=true"


def test_the_main_job(server: Server, jpeg: bytes) -> None:
    there = server.post("/v1/transcode", jpeg, Accept="image/jxl")
    assert (there.status, there.headers["content-type"]) == (200, "image/jxl")
    back = server.post("/v1/transcode", there.body, Accept="image/jpeg")
    assert back.body == jpeg


def test_every_answer_names_module_and_times(server: Server, png: bytes) -> None:
    reply = server.post("/v1/decode?type=u8", png, Accept="application/octet-stream")
    assert re.fullmatch(r"[0-9a-f]{64}", reply.headers["eitherside-module"])
    assert re.search(r"queue;dur=[\d.]+, compute;dur=[\d.]+", reply.headers["server-timing"])
    assert json.loads(reply.headers["eitherside-result"])["width"] == 40
    assert len(reply.body) == 40 * 30 * 3


def test_many_clients_at_once_get_what_is_theirs(server: Server) -> None:
    def sizes(size: int) -> tuple[int, int]:
        body = f"P5\n{size} 1\n255\n".encode() + b"\0" * size
        for _ in range(50):
            reply = server.post("/v1/inspect", body)
            if reply.status == 200:
                return size, int(reply.json["width"])
            # The queue of this server is short on purpose.
            assert (reply.status, reply.json["code"]) == (503, "over_capacity")
            time.sleep(0.05)
        raise AssertionError("never admitted")

    with ThreadPoolExecutor(8) as pool:
        assert all(asked == told for asked, told in pool.map(sizes, range(1, 40)))


def test_one_connection_serves_many_requests(server: Server, png: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for data, status in ((png, 200), (b"nonsense", 415), (png, 200), (b"", 415), (png, 200)):
        connection.request("POST", "/v1/inspect", data)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status or (data == b"" and answer.status in (415, 422))
    connection.close()


def test_a_client_that_goes_away_has_its_call_cancelled(server: Server) -> None:
    noise = np.random.default_rng(2).integers(0, 255, 570 * 570 * 3, np.uint8).tobytes()
    head = f"POST {BIG} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(noise)}\r\n\r\n"
    before = cancelled(server)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + noise)
        time.sleep(0.3)
    end = time.monotonic() + 15
    while cancelled(server) == before and time.monotonic() < end:
        time.sleep(0.05)
    assert cancelled(server) > before
    assert server.get("/readyz").status == 200


def test_a_client_that_does_not_read_holds_no_thread_for_ever() -> None:
    with running_server(connections=1, body_time=0.5) as small:
        file = saved(np.zeros((6000, 6000), np.uint8), "PNG")
        head = f"POST /v1/decode HTTP/1.1\r\nHost: x\r\nContent-Length: {len(file)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", small.port)) as connection:
            connection.sendall(head.encode() + file)
            # The only thread sends 36 MB to nobody now, until it gives up.
            assert small.get("/healthz").status == 200
        assert re.search(r"POST /v1/decode HTTP/1.1\" 200 ", small.log.read_text())


def cancelled(server: Server) -> int:
    return len(re.findall(r'" 499 ', server.log.read_text()))


def test_the_log_has_no_unforeseen_errors(server: Server) -> None:
    text = server.log.read_text()
    assert "Traceback" not in text
    assert "unforeseen" not in text

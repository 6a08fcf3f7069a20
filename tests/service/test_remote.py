"""What a service may say, and what it must not: answers of every shape over a real connection."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eitherside
from eitherside import CallError, Connected, Module
from eitherside.remote import wire
from eitherside.remote.answers import timing
from eitherside.remote.documents import Load
from support.images import picture, saved
from support.loopback import loopback

SAMPLES = picture(5, 4, 3)
FILE = saved(SAMPLES, "PNG")


class Mimic:
    """What a service says that says what a test wants it to say."""

    def __init__(self, module: Module) -> None:
        self.url = ""
        self.module = {"sha256": module.sha256, "bytes": len(module.bytes), "url": "/module.wasm"}
        self.documents: dict[str, Any] = {
            "/v1/interface": {"module": self.module, "interface": module.interface.raw}
        }
        self.status = 200
        self.headers: dict[str, str] = {"Eitherside-Module": module.sha256}
        self.body = b""


@pytest.fixture
def mimic(module: Module) -> Iterator[Mimic]:
    """Such a service, running."""
    made = Mimic(module)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = made.documents.get(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self._answer(404 if found is None else 200, {}, body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(made.status, made.headers, made.body)

        def do_DELETE(self) -> None:
            self._answer(404, {}, b"")

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with loopback(Handler) as made.url:
        yield made


@pytest.fixture
def codec(mimic: Mimic) -> Iterator[Connected]:
    with eitherside.connect(mimic.url, "server") as made:
        yield made


RESULT = {"format": "jxl", "width": 5, "height": 4, "frames": 1, "distance": 1.0, "container": False}
HEAD = '--b\r\nContent-Disposition: form-data; name="{}"; filename="x"\r\nContent-Type: {}\r\n\r\n{}\r\n'


def parts(*given: tuple[str, str, str]) -> bytes:
    return ("".join(HEAD.format(*part) for part in given) + "--b--\r\n").encode()


def says(mimic: Mimic, kind: str, body: bytes, status: int = 200, **headers: str) -> None:
    mimic.status, mimic.body = status, body
    mimic.headers |= {"Content-Type": kind} | {name.replace("_", "-"): text for name, text in headers.items()}


def test_parts(mimic: Mimic, codec: Connected) -> None:
    body = parts(("result", "application/json", json.dumps(RESULT)), ("image", "image/jxl", "bytes"))
    says(mimic, "multipart/form-data; boundary=b", body)
    result = codec.encode(SAMPLES)
    assert (result.image, result.width) == (b"bytes", 5)
    assert result.provenance.times.compute == 0


def test_one_output_with_the_result_in_a_header(mimic: Mimic, codec: Connected) -> None:
    says(
        mimic,
        "image/jxl",
        b"bytes",
        Eitherside_Result=json.dumps(RESULT),
        Server_Timing="queue;dur=1.5, compute;dur=20",
    )
    result = codec.encode(SAMPLES)
    assert result.image == b"bytes"
    assert (result.provenance.times.queue, result.provenance.times.compute) == (0.0015, 0.02)


def test_json_alone(mimic: Mimic, codec: Connected) -> None:
    says(mimic, "application/json", b'{"format": "png", "width": 5}')
    assert codec.inspect(FILE).width == 5


GOOD = ("result", "application/json", json.dumps(RESULT))
BAD_ANSWERS = {
    "nothing": ("application/json", b""),
    "a page": ("text/html", b"<p>hello"),
    "no result": ("image/jxl", b"bytes"),
    "parts without a boundary": ("multipart/form-data", parts(GOOD)),
    "parts cut off": ("multipart/form-data; boundary=b", parts(GOOD, ("image", "image/jxl", "x"))[:-20]),
    "parts of another name": ("multipart/form-data; boundary=b", parts(GOOD, ("other", "a/b", "x"))),
    "two results": ("multipart/form-data; boundary=b", parts(GOOD, GOOD)),
    "no output": ("multipart/form-data; boundary=b", parts(GOOD)),
    "no JSON": ("multipart/form-data; boundary=b", parts(("result", "a/b", "{"), ("image", "a/b", "x"))),
    "a list": ("multipart/form-data; boundary=b", parts(("result", "a/b", "[]"), ("image", "a/b", "x"))),
    "deep JSON": ("multipart/form-data; boundary=b", parts(("result", "a/b", "[" * 100_000))),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_what_is_no_answer(mimic: Mimic, codec: Connected, name: str) -> None:
    says(mimic, *BAD_ANSWERS[name])
    with pytest.raises(CallError) as caught:
        codec.encode(SAMPLES)
    assert caught.value.code == "bad_answer"


def test_arrays_that_do_not_fit_what_the_result_says(mimic: Mimic, codec: Connected) -> None:
    told = {"width": 100, "height": 100, "channels": 3, "type": "u8"}
    body = parts(("result", "application/json", json.dumps(told)), ("samples", "a/b", "few"))
    says(mimic, "multipart/form-data; boundary=b", body)
    with pytest.raises(CallError) as caught:
        codec.decode(FILE)
    assert caught.value.code == "bad_answer"


@pytest.mark.parametrize("named", [None, "0" * 64, "nonsense"])
def test_an_answer_of_another_module(mimic: Mimic, codec: Connected, named: str | None) -> None:
    body = parts(GOOD, ("image", "image/jxl", "x"))
    says(mimic, "multipart/form-data; boundary=b", body)
    mimic.headers.pop("Eitherside-Module")
    if named is not None:
        mimic.headers["Eitherside-Module"] = named
    with pytest.raises(CallError) as caught:
        codec.encode(SAMPLES)
    assert caught.value.code == ("bad_answer" if named is None else "other_module")


@pytest.mark.parametrize(
    ("status", "headers", "code", "retry_after"),
    [
        (503, {"Retry-After": "7"}, "over_capacity", 7),
        (429, {"Retry-After": "soon"}, "over_capacity", None),
        (502, {}, "unreachable", None),
        (504, {}, "unreachable", None),
        (302, {"Location": "http://127.0.0.1:1/"}, "bad_answer", None),
        (500, {}, "bad_answer", None),
        (404, {}, "bad_answer", None),
    ],
)
def test_failures_without_problem_details(
    mimic: Mimic, codec: Connected, status: int, headers: Any, code: str, retry_after: int | None
) -> None:
    says(mimic, "text/html", b"<p>no", status, **headers)
    with pytest.raises(CallError) as caught:
        codec.encode(SAMPLES)
    assert (caught.value.code, caught.value.retry_after) == (code, retry_after)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"code": 1}', b'{"code": "Nonsense!"}', b"[" * 100_000, b"x" * 100_000],
)
def test_problem_details_that_are_none(mimic: Mimic, codec: Connected, body: bytes) -> None:
    says(mimic, "application/problem+json", body, 422)
    with pytest.raises(CallError) as caught:
        codec.encode(SAMPLES)
    assert caught.value.code == "bad_answer"


@pytest.mark.parametrize(
    ("details", "found"),
    [
        ({"input": "samples", "option": "/effort"}, (0, "/effort")),
        ({"input": "samples", "index": 7, "option": 3}, (None, None)),
        ({"input": "other"}, (None, None)),
        ({"input": ["samples"], "index": "0", "detail": {}}, (None, None)),
    ],
)
def test_problem_details(mimic: Mimic, codec: Connected, details: Any, found: Any) -> None:
    says(mimic, "application/problem+json", json.dumps({"code": "unheard_of", **details}).encode(), 422)
    with pytest.raises(CallError) as caught:
        codec.encode(SAMPLES)
    error = caught.value
    assert (error.code, error.status, error.input, error.option) == ("unheard_of", 422, *found)


@pytest.mark.parametrize(
    "document",
    [
        b"nonsense",
        b"[" * 100_000,
        {},
        {"module": {"sha256": "x", "bytes": 1, "url": "/"}, "interface": {}},
        {"module": {"sha256": "0" * 64, "bytes": -1, "url": "/"}, "interface": {}},
    ],
)
def test_descriptions_that_are_none(mimic: Mimic, document: Any) -> None:
    mimic.documents["/v1/interface"] = document
    with pytest.raises(CallError) as caught:
        eitherside.connect(mimic.url, "server")
    assert caught.value.code == "bad_answer"


@pytest.mark.parametrize("address", ["/module.wasm", "http://127.0.0.1:1/module.wasm", "//example.org/x"])
def test_a_module_that_is_not_what_it_is_called_is_not_taken(
    mimic: Mimic, module: Module, address: str, cache: Path
) -> None:
    mimic.module |= {"sha256": "0" * 64, "url": address}
    mimic.documents["/module.wasm"] = module.bytes
    with eitherside.connect(mimic.url, cache_dir=cache) as codec:
        assert codec.connection.module == module.sha256
        assert codec.encode(SAMPLES).provenance.place == "local"
    assert not list(cache.glob("modules/*"))


@given(st.text() | st.none())
def test_headers_that_say_anything(text: str | None) -> None:
    assert all(0 <= seconds < 1e6 for seconds in timing(text).values())
    load = Load.of_header(text)
    assert load is None or load.wait >= 0


def test_headers() -> None:
    assert timing("queue;dur=2, compute;desc=x;dur=1000, total") == {"queue": 0.002, "compute": 1.0}
    load = Load.of_header("running=1, waiting=2, threads=3, wait=0.25")
    assert load is not None
    assert (load.running, load.waiting, load.threads, load.wait) == (1, 2, 3, 0.25)


def test_an_answer_that_comes_as_the_caller_looks_up_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    line = wire.Wire(wire.Patience(connect=1, answer=1))

    async def work(client: object) -> int:
        await asyncio.sleep(0.1)
        return 7

    # Whoever asks whether it is done learns that it has just come to be.
    monkeypatch.setattr(Future, "done", lambda future: future.exception(5) is None)
    assert line.run(work, cancel=threading.Event()) == 7
    line.close()

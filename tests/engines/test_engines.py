"""Each engine runs calls on the shipped bytes, and is stopped however it ends."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Iterator

import pytest

from eitherside import Module
from eitherside.engines import ENGINES, Engine, EngineError, Job, start
from eitherside.engines.common import pieces
from eitherside.engines.process import Program
from eitherside.engines.server import PageServer, parse
from support.engines import started
from support.processes import assert_gone, descendants

SAMPLES = bytes(range(48))
ENCODE = {"width": 4, "height": 4, "channels": 3, "type": "u8", "lossless": True}
BROWSERS = tuple(name for name in ENGINES if name != "wasmtime")


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, module: Module) -> Iterator[Engine]:
    with started(request.param, module) as made:
        yield made


@pytest.mark.parametrize("shared", [False, True], ids=["cleared", "shared"])
def test_a_call_and_its_failure(engine: Engine, shared: bool) -> None:
    (encoded,) = engine.run(Job("encode", ENCODE, {"samples": [SAMPLES]}, shared=shared))
    assert encoded.failure is None
    (file,) = encoded.named("image")
    (decoded,) = engine.run(Job("decode", {}, {"image": [file]}, shared=shared))
    assert decoded.named("samples") == [SAMPLES]
    assert decoded.result["width"] == 4
    (refused,) = engine.run(Job("decode", {"type": "none"}, {"image": [file]}, shared=shared))
    assert refused.failure is not None
    assert (refused.failure.code, refused.failure.option) == ("bad_option", "/type")
    first, last = engine.run(Job("decode", {}, {"image": [file]}, pieces=(5,), shared=shared))
    assert first.failure is last.failure is None
    assert last.named("samples") == [SAMPLES]
    assert last.result["complete"] is True


def test_an_engine_tells_its_version(engine: Engine) -> None:
    assert any(character.isdigit() for character in engine.version)


def test_a_job_has_an_end(module: Module) -> None:
    wide = {"width": 2000, "height": 2000, "channels": 3, "type": "u8", "effort": 9}
    job = Job("encode", wide, {"samples": [bytes(12_000_000)]}, time_limit=0.3)
    with started("wasmtime", module) as engine, pytest.raises(EngineError, match="time_limit"):
        engine.run(job)


def test_an_engine_that_is_not_known(module: Module) -> None:
    with pytest.raises(EngineError, match="no engine lynx"):
        start("lynx", module)


@pytest.mark.parametrize("name", BROWSERS)
def test_a_browser_that_is_killed_is_noticed_and_leaves_nothing(module: Module, name: str) -> None:
    before = descendants(os.getpid())
    with started(name, module) as engine:
        mine = descendants(os.getpid()) - before
        assert mine
        for pid in mine:
            # Some end by themselves as soon as others have.
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        with pytest.raises(EngineError):
            engine.run(Job("encode", ENCODE, {"samples": [SAMPLES]}))
    assert_gone(mine)


@pytest.mark.parametrize("name", BROWSERS)
def test_nothing_is_left_of_a_browser_that_was_closed(module: Module, name: str) -> None:
    before = descendants(os.getpid())
    with started(name, module):
        mine = descendants(os.getpid()) - before
    assert_gone(mine)


def test_a_program_that_ends_at_once_is_told_with_its_last_words() -> None:
    with Program(["/bin/sh", "-c", "echo no display; exit 3"]) as program:
        folder = program.folder
        end = time.monotonic() + 20
        while program.is_running and time.monotonic() < end:
            time.sleep(0.02)
        with pytest.raises(EngineError, match="ended with status 3: no display"):
            program.check()
    assert not folder.exists()


def test_a_program_that_cannot_be_started() -> None:
    with pytest.raises(EngineError, match="cannot be started"):
        Program(["/no/such/program"])


def test_the_page_is_not_for_others(module: Module) -> None:
    import urllib3

    with PageServer(module) as server:
        http = urllib3.PoolManager(retries=False)
        assert http.request("GET", server.url).status == 200
        assert server.url.startswith("http://127.0.0.1:")
        origin = server.url.rsplit("/", 2)[0]
        assert http.request("GET", f"{origin}/").status == 404
        assert http.request("GET", f"{server.url}../../codec.json").status == 404
        assert http.request("GET", f"{server.url}%2e%2e/codec.json").status == 404
        assert http.request("POST", f"{server.url}next/0").status == 405
        assert http.request("GET", f"{server.url}inputs/9/9").status == 404
        http.clear()


def test_replies_are_read_as_they_are_written() -> None:
    text = b'[{"result":{"a":1},"outputs":[["x",2],["y",1]]},{"failure":{"code":"c","message":"m"}}]'
    one, other = parse(struct.pack("<I", len(text)) + text + b"abc")
    assert one.outputs == [("x", b"ab"), ("y", b"c")]
    assert other.failure is not None
    assert other.failure.code == "c"


def test_pieces() -> None:
    assert pieces(b"abcdef", (1, 2)) == [b"a", b"bc", b"def"]
    assert pieces(b"ab", ()) == [b"ab"]
    assert pieces(b"ab", (5, 1)) == [b"ab", b"", b""]

"""Pushed calls: results in between, limits over the whole of it, and an end in every case."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eitherside
from eitherside import CallError, Codec, Host, Module, Settings, SettingsError
from support import wat
from support.images import picture


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Any]:
    """Makes a codec of a module that is pushed to; settings by name."""

    @contextmanager
    def make(push: str = wat.ECHO, open: str = wat.SILENT, **given: Any) -> Iterator[Any]:
        path = wat.write(tmp_path, wat.pushed(push, open))
        settings = Settings.load(**{"cache_dir": "off", "threads": 1, **given})
        with Codec(Module(path), settings) as codec:
            yield codec

    return make


def memory(codec: Any) -> int:
    """Bytes that the codec's pool counts as taken."""
    taken: int = codec.host.load().memory
    return taken


def test_results_come_between_the_pieces(made: Any) -> None:
    with made() as codec, codec.act.pushed() as stream:
        (first,) = stream.push(b"one")
        assert stream.push(b"") == []
        (second,) = stream.push(bytearray(b"two" * 50_000))
        last = stream.finish(b"end")
        assert [result.data for result in (first, second, last)] == [[b"one"], [b"two" * 50_000], [b"end"]]
        assert (first.ok, last.provenance.place, last.provenance.bytes_in) == (True, "local", 150_006)
        assert "run here" in last.provenance.why
        with pytest.raises(ValueError, match="has ended"):
            stream.push(b"more")
        assert memory(codec) == 0


def test_only_functions_that_say_so_are_pushed_to(tmp_path: Path, made: Any) -> None:
    with Codec(Module(wat.write(tmp_path, wat.build(wat.OK)))) as codec:
        assert not hasattr(codec.act, "pushed")  # type: ignore[attr-defined]
        with pytest.raises(CallError, match="act has no input that can be pushed"):
            codec.host.open("act")
    with made() as codec:
        with pytest.raises(TypeError, match="data"):
            codec.act.pushed(data=b"x")
        with pytest.raises(CallError, match="the input data is pushed, not given"):
            codec.host.open("act", {}, {"data": b"x"})


def test_what_is_wrong_at_the_beginning_is_told_there(made: Any) -> None:
    with made(open=wat.FAIL) as codec:
        with pytest.raises(CallError, match="not so") as caught, codec.act.pushed():
            pass
        assert (caught.value.code, caught.value.option) == ("bad_call", "/some_thing")
        assert memory(codec) == 0


@pytest.mark.parametrize("end", ["", "unreachable"])
def test_an_error_ends_the_stream(made: Any, end: str) -> None:
    with made(f"{wat.FAIL} {end}") as codec, codec.act.pushed() as stream:
        with pytest.raises(CallError, match="not so"):
            stream.push(b"x")
        assert memory(codec) == 0
        with pytest.raises(ValueError, match="has ended"):
            stream.finish()


def test_a_trap_that_was_not_foreseen_is_internal(made: Any) -> None:
    silent_trap = "(i32.store (i32.const 0) (i32.const 0)) unreachable"
    with made(silent_trap) as codec, codec.act.pushed() as stream, pytest.raises(CallError) as caught:
        stream.push(b"x")
    assert (caught.value.code, "trapped" in caught.value.message) == ("internal", True)


def test_the_time_limit_is_that_of_all_pieces(made: Any) -> None:
    spin = f"(if (local.get $last) (then {wat.SPIN}) (else {wat.ECHO}))"
    with made(spin, time_limit=0.3) as codec, codec.act.pushed() as stream:
        assert len(stream.push(b"quick")) == 1
        with pytest.raises(CallError, match=r"act was stopped after 0\.3 s") as caught:
            stream.finish()
        assert caught.value.code == "time_limit"
        assert memory(codec) == 0


@pytest.mark.parametrize("how", ["cancel", "close", "event"])
def test_a_piece_that_computes_is_stopped_from_another_thread(made: Any, how: str) -> None:
    with made(wat.SPIN) as codec:
        event = threading.Event()
        push = codec.host.open("act", cancel=event)
        timer = threading.Timer(0.2, {"cancel": push.cancel, "close": push.close, "event": event.set}[how])
        timer.start()
        with pytest.raises(CallError, match="cancelled while it ran"):
            push.push(b"x")
        timer.join()
        assert memory(codec) == 0
        # The thread is free again.
        assert codec.act(data=[b"x"]).data == [b"x"]


def test_closing_the_codec_ends_its_streams(made: Any) -> None:
    with made(wat.SPIN) as codec, codec.act.pushed() as stream:
        timer = threading.Timer(0.2, codec.close)
        timer.start()
        with pytest.raises(CallError) as caught:
            stream.push(b"x")
        timer.join()
    assert caught.value.code == "cancelled"


def test_bytes_are_limited(made: Any) -> None:
    with made(push_bytes=10) as codec, codec.act.pushed() as stream:
        stream.push(bytes(6))
        with pytest.raises(CallError, match="more than 10 bytes were pushed") as caught:
            stream.push(bytes(5))
        assert (caught.value.code, memory(codec)) == ("memory_limit", 0)


def test_memory_is_limited(made: Any) -> None:
    with made(memory_per_call="1MiB") as codec, codec.act.pushed() as stream:
        stream.push(bytes(600_000))
        # The module never frees: the second piece finds no room.
        with pytest.raises(CallError, match="do not fit in the call's 1048576 bytes") as caught:
            stream.push(bytes(600_000))
        assert (caught.value.code, memory(codec)) == ("memory_limit", 0)


def test_an_open_stream_counts_its_memory_and_keeps_no_call_waiting(made: Any) -> None:
    with made(memory_per_call="4MiB", memory_total="4MiB", queue_time=5) as codec:
        streams = [codec.act.pushed() for _ in range(3)]
        for stream in streams:
            stream.push(bytes(100_000))
        assert 3 * 100_000 < memory(codec) < 4 << 20
        assert codec.act(data=[b"x"]).data == [b"x"]
        for stream in streams:
            assert stream.finish().ok
        assert memory(codec) == 0


def test_a_full_queue_ends_no_stream(tmp_path: Path) -> None:
    # What is pushed on is quick, what is called spins.
    path = wat.write(tmp_path, wat.pushed())
    settings = Settings.load(cache_dir="off", threads=1, queue_length=0)
    with Host(Module(path), settings) as host:
        push = host.open("act")
        busy = threading.Event()
        free = threading.Event()

        def work(_cancelled: object) -> None:
            busy.set()
            free.wait(20)

        running = host._running()
        thread = threading.Thread(target=running.pool.run, args=(work, 0))
        thread.start()
        busy.wait(20)
        with pytest.raises(CallError) as caught:
            push.push(b"x")
        assert caught.value.code == "over_capacity"
        free.set()
        thread.join()
        answer = push.push(b"x")
        assert answer is not None
        assert answer.outputs[0].data == b"x"
        push.close()


def test_a_stream_that_is_forgotten_gives_its_memory_back(made: Any) -> None:
    with made() as codec:
        stream = codec.act.pushed()
        stream.push(b"x")
        assert memory(codec) > 0
        del stream
        assert memory(codec) == 0


def test_a_stream_is_not_pushed_to_in_a_forked_process(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with made() as codec, codec.act.pushed() as stream:
        with monkeypatch.context() as patched:
            patched.setattr("os.getpid", lambda: -1)
            with pytest.raises(ValueError, match="another process"):
                stream.push(b"x")
        assert stream.finish().ok


def in_a_thread(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine where no other test of this process, such as one of a browser, has its own loop."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


def test_asyncio(made: Any) -> None:
    async def use(codec: Any) -> list[Any]:
        async with codec.act.pushed() as stream:
            results = [result.data for piece in (b"a", b"", b"b") for result in await stream.apush(piece)]
            return [*results, (await stream.afinish()).ok]

    with made() as codec:
        assert in_a_thread(use(codec)) == [[b"a"], [b"b"], True]


def test_cancelling_a_task_ends_its_stream(made: Any) -> None:
    async def use(codec: Any) -> None:
        async with codec.act.pushed() as stream:
            await stream.apush(b"x")

    async def main(codec: Any) -> None:
        task = asyncio.create_task(use(codec))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with made(wat.SPIN) as codec:
        in_a_thread(main(codec))
        assert codec.act(data=[b"x"]).data == [b"x"]
        assert memory(codec) == 0


def test_a_connection_pushes_here_and_says_so(tmp_path: Path) -> None:
    path = wat.write(tmp_path, wat.pushed())
    with eitherside.connect(module=path, cache_dir="off") as codec:
        act = codec.using(time_limit=60).act  # type: ignore[attr-defined]
        with act.pushed() as stream:
            assert stream.finish(b"x").provenance.place == "local"
        elsewhere = codec.using(place="server").act  # type: ignore[attr-defined]
        with pytest.raises(SettingsError, match="a pushed call runs here"), elsewhere.pushed():
            pass
        late = codec.using(time_limit=1e-9).act  # type: ignore[attr-defined]
        with pytest.raises(CallError) as caught, late.pushed():
            pass
        assert caught.value.code == "time_limit"


def test_pictures_grow_better_before_the_last_byte(codec: Codec) -> None:
    samples = picture(512, 384, 3)
    file = codec.encode(samples, distance=1.0, progressive=True, effort=4).image
    whole = codec.decode(file, type="u8").samples[0]
    errors: list[float] = []

    def show(result: Any) -> None:
        errors.extend(float(np.mean((each.astype(float) - whole) ** 2)) for each in result.samples)

    with codec.decode.pushed(type="u8") as stream:
        for at in range(0, len(file) - 1, 1 + len(file) // 16):
            for result in stream.push(file[at : at + 1 + len(file) // 16][: len(file) - 1 - at]):
                assert not result.complete
                show(result)
        seen = len(errors)
        last = stream.finish(file[-1:])
    # A picture that was whole before the last byte came is not given twice.
    show(last)
    assert (last.complete, last.stage) == (True, "full")
    assert seen >= 2
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > errors[-1] == 0

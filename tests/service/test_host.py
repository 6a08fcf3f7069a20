"""The real module in the host: limits, cancelling, many calls at once, each as if it were alone."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eitherside import Answer, CallError, Host, Module, Settings
from eitherside.binary import PAGE
from support.images import picture, saved

MIB = 1 << 20


@pytest.fixture(scope="module")
def photo() -> bytes:
    return saved(picture(160, 120, 3), "PNG")


@pytest.fixture(scope="module")
def slow() -> bytes:
    """What takes seconds to encode with the greatest effort."""
    return saved(picture(700, 700, 3), "PNG")


def blank_png(width: int, height: int) -> bytes:
    """A PNG of one grey that is tiny whatever its size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes((width + 1) * height), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def transcode(host: Host, data: Any, *, to: str = "jxl", **facts: Any) -> Answer:
    options = {"to": to, **facts.pop("options", {})}
    return host.call("transcode", options, {"image": data}, **facts)


def test_a_call(host: Host, photo: bytes) -> None:
    answer = transcode(host, photo, options={"lossless": True, "effort": 3})
    assert (answer.result["format"], answer.result["width"], answer.result["height"]) == ("jxl", 160, 120)
    (output,) = answer.outputs
    assert (output.name, output.media_type) == ("image", "image/jxl")
    assert answer.ran > 0
    back = transcode(host, output.data, to="png").outputs[0]
    assert back.media_type == "image/png"
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(back.data))), np.asarray(Image.open(io.BytesIO(photo)))
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_any_kind_of_buffer(host: Host, photo: bytes, kind: Any) -> None:
    assert host.call("inspect", {}, {"image": kind(photo)}).result["format"] == "png"


def test_outputs_are_bytes_or_can_be_changed(host: Host, photo: bytes) -> None:
    for mutable, kind in ((False, bytes), (True, bytearray)):
        answer = host.call("decode", {"type": "u8"}, {"image": photo}, mutable=mutable)
        assert type(answer.outputs[0].data) is kind


@pytest.mark.parametrize(
    ("function", "options", "inputs", "code", "option"),
    [
        ("nonsense", {}, {}, "bad_call", None),
        ("inspect", {}, {}, "bad_call", None),
        ("inspect", {}, {"picture": b"x"}, "bad_call", None),
        ("inspect", {}, {"image": [b"x", b"y"]}, "bad_call", None),
        ("inspect", {"x": object()}, {"image": b"x"}, "bad_call", None),
        ("inspect", {"x": float("nan")}, {"image": b"x"}, "bad_call", None),
        ("inspect", {"nonsense": 1}, {"image": b"x"}, "bad_option", "/nonsense"),
        ("transcode", {"to": "jxl", "effort": 12}, {"image": b"x"}, "bad_option", "/effort"),
        ("transcode", {"to": "jxl", "effort": "much"}, {"image": b"x"}, "bad_option", "/effort"),
        ("transcode", {}, {"image": b"x"}, "bad_option", "/to"),
        ("inspect", {}, {"image": b""}, "unknown_format", None),
        ("inspect", {}, {"image": b"no image at all"}, "unknown_format", None),
    ],
)
def test_what_is_wrong_is_told(
    host: Host, function: str, options: Any, inputs: Any, code: str, option: str | None
) -> None:
    with pytest.raises(CallError) as caught:
        host.call(function, options, inputs)
    assert (caught.value.code, caught.value.option) == (code, option)
    assert caught.value.message
    assert caught.value.status == host.interface.errors[code].status


def test_an_error_inside_a_library_is_an_error_of_the_interface(host: Host, photo: bytes) -> None:
    """libpng reports by longjmp, which the module turns into a trap and an answer."""
    broken = bytearray(photo)
    # There is no bit depth of 3.
    broken[24] = 3
    for data in (bytes(broken), photo[: len(photo) // 2]):
        with pytest.raises(CallError) as caught:
            transcode(host, data, to="png")
        assert caught.value.code in ("corrupt", "truncated")
    assert transcode(host, photo, to="png").outputs


def test_a_call_past_its_time_is_stopped(module: Module, settings: Settings, slow: bytes) -> None:
    with Host(module, settings.model_copy(update={"threads": 1})) as host:
        with pytest.raises(CallError, match=r"transcode was stopped after 0\.3 s") as caught:
            transcode(host, slow, options={"effort": 9, "distance": 0.1}, time_limit=0.3)
        assert caught.value.code == "time_limit"
        # The one thread is free again.
        assert host.call("inspect", {}, {"image": slow}).result["width"] == 700
        assert host.load().running == 0


def test_the_setting_is_the_longest_time(module: Module, settings: Settings, slow: bytes) -> None:
    with (
        Host(module, settings.model_copy(update={"time_limit": 0.3})) as host,
        pytest.raises(CallError) as caught,
    ):
        transcode(host, slow, options={"effort": 9, "distance": 0.1}, time_limit=1000)
    assert caught.value.code == "time_limit"


def test_a_cancelled_call_is_stopped(host: Host, slow: bytes) -> None:
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(transcode, host, slow, options={"effort": 9, "distance": 0.1}, cancel=cancel)
        while host.load().running == 0:
            threading.Event().wait(0.01)
        cancel.set()
        with pytest.raises(CallError, match="cancelled while it ran") as caught:
            future.result(60)
    assert caught.value.code == "cancelled"


def test_closing_stops_what_runs(module: Module, settings: Settings, slow: bytes) -> None:
    host = Host(module, settings)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(transcode, host, slow, options={"effort": 9, "distance": 0.1})
        while host.load().running == 0:
            threading.Event().wait(0.01)
        host.close()
        with pytest.raises(CallError) as caught:
            future.result(60)
    assert caught.value.code == "cancelled"


def test_memory_has_a_ceiling(host: Host, module: Module) -> None:
    large = blank_png(6000, 6000)
    limit = module.minimum_bytes + 24 * MIB
    with pytest.raises(CallError) as caught:
        host.call("decode", {"type": "f32", "channels": 4}, {"image": large}, memory_limit=limit)
    assert (caught.value.code, caught.value.status) == ("memory_limit", 413)
    with pytest.raises(CallError, match="needs at least") as caught:
        host.call("inspect", {}, {"image": large}, memory_limit=PAGE)
    assert caught.value.code == "memory_limit"


def test_the_setting_is_the_greatest_memory(module: Module, settings: Settings) -> None:
    small = settings.model_copy(update={"memory_per_call": module.minimum_bytes + 24 * MIB})
    with Host(module, small) as host, pytest.raises(CallError) as caught:
        host.call(
            "decode", {"type": "f32", "channels": 4}, {"image": blank_png(6000, 6000)}, memory_limit=4 << 30
        )
    assert caught.value.code == "memory_limit"


def test_options_have_ceilings(module: Module, settings: Settings, photo: bytes) -> None:
    ceiling = settings.model_copy(update={"option_ceilings": {"max_pixels": 160 * 120 - 1}})
    with Host(module, ceiling) as host:
        for options in ({}, {"max_pixels": 10**8}):
            with pytest.raises(CallError) as caught:
                host.call("decode", options, {"image": photo})
            assert (caught.value.code, caught.value.status) == ("too_large", 413)
    with Host(module, settings) as host:
        assert host.call("decode", {"max_pixels": 160 * 120}, {"image": photo}).outputs


def test_which_options_a_ceiling_lowers(module: Module, settings: Settings) -> None:
    limited = settings.model_copy(update={"option_ceilings": {"max_pixels": 1e6, "nonsense": 1}})
    with Host(module, limited) as host:
        function = module.interface.functions["decode"]
        assert host.lowered(function, {"max_pixels": 5}) == {}
        assert host.lowered(function, {"max_pixels": 2e6}) == {"max_pixels": 1_000_000}
        # The default is more than that.
        assert host.lowered(function, {}) == {"max_pixels": 1_000_000}


def test_a_call_that_is_only_timed_is_beside_the_pool(host: Host, photo: bytes, slow: bytes) -> None:
    assert host.timed("inspect", {}, {"image": photo}, lambda: False) > 0
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(host.load().running)
        return len(asked) > 3

    with pytest.raises(CallError) as caught:
        host.timed("transcode", {"to": "jxl", "effort": 9}, {"image": slow}, cancelled)
    assert caught.value.code == "cancelled"
    assert set(asked) == {0}
    with pytest.raises(CallError, match="no function nonsense"):
        host.timed("nonsense", {}, {}, cancelled)


def test_more_calls_than_it_takes_are_refused(module: Module, settings: Settings, slow: bytes) -> None:
    cancel = threading.Event()
    narrow = settings.model_copy(update={"threads": 1, "queue_length": 0})
    with Host(module, narrow) as host, ThreadPoolExecutor(1) as pool:
        future = pool.submit(transcode, host, slow, options={"effort": 9, "distance": 0.1}, cancel=cancel)
        while host.load().running == 0:
            threading.Event().wait(0.01)
        with pytest.raises(CallError) as caught:
            host.call("inspect", {}, {"image": slow})
        assert (caught.value.code, caught.value.status) == ("over_capacity", 503)
        assert caught.value.retry_after
        cancel.set()
        with pytest.raises(CallError):
            future.result(60)


def test_many_calls_at_once_give_what_they_give_alone(module: Module, settings: Settings) -> None:
    pictures = [saved(picture(40 + 3 * seed, 50, 1 + 2 * (seed % 2), seed=seed), "PNG") for seed in range(6)]
    broken = b"\x89PNG\r\n\x1a\n" + bytes(50)
    options = {"effort": 4, "distance": 1.5}
    with Host(module, settings.model_copy(update={"threads": 4, "queue_length": 100})) as host:
        alone = [transcode(host, data, options=options).outputs[0].data for data in pictures]

        def call(index: int) -> bytes | bytearray:
            with pytest.raises(CallError):
                transcode(host, broken, options=options)
            return transcode(host, pictures[index % 6], options=options).outputs[0].data

        with ThreadPoolExecutor(12) as pool:
            together = list(pool.map(call, range(36)))
    assert together == alone * 6


def test_nothing_stays_from_one_call_to_the_next(module: Module, settings: Settings, photo: bytes) -> None:
    with Host(module, settings.model_copy(update={"threads": 1})) as host:
        before = transcode(host, photo, options={"effort": 5}).outputs[0].data
        with pytest.raises(CallError):
            host.call(
                "decode", {}, {"image": blank_png(9000, 9000)}, memory_limit=module.minimum_bytes + 24 * MIB
            )
        with pytest.raises(CallError):
            transcode(host, photo[:300], to="png")
        host.call("decode", {"type": "f32"}, {"image": photo})
        assert transcode(host, photo, options={"effort": 5}).outputs[0].data == before


def resident() -> int:
    """Bytes of memory that this process has now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells")
def test_memory_of_past_calls_is_given_back(host: Host) -> None:
    large = blank_png(4000, 4000)
    for _ in range(2):
        host.call("decode", {"type": "u8"}, {"image": large})
    before = resident()
    for _ in range(12):
        host.call("decode", {"type": "u8"}, {"image": large})
    assert resident() - before < 3 * 4000 * 4000


def test_a_forked_process_makes_calls_of_its_own(host: Host, photo: bytes) -> None:
    expected = transcode(host, photo).outputs[0].data
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, b"y" if transcode(host, photo).outputs[0].data == expected else b"n")
        finally:
            os._exit(0)
    os.close(write)
    assert os.read(read, 1) == b"y"
    os.waitpid(child, 0)
    os.close(read)


@pytest.fixture(autouse=True)
def _no_threads_left_busy(host: Host) -> Iterator[None]:
    yield
    assert host.load().running == 0
    assert host.load().waiting == 0

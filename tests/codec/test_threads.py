"""Threads inside one call: the same bytes for any number of helpers, who may come late, go early or trap."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eitherside import Codec, Module, Settings
from eitherside.compiled import Compiled, compile_module, has_helpers
from support.images import animated, picture, saved
from support.threads import Outcome, Raw

# More than one group of 256 x 256 and, in the larger one, more than one of 2048 x 2048.
WIDTH, HEIGHT = 700, 520
WIDE = 2100


def cache(settings: Settings) -> Path | None:
    """Where compiled modules are kept."""
    return settings.cache_dir if isinstance(settings.cache_dir, Path) else None


@pytest.fixture(scope="module")
def compiled(module: Module, settings: Settings) -> Compiled:
    if not has_helpers(module):
        pytest.skip("the module has no helpers")
    return compile_module(module, cache(settings), shared=True)


@pytest.fixture(scope="module")
def files(codec: Codec) -> Mapping[str, bytes]:
    """Files to decode, each of another kind of coding."""
    colour = picture(WIDTH, HEIGHT, 3)
    alpha = picture(WIDTH, HEIGHT, 4)
    deep = picture(WIDTH, HEIGHT, 3, "u16")
    wide = picture(WIDE, 300, 3)
    jpeg = saved(colour, "JPEG", quality=90)
    made = {
        "lossy": codec.encode(colour, effort=4).image,
        "alpha": codec.encode(alpha, effort=3, distance=2).image,
        "lossless": codec.encode(alpha, effort=3, lossless=True).image,
        "deep": codec.encode(deep, effort=2, lossless=True).image,
        "progressive": codec.encode(wide, effort=4, progressive_ac="on", progressive_dc=1).image,
        "carried": codec.transcode(jpeg, to="jxl").image,
        "animated": codec.transcode(animated("PNG"), to="jxl").image,
        "jpeg": jpeg,
        "png": saved(alpha, "PNG"),
        "gif": animated("GIF"),
    }
    made["corrupt"] = spoiled(made["lossy"], 0.5)
    made["corrupt_lossless"] = spoiled(made["lossless"], 0.6)
    return {name: bytes(data) for name, data in made.items()}


def spoiled(data: bytes, where: float) -> bytes:
    """The file with 40 bytes of it overwritten."""
    at = int(len(data) * where)
    return bytes(data[:at]) + bytes(range(100, 140)) + bytes(data[at + 40 :])


def make(
    module: Module, compiled: Compiled, name: str, options: Mapping[str, Any], threads: int, **given: bytes
) -> Outcome:
    with Raw(module, compiled) as raw:
        return raw.call(name, options, {key: [data] for key, data in given.items()}, threads)


def answer(outcome: Outcome) -> tuple[int, dict[str, Any], list[tuple[str, bytes]], bool]:
    return outcome.status, outcome.document, outcome.outputs, outcome.trapped


def check_same(
    module: Module, compiled: Compiled, name: str, options: Mapping[str, Any], **given: bytes
) -> None:
    expected = make(module, compiled, name, options, 1, **given)
    for threads in (2, 3, 5):
        found = make(module, compiled, name, options, threads, **given)
        assert answer(found) == answer(expected), f"{threads} threads"
        assert found.trapped or found.helpers_trapped == 0


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"type": "f32", "colour": "linear_srgb"},
        {"colour": "display_p3", "type": "u16"},
        {"region": [100, 50, 400, 250]},
    ],
    ids=["plain", "linear", "p3", "region"],
)
@pytest.mark.parametrize("file", ["lossy", "alpha", "lossless", "deep", "progressive", "carried"])
def test_decoding(
    module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str, options: Mapping[str, Any]
) -> None:
    check_same(module, compiled, "decode", options, image=files[file])


@pytest.mark.parametrize("file", ["animated", "gif", "jpeg", "png"])
def test_decoding_other_files(
    module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str
) -> None:
    check_same(module, compiled, "decode", {}, image=files[file])


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("file", ["lossy", "progressive", "lossless"])
def test_decoding_the_beginning_of_a_file(
    module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str, cut: float
) -> None:
    check_same(module, compiled, "decode", {"prefix": True}, image=files[file][: int(len(files[file]) * cut)])


@pytest.mark.parametrize("file", ["lossy", "progressive", "lossless"])
def test_decoding_what_is_pushed(
    module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str
) -> None:
    data = files[file]
    size = len(data) // 5 + 1
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    answers = []
    for threads in (1, 2, 4):
        with Raw(module, compiled) as raw:
            answers.append([answer(each) for each in raw.push("decode", {}, pieces, threads)])
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


@pytest.mark.parametrize("file", ["corrupt", "corrupt_lossless"])
def test_errors_are_the_same(
    module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str
) -> None:
    check_same(module, compiled, "decode", {}, image=files[file])


@pytest.mark.parametrize(
    "options",
    [
        *({"effort": effort} for effort in (1, 3, 5, 7)),
        *({"effort": effort, "lossless": True} for effort in (1, 2, 4)),
        {"effort": 3, "progressive_ac": "on", "progressive_dc": 1},
        {"effort": 4, "mode": "modular", "distance": 2},
        {"effort": 7, "photon_noise": 1600, "distance": 3},
    ],
    ids=str,
)
def test_encoding(module: Module, compiled: Compiled, options: Mapping[str, Any]) -> None:
    check_encoding(module, compiled, WIDTH, HEIGHT, options)


def test_encoding_to_a_target(module: Module, compiled: Compiled) -> None:
    """Encodes many times, so the picture is no larger than to have several groups."""
    check_encoding(module, compiled, 300, 270, {"effort": 3, "target_ssimulacra2": 70})


def check_encoding(
    module: Module, compiled: Compiled, width: int, height: int, options: Mapping[str, Any]
) -> None:
    shape = {"width": width, "height": height, "channels": 4, "type": "u8"}
    samples = picture(width, height, 4)
    check_same(module, compiled, "encode", {**shape, **options}, samples=samples.tobytes())


@pytest.mark.parametrize("effort", [1, 7])
def test_encoding_in_pieces(module: Module, compiled: Compiled, effort: int) -> None:
    """Pictures of several groups of 2048 x 2048 are encoded group by group."""
    samples = picture(WIDE, 260, 3)
    options = {"width": WIDE, "height": 260, "channels": 3, "type": "u8", "effort": effort}
    check_same(module, compiled, "encode", options, samples=samples.tobytes())


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("jpeg", {"to": "jxl"}),
        ("jpeg", {"to": "jxl", "distance": 1, "effort": 4}),
        ("carried", {"to": "jpeg"}),
        ("lossless", {"to": "png"}),
        ("gif", {"to": "jxl", "effort": 3}),
        ("lossy", {"to": "jxl", "distance": 3, "effort": 3}),
    ],
    ids=str,
)
def test_transcoding(
    module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str, options: Mapping[str, Any]
) -> None:
    check_same(module, compiled, "transcode", options, image=files[file])


@pytest.mark.parametrize("file", ["lossy", "progressive", "jpeg", "png"])
def test_thumbnails(module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str) -> None:
    for source in ("auto", "full"):
        options = {"width": 90, "height": 90, "to": "pixels", "source": source}
        check_same(module, compiled, "thumbnail", options, image=files[file])


@pytest.mark.parametrize("file", ["lossy", "alpha", "deep", "png"])
def test_edits(module: Module, compiled: Compiled, files: Mapping[str, bytes], file: str) -> None:
    for more in ({"width": 300}, {"to": "png"}):
        options = {"to": "jxl", "effort": 1, "rotate": 90, "exposure": 0.5, **more}
        check_same(module, compiled, "edit", options, image=files[file])


def test_comparing(module: Module, compiled: Compiled, codec: Codec) -> None:
    """Helpers have a part in reading the files alone, so these are no larger than to have several groups."""
    samples = picture(300, 270, 4)
    lossy = codec.encode(samples, effort=3, distance=2).image
    check_same(module, compiled, "compare", {}, a=saved(samples, "PNG"), b=bytes(lossy))


@pytest.fixture
def raw(module: Module, compiled: Compiled) -> Any:
    with Raw(module, compiled) as made:
        yield made


ENCODE = {"width": 1024, "height": 768, "channels": 3, "type": "u8", "effort": 7}


@pytest.fixture(scope="module")
def samples() -> bytes:
    return picture(1024, 768, 3).tobytes()


def test_helpers_that_come_late_or_never(module: Module, compiled: Compiled, samples: bytes) -> None:
    expected = make(module, compiled, "encode", ENCODE, 1, samples=samples)
    for late in (0.05, 0.3):
        with Raw(module, compiled) as raw:
            raw.block()  # nobody helps with it
            found = raw.call("encode", ENCODE, {"samples": [samples]}, threads=3, late=late)
            assert answer(found) == answer(expected)


def test_a_helper_leaves_when_told(raw: Raw, module: Module, compiled: Compiled, samples: bytes) -> None:
    expected = make(module, compiled, "encode", ENCODE, 1, samples=samples)
    leaving = threading.Timer(0.1, lambda: raw.leave(raw.helpers[0].block))
    leaving.start()
    found = raw.call("encode", ENCODE, {"samples": [samples]}, threads=3)
    leaving.join()
    assert answer(found) == answer(expected)
    assert found.helpers_trapped == 0


def test_a_helper_leaves_without_a_call(raw: Raw) -> None:
    block = raw.block()
    raw.help(block)
    assert raw.helpers[0].began.wait(60)
    raw.leave(block)
    raw.join()
    assert raw.helpers[0].trap is None


def test_the_stop_word_ends_all_threads(raw: Raw, samples: bytes) -> None:
    def stop() -> None:
        raw.stop.value = 1

    stopping = threading.Timer(0.3, stop)
    stopping.start()
    found = raw.call("encode", {**ENCODE, "effort": 9}, {"samples": [samples]}, threads=3)
    stopping.join()
    assert found.trapped
    assert found.status == 0
    assert found.helpers_trapped == 2


def test_a_helper_that_waits_looks_at_the_stop_word(raw: Raw) -> None:
    raw.help(raw.block())
    assert raw.helpers[0].began.wait(60)
    time.sleep(0.1)
    raw.stop.value = 1
    raw.join()
    assert raw.helpers[0].trap is not None


def test_a_trap_in_a_helper_ends_the_call(raw: Raw, samples: bytes) -> None:
    """The helper's stack is found to have been too small when its task is done."""

    def spoil() -> None:
        block = raw.helpers[0].block
        for word in range(block + 16, block + 256, 4):
            if raw.memory.word(word).value == CANARY:
                raw.memory.word(word).value = 0

    spoiling = threading.Timer(0.3, spoil)
    spoiling.start()
    found = raw.call("encode", {**ENCODE, "effort": 9}, {"samples": [samples]}, threads=2)
    spoiling.join()
    assert found.trapped
    assert found.helpers_trapped == 1
    assert found.document["code"] == "internal"
    assert "stack" in found.document["message"]


CANARY = np.array(0x5AFE57AC, "u4").view("i4").item()


def test_blocks_are_given_again(raw: Raw, module: Module, compiled: Compiled, samples: bytes) -> None:
    options = {**ENCODE, "effort": 3}
    expected = make(module, compiled, "encode", options, 1, samples=samples)
    blocks = []
    for _ in range(3):
        found = raw.call("encode", options, {"samples": [samples]}, threads=3)
        assert answer(found) == answer(expected)
        blocks.append({each.block for each in raw.helpers})
        raw.helpers.clear()
    assert blocks[0] == blocks[1] == blocks[2]
    assert len(blocks[0]) == 2


def test_a_block_that_is_free_or_taken_is_not_helped_with(raw: Raw) -> None:
    block = raw.block()
    raw.run("eitherside_release")
    raw.help(block)
    raw.join()  # it was free
    assert raw.block() == block
    raw.helpers.pop(0)
    raw.help(block)
    assert raw.helpers[0].began.wait(60)
    time.sleep(0.05)
    taken = raw.helpers.pop()
    raw.helpers.append(type(taken)(block))
    raw.help(block)
    raw.join()  # another has it
    raw.run("eitherside_release")
    assert taken.thread is not None
    taken.thread.join()
    assert taken.trap is None


def test_no_block_where_memory_is_short(module: Module, compiled: Compiled) -> None:
    with Raw(module, compiled, module.memory.minimum + 40) as raw:
        given = 0
        while raw.block():
            given += 1
            assert given < 10
        found = raw.call("inspect", {}, {"image": [saved(picture(20, 20, 3), "PNG")]})
        assert found.status == 0


def test_a_failure_for_lack_of_memory_has_its_status(module: Module, compiled: Compiled) -> None:
    """However little helpers' blocks leave: the interface itself, with its numbers of errors, may not fit."""
    image, failed = saved(picture(20, 20, 3), "PNG"), 0
    for pages in range(module.memory.minimum, module.memory.minimum + 24):
        with Raw(module, compiled, pages) as raw:
            while raw.block():
                pass
            if not all(raw.run("eitherside_allocate", size) for size in (len(image), 64)):
                continue
            found = raw.call("inspect", {}, {"image": [image]})
        assert (found.status == 0) == ("code" not in found.document)
        failed += found.document.get("code") == "memory_limit"
    assert failed


def test_memory_runs_out_for_all_together(module: Module, compiled: Compiled, samples: bytes) -> None:
    for pages in (300, 600, 900):
        with Raw(module, compiled, pages) as raw:
            found = raw.call("encode", {**ENCODE, "effort": 5}, {"samples": [samples]}, threads=4)
        assert found.document.get("code") in ("memory_limit", None)
        assert not found.trapped or found.document["code"] == "memory_limit"


def test_one_thread_form_has_no_use_for_helpers(module: Module, settings: Settings, samples: bytes) -> None:
    alone = compile_module(module, cache(settings))
    if "eitherside_release" not in module.exports:
        pytest.skip("the module has no helpers")
    options = {**ENCODE, "effort": 3}
    with Raw(module, alone) as raw:
        found = raw.call("encode", options, {"samples": [samples]})
        assert found.status == 0
        again = raw.call("encode", options, {"samples": [samples]})
        assert again.outputs == found.outputs

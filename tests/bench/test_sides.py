"""Sides as the benchmark runs them: processes of their own, on a tiny picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.cases import Case, Coding
from bench.checks import Different, check
from bench.inputs import Inputs
from bench.measure import Pace, Sides, measured
from bench.pictures import TINY
from bench.process import Asked, SideError
from bench.task import Absent, Output, Task
from eitherside import Codec
from support.chromium import installed
from support.processes import is_running

PAIR = ("wasmtime 1", "native 1")
LOSSY, LOSSLESS = Coding(3, 1.0), Coding(3, None)


@pytest.fixture(scope="module")
def sides() -> Iterator[Sides]:
    found = Sides(PAIR)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture
def inputs(sides: Sides, tmp_path: Path) -> Inputs:
    maker = sides["native 1"]
    assert maker is not None
    return Inputs(tmp_path, maker)


@pytest.mark.parametrize(
    ("function", "coding", "source"),
    [
        ("decode", LOSSY, "jxl"),
        ("decode", LOSSLESS, "jxl"),
        ("encode", LOSSY, "raw"),
        ("encode", LOSSLESS, "raw"),
        ("recompress", Coding(7), "jpeg"),
        ("reconstruct", Coding(7), "recompressed"),
        ("transcode", LOSSY, "png"),
    ],
)
def test_both_sides_do_the_same_work(
    function: str, coding: Coding, source: str, sides: Sides, inputs: Inputs, codec: Codec, tmp_path: Path
) -> None:
    case = Case(function, TINY, coding, source, PAIR)
    said: list[str] = []
    found = measured(case, sides, inputs, codec, Pace(0), said.append, tmp_path)
    assert found["place"] == "server" and found["megapixels"] == pytest.approx(64 * 64 / 1e6)
    for name in PAIR:
        told = found["sides"][name]
        assert told["runs"] == 3 == len(told["seconds"])
        assert 0 < told["low"] <= told["median"] <= told["high"]
        assert told["first"] > 0 and told["size"] > 0 and told["rss"] > 1 << 20
    assert found["sides"]["wasmtime 1"]["linear"] > 1 << 16 and found["sides"]["native 1"]["linear"] == 0
    assert "native 1, run 3" in said


def test_runs_take_turns(sides: Sides, inputs: Inputs, codec: Codec, tmp_path: Path) -> None:
    said: list[str] = []
    measured(Case("decode", TINY, LOSSY, "jxl", PAIR), sides, inputs, codec, Pace(0), said.append, tmp_path)
    runs = [text for text in said if ", run " in text]
    assert [text.split(", run ")[1] for text in runs] == ["1", "1", "2", "2", "3", "3"]
    assert {text.split(",")[0] for text in runs[:2]} == set(PAIR)


def test_what_a_side_does_not_do_is_told_not_guessed(
    sides: Sides, inputs: Inputs, codec: Codec, tmp_path: Path
) -> None:
    case = Case("thumbnail", TINY, LOSSY, "jxl", PAIR)
    with pytest.raises(Different, match="thumbnail of"):  # a picture of 64 pixels is not made larger
        measured(case, sides, inputs, codec, Pace(0), lambda text: None, tmp_path)
    native = sides["native 1"]
    assert native is not None
    with pytest.raises(Absent, match="has no thumbnail"):
        native.prepare(inputs.task(case))


def test_a_side_that_is_not_there_says_why() -> None:
    found = Sides(["nobody"])
    try:
        assert found["nobody"] is None
        assert "there is no side" in found.facts["nobody"]["absent"]
    finally:
        found.close()


def test_a_side_that_fails_is_an_error_with_its_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jxl"
    broken.write_bytes(b"\xff\x0a not a file")
    side = Asked("native 1")
    try:
        side.prepare(Task("decode", str(broken), (1, 64, 64, 3)))
        with pytest.raises(SideError, match="broken or not whole"):
            side.run()
    finally:
        side.close()


def test_a_side_that_died_is_an_error_and_none_stays_behind() -> None:
    side = Asked("native 1")
    side.describe()
    process = side.process
    process.kill()
    with pytest.raises(SideError, match="died with status -9"):
        side.describe()
    side.close()
    other = Asked("native 1")
    other.describe()
    other.close()
    assert not is_running(process.pid) and not is_running(other.process.pid)


def test_calls_at_the_same_time_are_all_made(sides: Sides, inputs: Inputs) -> None:
    side = sides["wasmtime 1"]
    assert side is not None
    side.prepare(inputs.task(Case("decode", TINY, LOSSY, "jxl", PAIR)))
    try:
        assert side.ask(do="concurrent", callers=2, each=2)["seconds"] > 0
    finally:
        side.drop()


def test_different_samples_of_a_lossless_file_fail(codec: Codec, tmp_path: Path) -> None:
    samples = TINY.make()
    wrong = samples.copy()
    wrong[0, 5, 5, 1] ^= 1
    outputs = {}
    for name, each in (("right", samples), ("wrong", wrong)):
        each.tofile(tmp_path / name)
        outputs[name] = Output(str(tmp_path / name), (1, 64, 64, 3))
    case = Case("decode", TINY, LOSSLESS, "jxl", PAIR)
    with pytest.raises(Different, match="wrong did not give the samples"):
        check(case, outputs, samples, tmp_path / "right", codec)


def test_decoders_that_disagree_on_a_lossy_file_fail(codec: Codec, tmp_path: Path) -> None:
    samples = TINY.make()
    outputs = {}
    for name, each in (("one", samples), ("other", np.roll(samples, 1, axis=2))):
        each.tofile(tmp_path / name)
        outputs[name] = Output(str(tmp_path / name), (1, 64, 64, 3))
    case = Case("decode", TINY, LOSSY, "jxl", PAIR)
    with pytest.raises(Different, match="other and one decoded differently"):
        check(case, outputs, samples, tmp_path / "one", codec)


def test_encoders_at_different_quality_fail(codec: Codec, tmp_path: Path) -> None:
    samples = TINY.make()
    outputs = {}
    for name, distance in (("fine", 0.5), ("coarse", 6.0)):
        (tmp_path / name).write_bytes(codec.encode(samples[0], distance=distance, effort=3).image)
        outputs[name] = Output(str(tmp_path / name))
    case = Case("encode", TINY, LOSSY, "raw", PAIR)
    with pytest.raises(Different, match="fine and coarse encoded at different quality"):
        check(case, outputs, samples, tmp_path / "raw", codec)
    with pytest.raises(Different, match="did not encode losslessly"):
        check(replace(case, coding=LOSSLESS), outputs, samples, tmp_path / "raw", codec)


@pytest.mark.skipif(installed() is None, reason="no Chromium on the PATH")
def test_the_page_does_the_same_as_the_process(inputs: Inputs, codec: Codec, tmp_path: Path) -> None:
    found = Sides(["chromium 1", "browser"])
    try:
        assert "Chromium" in found.facts["chromium 1"]["version"]
        for function, coding, source in (("decode", LOSSLESS, "jxl"), ("encode", LOSSY, "raw")):
            case = Case(function, TINY, coding, source, ("chromium 1", "browser"))
            told = measured(case, found, inputs, codec, Pace(0), lambda text: None, tmp_path)
            assert told["place"] == "browser" and told["sides"]["chromium 1"]["runs"] == 3
    finally:
        found.close()

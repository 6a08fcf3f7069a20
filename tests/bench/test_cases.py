"""What the benchmark measures."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bench import pictures
from bench.cases import CASES, FULL, NORMAL, QUICK, chosen


def test_every_kind_of_work_is_there_without_asking_for_all() -> None:
    cases = chosen(NORMAL)
    functions = {case.function for case in cases}
    assert functions == {"decode", "encode", "recompress", "reconstruct", "transcode", "thumbnail"}
    encoders = {
        (case.coding.effort, case.coding.distance is None) for case in cases if case.function == "encode"
    }
    assert {(1, False), (3, False), (5, False), (7, False), (1, True), (3, True)} <= encoders
    kinds = {case.picture.name for case in cases}
    assert kinds == {"photo", "16-bit photo", "screenshot", "line art", "animation", "HDR"}
    sizes = [case.picture.megapixels for case in cases]
    assert min(sizes) == pytest.approx(0.3, abs=0.01) and max(sizes) == pytest.approx(50, abs=0.5)
    assert {case.place for case in cases} == {"server", "browser", "http"}


def test_each_set_has_all_of_the_smaller_ones() -> None:
    quick, normal, full = (chosen(which) for which in (QUICK, NORMAL, FULL))
    assert set(quick) < set(normal) < set(full)
    assert full == list(CASES)


def test_no_two_cases_are_called_alike_in_one_place() -> None:
    names = Counter((case.place, case.name) for case in CASES)
    assert max(names.values()) == 1, names.most_common(1)


def test_a_pattern_chooses_by_place_and_name() -> None:
    found = chosen(FULL, "Browser: decode")
    assert found and all(case.place == "browser" and case.function == "decode" for case in found)
    assert chosen(FULL, "no such thing") == []


@pytest.mark.parametrize(
    ("made", "shape", "dtype"),
    [
        (lambda: pictures.photo(40, 24, "u8"), (24, 40, 3), np.uint8),
        (lambda: pictures.photo(40, 24, "u16"), (24, 40, 3), np.uint16),
        (lambda: pictures.mirrored(pictures.photo(20, 12, "u8")), (24, 40, 3), np.uint8),
        (lambda: pictures.screenshot(240, 160), (160, 240, 3), np.uint8),
        (lambda: pictures.line_art(60, 40), (40, 60, 1), np.uint8),
        (lambda: pictures.animation(48, 32, 4), (4, 32, 48, 3), np.uint8),
        (lambda: pictures.hdr(40, 24), (24, 40, 3), np.uint16),
    ],
    ids=["photo", "16 bits", "mirrored", "screenshot", "line art", "animation", "HDR"],
)
def test_pictures_are_made_alike_every_time(
    made: pictures.Maker, shape: tuple[int, ...], dtype: type[np.generic]
) -> None:
    picture = made()
    assert picture.shape == shape and picture.dtype == dtype
    assert np.array_equal(picture, made())
    assert len(np.unique(picture)) >= 8


def test_pictures_have_the_shapes_that_they_tell() -> None:
    for picture in (pictures.TINY, pictures.SMALL, pictures.ANIMATION):
        samples = picture.make()
        assert samples.shape == (picture.frames, picture.height, picture.width, picture.channels)
        assert samples.dtype == picture.dtype

"""The distance is searched that meets a size or a score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from eitherside import Codec
from eitherside.errors import CallError
from support.images import picture, saved

PICTURE = picture(120, 90, 3)
PNG = saved(PICTURE, "PNG")


@pytest.mark.parametrize("size", [900, 2500, 6000])
def test_bytes(codec: Codec, size: int) -> None:
    found = codec.encode(PICTURE, target_bytes=size, effort=3)
    assert 0.8 * size < len(found.image) <= size
    assert found.tries is not None
    assert found.tries > 1
    assert found.score is None
    plain = codec.encode(PICTURE, distance=found.distance, effort=3)
    assert bytes(plain.image) == bytes(found.image)
    assert plain.tries == 1


def test_a_size_that_cannot_be(codec: Codec) -> None:
    with pytest.raises(CallError, match="even at distance 25") as caught:
        codec.encode(PICTURE, target_bytes=20, effort=3)
    assert (caught.value.code, caught.value.option) == ("bad_option", "/target_bytes")


@pytest.mark.parametrize("wanted", [1.0, 3.0])
def test_butteraugli(codec: Codec, wanted: float) -> None:
    found = codec.encode(PICTURE, target_butteraugli=wanted, effort=3)
    assert found.score is not None
    assert 0.7 * wanted < found.score <= wanted
    seen = codec.compare(PNG, found.image, metrics=["butteraugli"]).butteraugli
    assert seen == pytest.approx(found.score, rel=1e-3)


@pytest.mark.parametrize("wanted", [40.0, 80.0])
def test_ssimulacra2(codec: Codec, wanted: float) -> None:
    found = codec.encode(PICTURE, target_ssimulacra2=wanted, effort=3)
    assert found.score is not None
    assert wanted <= found.score < wanted + 4
    seen = codec.compare(PNG, found.image, metrics=["ssimulacra2"]).ssimulacra2
    assert seen == pytest.approx(found.score, abs=0.05)


def test_no_distance_is_near_enough(codec: Codec) -> None:
    found = codec.encode(PICTURE, target_ssimulacra2=99.999, effort=3)
    assert found.distance == 0
    assert np.array_equal(codec.decode(found.image).samples[0], PICTURE)


def test_the_largest_distance_is_near_enough(codec: Codec) -> None:
    assert codec.encode(PICTURE, target_ssimulacra2=-100.0, effort=3).distance == 25


def test_transcode(codec: Codec) -> None:
    from_png = codec.transcode(PNG, to="jxl", target_bytes=2500, effort=3)
    assert len(from_png.image) <= 2500
    original = codec.encode(PICTURE, lossless=True, effort=1).image
    from_jxl = codec.transcode(original, to="jxl", target_ssimulacra2=70.0, effort=3)
    assert from_jxl.score is not None
    assert from_jxl.score >= 70
    jpeg = saved(PICTURE, "JPEG", quality=95)
    from_jpeg = codec.transcode(jpeg, to="jxl", target_butteraugli=3.0, effort=3)
    assert from_jpeg.jpeg == "pixels"
    assert from_jpeg.score is not None
    assert from_jpeg.score <= 3


def test_the_worst_frame_counts(codec: Codec) -> None:
    frames = [np.zeros_like(PICTURE), PICTURE]
    found = codec.encode(frames, durations=[0.1, 0.1], target_ssimulacra2=80.0, effort=3)
    assert found.score is not None
    assert 80 <= found.score < 90


@pytest.mark.parametrize(
    "options",
    [
        {"target_bytes": 1000, "distance": 1.0},
        {"target_bytes": 1000, "target_butteraugli": 1.0},
        {"target_ssimulacra2": 80.0, "quality": 90.0},
        {"target_butteraugli": 1.0, "lossless": True},
    ],
)
def test_what_excludes_each_other(codec: Codec, options: dict[str, Any]) -> None:
    with pytest.raises(CallError, match="exclude each other"):
        codec.encode(PICTURE, **options)


def test_targets_are_for_jpeg_xl_from_pixels(codec: Codec) -> None:
    with pytest.raises(CallError) as caught:
        codec.transcode(PNG, to="png", target_bytes=1000)
    assert caught.value.option == "/target_bytes"
    with pytest.raises(CallError, match="from pixels"):
        codec.transcode(saved(PICTURE, "JPEG"), to="jxl", jpeg="exact", target_bytes=1000)


def test_too_small_for_a_score(codec: Codec) -> None:
    with pytest.raises(CallError, match="less than 8 pixels"):
        codec.encode(picture(6, 6, 3), target_ssimulacra2=80.0)

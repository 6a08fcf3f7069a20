"""Compare: the scores are those of libjxl's own tools, and what differs is told."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from eitherside import CallError, Codec
from support.images import animated, picture, saved

WIDTH, HEIGHT = 96, 64


def posterised(samples: NDArray[Any]) -> NDArray[Any]:
    changed = samples.copy()
    changed[..., :3] = samples[..., :3] // 32 * 32 + 16
    return changed


def blurred(samples: NDArray[Any]) -> NDArray[Any]:
    wide = samples.astype(np.uint32)
    rows = (np.roll(wide, 1, 0) + 2 * wide + np.roll(wide, -1, 0)) // 4
    mixed: NDArray[Any] = ((np.roll(rows, 1, 1) + 2 * rows + np.roll(rows, -1, 1)) // 4).astype(samples.dtype)
    return mixed


def shifted(samples: NDArray[Any]) -> NDArray[Any]:
    changed = samples.copy()
    changed[..., :3] = np.minimum(samples[..., :3].astype(np.uint16) + 4, 255)
    return changed


DISTORTIONS = {"posterised": posterised, "blurred": blurred, "shifted": shifted}

# Butteraugli's maximum and 3-norm, and SSIMULACRA 2, of `picture(96, 64, channels)` and its distortions in
# 8-bit sRGB. From a native program (x86-64, GCC 12) of libjxl 0.11.2's own source, which calls ComputeScore,
# ComputeDistanceP and ComputeSSIMULACRA2 as butteraugli_main.cc and ssimulacra2_main.cc do.
REFERENCE = {
    ("posterised", 1): (7.1532726288, 3.7410553264, 83.29079920),
    ("blurred", 1): (4.4455575943, 2.1223751430, 85.13938864),
    ("shifted", 1): (2.6793594360, 2.4630894653, 93.40035107),
    ("posterised", 3): (6.8083620071, 3.3077401064, 41.31215513),
    ("blurred", 3): (6.0222039223, 2.5466543710, 56.61287391),
    ("shifted", 3): (2.8264374733, 2.4815347281, 93.54266647),
    ("posterised", 4): (6.3342599869, 2.9508421853, 47.61160952),
    ("blurred", 4): (8.8843784332, 3.7569622158, 59.18481011),
    ("shifted", 4): (2.6551876068, 2.1054350257, 93.81264805),
}


def compare(codec: Codec, a: bytes, b: bytes, **options: Any) -> Any:
    """A comparison. Which outputs and scores it has depends on the options, so that types cannot tell."""
    return codec.compare(a, b, **options)


def psnr(a: NDArray[Any], b: NDArray[Any]) -> float:
    error = np.mean((a.astype(float) - b.astype(float)) ** 2) / 255**2
    return float(-10 * np.log10(error)) if error else math.inf


@pytest.mark.parametrize("distortion", DISTORTIONS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_scores_are_those_of_the_reference_tools(codec: Codec, distortion: str, channels: int) -> None:
    original = picture(WIDTH, HEIGHT, channels)
    found = compare(codec, saved(original, "PNG"), saved(DISTORTIONS[distortion](original), "PNG"))
    largest, norm, similarity = REFERENCE[distortion, channels]
    assert found.butteraugli == pytest.approx(largest, rel=1e-5)
    assert found.butteraugli_3norm == pytest.approx(norm, rel=1e-5)
    assert found.ssimulacra2 == pytest.approx(similarity, abs=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
def test_psnr_is_that_of_the_samples(codec: Codec, channels: int) -> None:
    original = picture(WIDTH, HEIGHT, channels)
    changed = posterised(original) if channels == 3 else shifted(np.repeat(original, 3, 2))[..., :1]
    found = compare(codec, saved(original, "PNG"), saved(changed, "PNG"), metrics=["psnr"])
    assert found.psnr == pytest.approx(psnr(original, changed), abs=1e-3)
    assert (found.butteraugli, found.butteraugli_3norm, found.ssimulacra2) == (None, None, None)


def test_psnr_takes_the_worse_background(codec: Codec) -> None:
    original = picture(WIDTH, HEIGHT, 4)
    changed = original.copy()
    changed[:, :, 3] //= 2

    def on(samples: NDArray[Any], background: float) -> NDArray[Any]:
        alpha = samples[..., 3:] / 255
        laid: NDArray[Any] = samples[..., :3] * alpha + background * (1 - alpha)
        return laid

    expected = min(psnr(on(original, back), on(changed, back)) for back in (0, 255))
    found = compare(codec, saved(original, "PNG"), saved(changed, "PNG"), metrics=["psnr"])
    assert found.psnr == pytest.approx(expected, abs=1e-3)


def test_equal_pictures(codec: Codec) -> None:
    original = picture(WIDTH, HEIGHT, 3)
    png = saved(original, "PNG")
    found = compare(codec, png, codec.transcode(png, to="jxl", lossless=True).image)
    assert found.identical is True
    assert (found.butteraugli, found.butteraugli_3norm, found.ssimulacra2, found.psnr) == (0, 0, 100, None)
    assert (found.a_format, found.b_format) == ("png", "jxl")
    assert found.difference is None and found.difference_samples is None


@settings(max_examples=12)
@given(
    width=st.integers(1, 40), height=st.integers(1, 40), channels=st.integers(1, 4), seed=st.integers(0, 99)
)
def test_lossless_is_identical_whatever_the_size(
    codec: Codec, width: int, height: int, channels: int, seed: int
) -> None:
    original = picture(width, height, channels, seed=seed)
    file = codec.encode(original, lossless=True, effort=1).image
    found = compare(codec, file, codec.encode(original, lossless=True, effort=3).image)
    assert found.identical is True
    assert (found.butteraugli, found.psnr) == (0, None)
    assert found.ssimulacra2 == (None if min(width, height) < 8 else 100)
    changed = original.copy()
    changed[height // 2, width // 2, 0] ^= 128
    other = compare(codec, file, codec.encode(changed, lossless=True, effort=1).image)
    assert other.identical is False


def test_depths_of_the_same_samples_are_identical(codec: Codec) -> None:
    original = picture(24, 16, 3)
    wide = original.astype(np.uint16) * 257
    narrow = codec.encode(original, lossless=True, effort=1).image
    assert compare(codec, narrow, codec.encode(wide, lossless=True, effort=1).image).identical is True
    wide[0, 0, 0] ^= 1
    assert compare(codec, narrow, codec.encode(wide, lossless=True, effort=1).image).identical is False


def test_equal_samples_of_other_colours_are_not_identical(codec: Codec) -> None:
    original = picture(24, 16, 3)
    srgb = codec.encode(original, lossless=True, effort=1).image
    wide = codec.encode(original, lossless=True, effort=1, colour="display_p3").image
    found = compare(codec, srgb, wide)
    assert found.identical is False
    assert found.butteraugli > 0.1


def test_worse_is_worse(codec: Codec) -> None:
    original = picture(128, 96, 3)
    png = saved(original, "PNG")
    found = [
        compare(codec, png, codec.encode(original, distance=d, effort=3).image) for d in (0.5, 1.5, 4.0, 10.0)
    ]
    assert [item.butteraugli for item in found] == sorted(item.butteraugli for item in found)
    similarities = [item.ssimulacra2 for item in found]
    assert similarities == sorted(similarities, reverse=True)
    assert [item.psnr for item in found] == sorted((item.psnr for item in found), reverse=True)


def test_the_screen_matters(codec: Codec) -> None:
    original = picture(WIDTH, HEIGHT, 3)
    a, b = saved(original, "PNG"), saved(shifted(original), "PNG")
    dim, usual, bright = (
        compare(codec, a, b, metrics=["butteraugli"], intensity_target=nits).butteraugli
        for nits in (10, 0, 1000)
    )
    assert usual == compare(codec, a, b, metrics=["butteraugli"], intensity_target=80).butteraugli
    assert len({dim, usual, bright}) == 3


def test_hdr_is_compared_at_its_own_luminance(codec: Codec) -> None:
    samples = picture(WIDTH, HEIGHT, 3, "u16")
    pq = [
        codec.encode(item, lossless=True, effort=1, colour="rec2020_pq").image
        for item in (samples, np.where(samples > 40000, 40000, samples).astype(np.uint16))
    ]
    own = compare(codec, *pq, metrics=["butteraugli"]).butteraugli
    assert own == compare(codec, *pq, metrics=["butteraugli"], intensity_target=10000).butteraugli
    assert own != compare(codec, *pq, metrics=["butteraugli"], intensity_target=80).butteraugli


def test_animations_frame_by_frame(codec: Codec) -> None:
    original = np.stack([picture(32, 24, 3, seed=seed) for seed in range(3)])
    changed = original.copy()
    changed[1] = posterised(changed[1])
    files = [
        codec.encode(list(item), durations=[0.1] * 3, lossless=True, effort=1).image
        for item in (original, changed)
    ]
    found = compare(codec, *files, difference="pixels")
    assert [item["identical"] for item in found.frames] == [True, False, True]
    assert found.worst_frame == 1
    assert found.butteraugli == found.frames[1]["butteraugli"] > 0
    assert found.ssimulacra2 == found.frames[1]["ssimulacra2"] < 100
    assert found.psnr == found.frames[1]["psnr"]
    assert found.difference_samples.max() > 0
    assert compare(codec, *files, frames="first").identical is True


def test_apng_against_gif(codec: Codec) -> None:
    found = compare(codec, animated("PNG"), animated("GIF"))
    assert len(found.frames) == 3
    assert found.identical is False


@pytest.mark.parametrize("difference", ["jxl", "png", "pixels"])
def test_the_difference_picture_shows_where(codec: Codec, difference: str) -> None:
    original = picture(WIDTH, HEIGHT, 3)
    changed = original.copy()
    changed[40:56, 64:80] = posterised(changed[40:56, 64:80])
    found = compare(codec, saved(original, "PNG"), saved(changed, "PNG"), difference=difference, metrics=[])
    if difference == "pixels":
        heat = found.difference_samples
    elif difference == "png":
        heat = np.asarray(Image.open(io.BytesIO(found.difference)))
    else:
        heat = codec.decode(found.difference).samples[0]
    assert heat.shape == (HEIGHT, WIDTH, 3)
    assert heat[40:56, 64:80].mean() > 10 * heat[:20, :40].mean()
    assert found.difference_format == difference
    assert found.butteraugli > 0 and found.psnr is None


def test_sizes_that_differ(codec: Codec) -> None:
    with pytest.raises(CallError, match="a has 20 x 10 pixels, b has 20 x 11") as caught:
        compare(codec, saved(picture(20, 10, 3), "PNG"), saved(picture(20, 11, 3), "PNG"))
    assert caught.value.code == "bad_input"


def test_frames_that_differ_in_number(codec: Codec) -> None:
    with pytest.raises(CallError, match="a has 3 frames, b has 2") as caught:
        compare(codec, animated("PNG"), animated("PNG", frames=2))
    assert caught.value.code == "bad_input"
    assert compare(codec, animated("PNG"), animated("PNG", frames=2), frames="first").identical is True


@pytest.mark.parametrize("broken", [0, 1])
def test_the_input_at_fault_is_named(codec: Codec, broken: int) -> None:
    inputs = [saved(picture(20, 10, 3), "PNG")] * 2
    inputs[broken] = b"neither a picture nor anything else"
    with pytest.raises(CallError, match=f"the input '{'ab'[broken]}' cannot be read") as caught:
        compare(codec, *inputs)
    assert caught.value.code == "unknown_format"
    inputs[broken] = saved(picture(20, 10, 3), "PNG")[:-20]
    with pytest.raises(CallError) as caught:
        compare(codec, *inputs)
    assert caught.value.code == "truncated"


def test_limits(codec: Codec) -> None:
    png = saved(picture(20, 10, 3), "PNG")
    with pytest.raises(CallError) as caught:
        compare(codec, png, png, max_pixels=199)
    assert caught.value.code == "too_large"
    with pytest.raises(CallError) as caught:
        compare(codec, animated("PNG"), animated("PNG"), max_frames=2)
    assert caught.value.code == "too_large"

"""`measure` tells from a file's first bytes what `inspect` and `decode` tell from all of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from eitherside import CallError, Codec
from support.conformance import conformance_cases
from support.images import animated, picture, saved

PREFIX = 262144


def files() -> dict[str, tuple[bytes, dict[str, Any]]]:
    """A file of each kind, and what is to be told of it."""
    grey16 = io.BytesIO()
    Image.fromarray((picture(30, 40, 1, "u16"))[..., 0]).save(grey16, "PNG")
    return {
        "png": (saved(picture(30, 40, 3), "PNG"), {"format": "png", "channels": 3, "bits_per_sample": 8}),
        "png16": (grey16.getvalue(), {"format": "png", "channels": 1, "bits_per_sample": 16}),
        "rgba": (saved(picture(30, 40, 4), "PNG"), {"format": "png", "channels": 4, "frames": 1}),
        "apng": (animated("PNG"), {"format": "apng", "frames": 3, "animation": True, "lossy": False}),
        "gif": (animated("GIF"), {"format": "gif", "frames": 3, "animation": True}),
        "jpeg": (saved(picture(30, 40, 3), "JPEG"), {"format": "jpeg", "channels": 3, "lossy": True}),
        "grey": (saved(picture(30, 40, 1), "JPEG"), {"format": "jpeg", "channels": 1}),
        "ppm": (saved(picture(30, 40, 3), "PPM"), {"format": "pnm", "channels": 3, "bits_per_sample": 8}),
        "pgm": (b"P5\n# a comment\n30 40\n65535\n" + bytes(2400), {"channels": 1, "bits_per_sample": 16}),
        "pam": (
            b"P7\nWIDTH 30\nHEIGHT 40\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n" + bytes(4800),
            {"format": "pnm", "channels": 4, "bits_per_sample": 8},
        ),
        "pfm": (b"PF\n30 40\n-1.0\n" + bytes(14400), {"format": "pfm", "bits_per_sample": 32}),
    }


@pytest.mark.parametrize("kind", files())
def test_a_file_of_each_kind(codec: Codec, kind: str) -> None:
    file, expected = files()[kind]
    told = codec.measure(file)
    assert {name: getattr(told, name) for name in expected} == expected
    assert told.pixels == told.width * told.height
    if kind not in ("apng", "gif"):
        assert (told.width, told.height, told.frames) == (30, 40, 1)
    assert told.jpeg_reconstruction is False


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "ppm", "apng"])
def test_the_beginning_is_enough(codec: Codec, kind: str) -> None:
    file, _ = files()[kind]
    whole, part = codec.measure(file), codec.measure(file[: len(file) * 3 // 4])
    assert (part.width, part.height, part.channels) == (whole.width, whole.height, whole.channels)
    # A GIF says how many frames it has by having them.
    assert part.frames == (None if kind == "gif" else whole.frames)


def test_jpeg_xl(codec: Codec) -> None:
    lossy = codec.encode(picture(70, 50, 3)).image
    lossless = codec.encode(picture(70, 50, 2, "u16"), lossless=True).image
    told = codec.measure(lossy[:200])
    assert (told.format, told.width, told.height, told.lossy, told.frames) == ("jxl", 70, 50, True, 1)
    told = codec.measure(lossless[:200])
    assert (told.lossy, told.channels, told.bits_per_sample) == (False, 2, 16)
    moving = codec.encode([picture(20, 20, 3, seed=n) for n in range(3)], durations=[0.1] * 3).image
    told = codec.measure(moving)
    assert told.animation
    assert told.frames is None


def test_jpeg_data_inside(codec: Codec) -> None:
    inside = codec.transcode(saved(picture(64, 48, 3), "JPEG"), to="jxl").image
    told = codec.measure(inside)
    assert told.jpeg_reconstruction is True
    assert told.lossy
    without = codec.encode(picture(8, 8, 3), container="always").image
    assert codec.measure(without).jpeg_reconstruction is False


@conformance_cases()
def test_it_agrees_with_inspect(codec: Codec, conformance_case: Path) -> None:
    file = (conformance_case / "input.jxl").read_bytes()
    told, known = codec.measure(file[:PREFIX]), codec.inspect(file)
    for name in ("format", "width", "height", "bits_per_sample"):
        assert getattr(told, name) == getattr(known, name)
    assert told.animation == (known.animation is not None)
    if told.jpeg_reconstruction is not None:
        assert told.jpeg_reconstruction == known.jpeg_reconstruction
    alpha = any(item["type"] == "alpha" for item in known.extra_channels)
    assert told.channels == known.colour_channels + alpha


def test_a_picture_of_any_size_is_measured(codec: Codec) -> None:
    header = b"P6\n1000000 1000000\n255\n"
    assert codec.measure(header).pixels == 10**12


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif"])
def test_too_few_bytes(codec: Codec, kind: str) -> None:
    file, _ = files()[kind]
    with pytest.raises(CallError) as caught:
        codec.measure(file[:10])
    assert caught.value.code == "truncated"


@given(st.binary(max_size=600), st.sampled_from(sorted(files())), st.integers(0, 400))
def test_no_bytes_break_it(codec: Codec, noise: bytes, kind: str, at: int) -> None:
    file, _ = files()[kind]
    try:
        told = codec.measure(file[:at] + noise)
    except CallError as error:
        assert error.code in ("truncated", "unknown_format", "corrupt")
    else:
        assert told.pixels == told.width * told.height > 0


def test_straight_alpha_on_request(codec: Codec) -> None:
    samples = picture(32, 24, 4, "f32")
    samples[..., :3] *= samples[..., 3:]
    file = codec.encode(samples, lossless=True, premultiplied=True).image
    kept, straight = codec.decode(file, type="f32"), codec.decode(file, type="f32", alpha="straight")
    assert kept.premultiplied
    assert not straight.premultiplied
    assert np.array_equal(kept.samples[0], samples)
    opaque = samples[..., 3] > 0.05
    expected = samples[opaque][:, :3] / samples[opaque][:, 3:]
    assert np.abs(straight.samples[0][opaque][:, :3] - expected).max() < 1e-4

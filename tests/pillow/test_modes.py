"""Modes and samples, both ways."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pillow.conftest import Again
from support.effort import examples
from support.images import picture
from support.profiles import cmyk_profile

CHANNELS = {"1": 1, "L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4, "I;16": 1, "F": 1}
CMYK = {"icc_profile": cmyk_profile()}


def made(mode: str, width: int, height: int, seed: int) -> Image.Image:
    """An image of noise."""
    rng = np.random.default_rng(seed)
    if mode == "F":
        return Image.fromarray(rng.normal(0.5, 1, (height, width)).astype("f4"))
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 65536, (height, width), "u2"))
    if mode == "1":
        return Image.fromarray(rng.random((height, width)) > 0.5)
    samples = rng.integers(0, 256, (height, width, CHANNELS[mode]), "u1")
    return Image.frombytes(mode, (width, height), samples.tobytes())


sizes = st.integers(1, 70)


@settings(max_examples=examples(60))
@given(mode=st.sampled_from(sorted(CHANNELS)), width=sizes, height=sizes, seed=st.integers(0, 1 << 16))
def test_every_mode_comes_back(mode: str, width: int, height: int, seed: int) -> None:
    image = made(mode, width, height, seed)
    file = io.BytesIO()
    image.save(file, "JXL", lossless=True, effort=1, **(CMYK if mode == "CMYK" else {}))
    with Image.open(file) as found:
        assert (found.format, found.mode, found.size) == ("JXL", mode, image.size)
        assert found.tobytes() == image.tobytes()


@settings(max_examples=examples(40))
@given(mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "I;16"]), width=sizes, height=sizes)
def test_with_loss_it_looks_the_same(mode: str, width: int, height: int) -> None:
    kind = "u16" if mode == "I;16" else "u8"
    samples = picture(width, height, CHANNELS[mode], kind)
    image = Image.fromarray(samples.squeeze(axis=2) if CHANNELS[mode] == 1 else samples)
    file = io.BytesIO()
    image.save(file, "JXL", quality=95, effort=3)
    found = Image.open(file)
    assert (found.mode, found.size) == (mode, image.size)
    # What is transparent may have any colour; tiny pictures of noise keep little of it.
    away = np.abs(shown(found) - shown(image)).mean() / (257 if mode == "I;16" else 1)
    assert away < 12


def shown(image: Image.Image) -> NDArray[Any]:
    array = np.asarray(image).astype(float)
    if image.mode in ("LA", "RGBA"):
        array[..., :-1] *= array[..., -1:] / 255
    return array


@pytest.mark.parametrize("mode", ["RGBX", "YCbCr", "HSV", "RGBa", "La"])
def test_modes_that_others_hold(mode: str, again: Again) -> None:
    source = Image.fromarray(picture(20, 15, 4), "RGBA")
    image = (
        source.convert("LA").convert("La")
        if mode == "La"
        else source.convert("RGBa" if mode == "RGBa" else "RGB")
    )
    image = image if mode in ("La", "RGBa") else image.convert(mode)
    found = again(image, lossless=True)
    assert found.mode == {"RGBa": "RGBA", "La": "LA"}.get(mode, "RGB")
    assert found.tobytes() == image.convert(found.mode).tobytes()


@pytest.mark.parametrize("mode", ["I", "I;16B", "I;16L"])
def test_wide_grey(mode: str, again: Again) -> None:
    values = picture(20, 15, 1, "u16")[..., 0]
    if mode == "I":
        image = Image.fromarray(values.astype("i4"))
    else:
        order = ">u2" if mode == "I;16B" else "<u2"
        image = Image.frombytes(mode, (20, 15), values.astype(order).tobytes())
    assert image.mode == mode
    found = again(image, lossless=True)
    assert found.mode == "I;16"
    assert np.array_equal(np.asarray(found), values)


def test_values_beyond_16_bits_are_refused(again: Again) -> None:
    with pytest.raises(OSError, match="outside of 0 to 65535"):
        again(Image.new("I", (3, 3), 70000))


def test_a_mode_without_counterpart_is_refused(again: Again) -> None:
    with pytest.raises(OSError, match="cannot write mode LAB"):
        again(Image.new("LAB", (3, 3)))


@pytest.mark.parametrize("transparent", [None, 3, bytes(range(0, 256, 8))])
def test_a_palette_becomes_its_colours_exactly(transparent: int | bytes | None, again: Again) -> None:
    image = Image.fromarray(picture(40, 30, 3)).quantize(32)
    if transparent is not None:
        image.info["transparency"] = transparent
    mode = "RGB" if transparent is None else "RGBA"
    # Nothing asks for that: loss would spoil pictures of few colours.
    found = again(image)
    assert found.mode == mode
    assert found.tobytes() == image.convert(mode).tobytes()


def test_loss_is_taken_for_a_palette_where_it_is_asked_for(again: Again) -> None:
    image = Image.fromarray(picture(40, 30, 3)).quantize(32)
    assert again(image, distance=3).tobytes() != image.convert("RGB").tobytes()


@pytest.mark.parametrize(("mode", "colour", "result"), [("L", 7, "LA"), ("RGB", (1, 2, 3), "RGBA")])
def test_a_transparent_colour_becomes_alpha(mode: str, colour: Any, result: str, again: Again) -> None:
    image = Image.new(mode, (4, 2), 9)
    image.putpixel((1, 1), colour)
    image.info["transparency"] = colour
    found = again(image, lossless=True, keep_invisible="on")
    assert found.mode == result
    assert found.tobytes() == image.convert(result).tobytes()


def test_cmyk_needs_its_profile(again: Again) -> None:
    image = made("CMYK", 4, 4, 1)
    with pytest.raises(OSError, match="without a CMYK icc_profile"):
        again(image)
    image.info["icc_profile"] = cmyk_profile()
    assert again(image, lossless=True).info["icc_profile"] == cmyk_profile()


def test_deeper_colours_open_with_8_bits(codec: Any) -> None:
    deep = picture(20, 15, 3, "u16")
    found = Image.open(io.BytesIO(codec.encode(deep, lossless=True).image))
    assert found.mode == "RGB"
    assert np.abs(np.asarray(found) - deep / 257).max() <= 1


def test_an_opened_image_can_be_changed(again: Again) -> None:
    found = again(made("RGB", 5, 5, 1))
    pixels = found.load()
    assert pixels is not None
    pixels[1, 1] = (9, 8, 7)
    assert found.getpixel((1, 1)) == (9, 8, 7)

"""Layers, extra channels and metadata as they are given to the encoder."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from PIL import ImageCms

from eitherside import Codec
from eitherside.errors import CallError
from support.images import picture

BASE = picture(60, 40, 3)
WHOLE: dict[str, Any] = {"width": 60, "height": 40}


def tiff(orientation: int) -> bytes:
    """Exif of one tag."""
    return b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x112, 3, 1, orientation, 0)


@pytest.mark.parametrize("effort", [1, 3])
def test_layers_are_laid_on_each_other(codec: Codec, effort: int) -> None:
    patch = picture(20, 10, 3, seed=5)
    layers = [{"save_as": 1, "name": "ground"}, {"x": 7, "y": 5, "source": 1, "name": "patch"}]
    file = codec.encode([BASE, patch], **WHOLE, layers=layers, lossless=True, effort=effort).image
    expected = BASE.copy()
    expected[5:15, 7:27] = patch
    shown = codec.decode(file)
    assert len(shown.samples) == 1
    assert np.array_equal(shown.samples[0], expected)
    stored = codec.decode(file, coalesce=False)
    assert np.array_equal(stored.samples[0], BASE)
    assert np.array_equal(stored.samples[1], patch)
    assert [frame["name"] for frame in stored.frames] == ["ground", "patch"]


@pytest.mark.parametrize("effort", [1, 3])
def test_add(codec: Codec, effort: int) -> None:
    dark = BASE // 3
    layers: list[dict[str, Any]] = [{"save_as": 2}, {"blend": "add", "source": 2, "x": -4, "y": 3}]
    file = codec.encode([dark, dark], layers=layers, lossless=True, effort=effort).image
    expected = dark.astype(int)
    expected[3:, :-4] += dark[:-3, 4:]
    assert np.array_equal(codec.decode(file).samples[0], expected)


def test_blend_by_alpha(codec: Codec) -> None:
    ground = np.dstack([BASE, np.full((40, 60), 255, np.uint8)])
    top = picture(60, 40, 4, seed=9)
    layers: list[dict[str, Any]] = [{"save_as": 1}, {"blend": "blend", "source": 1}]
    shown = codec.decode(codec.encode([ground, top], layers=layers, lossless=True).image).samples[0]
    alpha = top[..., 3:] / 255
    expected = top[..., :3] * alpha + BASE * (1 - alpha)
    assert np.abs(shown[..., :3] - expected).max() <= 1
    assert (shown[..., 3] == 255).all()


def test_an_animation_of_layers(codec: Codec) -> None:
    small = picture(8, 8, 3, seed=3)
    layers = [
        {"duration": 0.2, "save_as": 1, "name": "first"},
        {"duration": 0.3, "x": 4, "source": 1, "name": "second"},
    ]
    file = codec.encode([BASE, small], **WHOLE, layers=layers, lossless=True, loops=4).image
    back = codec.decode(file)
    assert [frame["duration"] for frame in back.frames] == [0.2, 0.3]
    assert np.array_equal(back.samples[1][:8, 4:12], small)
    assert np.array_equal(back.samples[1][8:], BASE[8:])
    assert back.animation is not None
    assert back.animation["loops"] == 4


def test_layers_that_do_not_fit(codec: Codec) -> None:
    with pytest.raises(CallError, match="1 layers for 2") as caught:
        codec.encode([BASE, BASE], layers=[{}])
    assert caught.value.option == "/layers"
    with pytest.raises(CallError, match="no alpha") as caught:
        codec.encode([BASE, BASE], layers=[{}, {"blend": "blend"}])
    assert caught.value.option == "/layers/1/blend"
    with pytest.raises(CallError) as caught:
        codec.encode([BASE, BASE], layers=[{}, {"blend": "screen"}])
    assert caught.value.option == "/layers/1/blend"
    with pytest.raises(CallError) as caught:
        codec.encode([BASE, BASE], layers=[{}, {"opacity": 1}])
    assert caught.value.option == "/layers/1/opacity"


def test_cmyk(codec: Codec) -> None:
    """Without a CMYK profile libjxl takes no CMYK, but the black channel is one as any other is."""
    black = picture(60, 40, 1)[..., 0]
    file = codec.encode(
        BASE, lossless=True, extra=[black], extra_channels=[{"type": "black", "name": "K"}]
    ).image
    channel = codec.inspect(file).extra_channels[0]
    assert (channel["type"], channel["name"]) == ("black", "K")
    assert np.array_equal(codec.decode(file, extra=["black"]).extra[0], black)


def test_spot(codec: Codec) -> None:
    ink = picture(60, 40, 1)[..., 0]
    channels = [{"type": "spot", "name": "gold", "spot": [1.0, 0.5, 0.0, 0.75]}]
    file = codec.encode(BASE, lossless=True, extra=[ink], extra_channels=channels).image
    kept = codec.decode(file, spot="keep", extra=["gold"])
    assert np.array_equal(kept.samples[0], BASE)
    assert np.array_equal(kept.extra[0], ink)
    assert not np.array_equal(codec.decode(file).samples[0], BASE)
    with pytest.raises(CallError, match="solidity"):
        codec.encode(BASE, extra=[ink], extra_channels=[{"type": "spot"}])


def test_missing_buffers(codec: Codec) -> None:
    with pytest.raises(CallError, match="buffers of extra channels") as caught:
        codec.encode(BASE, extra_channels=[{"type": "depth"}])
    assert caught.value.code == "bad_input"


def test_metadata(codec: Codec) -> None:
    jumbf = [b"\0\0\0\x10jumd" + bytes(8), b"\0\0\0\x11jumd" + bytes(9)]
    given: dict[str, Any] = {"exif": tiff(6), "xmp": b"<x/>", "jumbf": jumbf, "gain_map": b"\0" * 40}
    for compress in (False, True):
        file = codec.encode(BASE, **given, compress_boxes=compress).image
        boxes = [box for box in codec.inspect(file).boxes if box["type"] in ("Exif", "xml ", "jumb", "jhgm")]
        assert sorted(box["type"] for box in boxes) == ["Exif", "jhgm", "jumb", "jumb", "xml "]
        assert {box["compressed"] for box in boxes} == {compress}
        if not compress:
            # The codestream's orientation counts; Exif must not turn the picture again.
            assert tiff(1) in bytes(file)
            assert tiff(6) not in bytes(file)


def test_brotli_effort(codec: Codec) -> None:
    text = b"".join(b"<%d a='%d'/>" % (i * i % 997, i * 7 % 31) for i in range(900))
    sizes = [len(codec.encode(BASE, xmp=text, compress_boxes=True, brotli_effort=n).image) for n in (0, 11)]
    assert sizes[1] < sizes[0]


def test_a_profile(codec: Codec) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    with pytest.raises(CallError):
        codec.encode(BASE, icc=icc)

"""JPEG XL to JPEG XL keeps what is in the file: layers, channels, names, profile, boxes."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ImageCms

from eitherside import Codec
from eitherside.errors import CallError
from support.boxes import gain_map
from support.conformance import named
from support.images import picture

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXIF = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x10F, 2, 4, 0x00434241, 0)

GAIN_MAP = gain_map(b"\xff\x0a\0", bytes(range(12)))


def rich(codec: Codec) -> bytes:
    """Two layers, two extra channels beside alpha, boxes of every kind, turned by a quarter."""
    ground, patch = picture(50, 40, 4), picture(20, 10, 4, seed=3)
    planes = [picture(*size, 1, seed=seed)[..., 0] for size in ((50, 40), (20, 10)) for seed in (5, 6)]
    return bytes(
        codec.encode(
            [ground, patch],
            width=50,
            height=40,
            lossless=True,
            orientation=6,
            layers=[
                {"save_as": 1, "name": "ground", "duration": 0.1},
                {"x": 9, "y": -3, "blend": "blend", "source": 1, "name": "patch", "duration": 0.25},
            ],
            loops=3,
            extra=planes,
            extra_channels=[
                {"type": "depth", "name": "far", "bits_per_sample": 8},
                {"type": "spot", "name": "gold", "spot": [1.0, 0.5, 0.0, 0.5]},
            ],
            icc=SRGB,
            exif=EXIF,
            xmp=b"<x/>",
            jumbf=[b"\0\0\0\x10jumd" + bytes(8), b"\0\0\0\x11jumd" + bytes(9)],
            gain_map=GAIN_MAP,
        ).image
    )


def stored(codec: Codec, file: bytes) -> Any:
    """The layers as they are stored, with all channels."""
    return codec.decode(file, coalesce=False, extra=["*"], orientation="keep", range="file", spot="keep")


def test_everything_is_kept(codec: Codec) -> None:
    file = rich(codec)
    answer = codec.transcode(file, to="jxl", lossless=True)
    again = bytes(answer.image)
    assert (answer.width, answer.height, answer.frames) == (40, 50, 2)
    before, after = stored(codec, file), stored(codec, again)
    for one, other in zip([*before.samples, *before.extra], [*after.samples, *after.extra], strict=True):
        assert np.array_equal(one, other)
    assert before.frames == after.frames
    assert [frame["name"] for frame in after.frames] == ["ground", "patch"]
    assert before.extra_channels == after.extra_channels
    assert before.animation == after.animation
    assert before.orientation == after.orientation == 6
    assert bytes(before.icc) == bytes(after.icc)
    one, other = codec.inspect(file), codec.inspect(again)
    assert one.extra_channels == other.extra_channels
    kinds = [
        sorted(b["type"] for b in each.boxes if b["type"] not in ("jxlc", "jxlp")) for each in (one, other)
    ]
    assert kinds[0] == kinds[1]
    assert {"Exif", "xml ", "jumb", "jhgm"} <= set(kinds[1])
    assert kinds[1].count("jumb") == 2
    assert GAIN_MAP in again


def test_lossy_keeps_the_structure(codec: Codec) -> None:
    file = rich(codec)
    again = bytes(codec.transcode(file, to="jxl", distance=1.0).image)
    before, after = stored(codec, file), stored(codec, again)
    assert before.frames == after.frames
    assert before.extra_channels == after.extra_channels
    for one, other in zip(before.extra, after.extra, strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(codec.decode(file).samples, codec.decode(again).samples, strict=True):
        assert one.shape == other.shape
        assert np.abs(one.astype(int) - other).mean() < 6


def test_strip(codec: Codec) -> None:
    bare = codec.transcode(rich(codec), to="jxl", lossless=True, metadata="strip").image
    assert not {"Exif", "xml ", "jumb", "jhgm"} & {box["type"] for box in codec.inspect(bare).boxes}


def test_compressed_boxes(codec: Codec) -> None:
    file = codec.encode(picture(20, 20, 3), xmp=b"<long/>" * 50, exif=EXIF, compress_boxes=True).image
    plain = codec.transcode(file, to="jxl", lossless=True)
    assert b"<long/>" * 50 in bytes(plain.image)
    packed = codec.transcode(plain.image, to="jxl", lossless=True, compress_boxes=True).image
    boxes = {box["type"]: box["compressed"] for box in codec.inspect(packed).boxes}
    assert boxes["xml "]
    assert boxes["Exif"]


def test_boxes_of_other_types(codec: Codec) -> None:
    file = bytes(codec.encode(picture(20, 20, 3), container="always").image)
    file += struct.pack(">I", 8 + 5) + b"priv" + b"hello"
    again = bytes(codec.transcode(file, to="jxl", lossless=True).image)
    assert b"privhello" in again
    assert b"privhello" not in bytes(codec.transcode(file, to="jxl", metadata="strip").image)


def test_depths_that_differ(codec: Codec) -> None:
    deep = picture(30, 20, 3, "u16") >> 4
    mask = np.random.default_rng(1).integers(0, 2, (20, 30)).astype(np.uint16)
    channels = [{"type": "selection_mask", "bits_per_sample": 1}]
    file = codec.encode(deep, bits_per_sample=12, lossless=True, extra=[mask], extra_channels=channels).image
    again = codec.transcode(file, to="jxl", lossless=True).image
    both = [codec.decode(each, type="f32", extra=["*"]) for each in (file, again)]
    assert np.array_equal(both[0].samples[0], both[1].samples[0])
    assert np.array_equal(both[0].extra[0], both[1].extra[0])
    assert codec.inspect(file).extra_channels == codec.inspect(again).extra_channels


def test_no_jpeg_inside(codec: Codec) -> None:
    file = codec.encode(picture(20, 20, 3)).image
    for way in ("exact", "coefficients"):
        with pytest.raises(CallError, match="no JPEG reconstruction data") as caught:
            codec.transcode(file, to="jxl", jpeg=way)
        assert caught.value.code == "unsupported"


@named("alpha_triangles", "animation_newtons_cradle", "blendmodes", "cmyk_layers", "spot", "cafe")
def test_conformance_files_look_the_same(codec: Codec, conformance_case: Path) -> None:
    file = (conformance_case / "input.jxl").read_bytes()
    again = codec.transcode(file, to="jxl", lossless=True, effort=2).image
    one, other = codec.inspect(file), codec.inspect(again)
    assert [frame["duration"] for frame in one.frames] == [frame["duration"] for frame in other.frames]
    assert one.extra_channels == other.extra_channels
    before, after = codec.decode(file, count=3), codec.decode(again, count=3)
    for frame, anew in zip(before.samples, after.samples, strict=True):
        scale = 255 if frame.dtype == np.uint8 else 65535 if frame.dtype == np.uint16 else 1
        assert np.abs(frame.astype(float) - anew).mean() / scale < 0.01

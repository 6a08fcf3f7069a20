"""`inspect` tells the structure of a file: boxes, chunks, segments, and what there is of metadata."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from eitherside import CallError, Codec
from support.boxes import box, container, gain_map, split
from support.images import animated, picture, saved
from support.there import there


@pytest.fixture(scope="module")
def naked(codec: Codec) -> bytes:
    return bytes(codec.encode(picture(60, 40, 3), container="never").image)


def test_boxes_lie_end_to_end(codec: Codec) -> None:
    file = codec.encode(picture(60, 40, 3), exif=b"II*\0" + bytes(40), xmp=b"<x/>", container="always").image
    told = codec.inspect(file)
    assert told.container
    assert [told.boxes[i]["type"] for i in (0, 1)] == ["JXL ", "ftyp"]
    at = 0
    for entry in told.boxes:
        assert entry["offset"] == at
        assert entry["complete"]
        assert bytes(file)[at + 4 : at + 8].decode() == entry["type"]
        at += entry["bytes"]
    assert at == told.bytes == len(file)


def test_one_codestream_however_it_is_boxed(codec: Codec, naked: bytes) -> None:
    plain = codec.inspect(naked)
    assert not plain.container
    assert plain.boxes == []
    for boxes in (
        [box(b"jxlc", naked)],
        [box(b"jxlc", naked, wide=True)],
        [box(b"jxlc", naked, to_the_end=True)],
        split(naked, 1, 2, 0, 30),
        [box(b"free", bytes(9)), *split(naked, 10), box(b"abcd", b"unknown", wide=True)],
    ):
        told = codec.inspect(container(*boxes))
        assert told.container
        assert there(told.codestream_frames) == there(plain.codestream_frames)
        assert (told.width, told.height, told.colour) == (60, 40, plain.colour)
        assert len(told.boxes) == 2 + len(boxes)
        assert told.complete
    parts = codec.inspect(container(*split(naked, 10, 20))).boxes[2:]
    assert [(entry["index"], entry["is_last"]) for entry in parts] == [(0, False), (1, False), (2, True)]


def test_level(codec: Codec, naked: bytes) -> None:
    assert codec.inspect(naked).level is None
    told = codec.inspect(container(box(b"jxll", b"\x0a"), box(b"jxlc", naked)))
    assert told.level == 10
    assert told.boxes[2]["level"] == 10


@pytest.mark.parametrize("tail", [b"\0", b"some bytes behind it"])
def test_bytes_behind_the_image(codec: Codec, naked: bytes, tail: bytes) -> None:
    assert codec.inspect(naked).trailing_bytes == 0
    for file in (naked, container(box(b"jxlc", naked)), saved(picture(9, 9, 3), "PNG")):
        told = codec.inspect(file + tail)
        assert told.trailing_bytes == len(tail)
        assert told.complete


def test_boxes_that_cannot_be(codec: Codec, naked: bytes) -> None:
    stream = box(b"jxlc", naked)
    for file in (
        container(stream)[12:].join([container()[:12], b""]).replace(b"ftypjxl ", b"ftypabcd"),
        container()[:12] + stream,
        container(b"\0\0\0\x04jxlc" + naked),
        container(stream, stream),
        container(box(b"jxlp", b"\0")),
    ):
        with pytest.raises(CallError) as caught:
            codec.inspect(file)
        assert caught.value.code in ("corrupt", "truncated")
        assert "box" in caught.value.message


def test_more_boxes_than_are_listed(codec: Codec, naked: bytes) -> None:
    told = codec.inspect(container(box(b"jxlc", naked), *[box(b"free", b"")] * 5000))
    assert len(told.boxes) == 4096
    assert told.more_boxes == 5003 - 4096
    assert told.complete


def test_gain_map(codec: Codec, naked: bytes) -> None:
    bundle = gain_map(naked, metadata=b"\0\0\0\0abc", icc=b"not looked at")
    told = codec.inspect(container(box(b"jxlc", naked), box(b"jhgm", bundle)), contents=True)
    assert told.metadata["gain_map"] == {
        "bytes": len(bundle),
        "version": 0,
        "metadata_bytes": 7,
        "alternate_icc_bytes": 13,
        "image_bytes": len(naked),
        "alternate_colour": None,
        "width": 60,
        "height": 40,
    }
    assert bytes(there(told.gain_map)) == bundle
    with pytest.raises(CallError, match="gain map"):
        codec.inspect(container(box(b"jxlc", naked), box(b"jhgm", b"\0\xff\xff")))


def test_names_that_are_no_text(codec: Codec, naked: bytes) -> None:
    named = codec.encode(
        np.stack([picture(8, 8, 3)] * 2), durations=[0.1, 0.1], extra_channels=[], lossless=True
    ).image
    assert codec.inspect(named).complete
    told = codec.inspect(container(box(b"jxlc", naked), box(b"\xff\xfe\xc3(", b"")))
    assert told.complete
    assert told.trailing_bytes == 8


def test_orientation_is_the_codestreams(codec: Codec) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    file = codec.encode(picture(60, 40, 3), orientation=6, exif=exif.tobytes()[6:]).image
    told = codec.inspect(file)
    assert (told.orientation, told.width, told.height) == (6, 40, 60)
    assert told.metadata["exif"]["orientation"] in (1, 3)
    naked = codec.encode(picture(60, 40, 3), container="never").image
    file = container(box(b"Exif", bytes(4) + exif.tobytes()[6:]), box(b"jxlc", bytes(naked)))
    told = codec.inspect(file)
    assert (told.orientation, told.metadata["exif"]["orientation"]) == (1, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_a_jpeg(codec: Codec, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    told = codec.inspect(saved(picture(60, 40, 3), "JPEG", exif=exif.tobytes()))
    assert told.orientation == orientation
    assert told.metadata["exif"]["orientation"] == orientation
    assert (told.width, told.height) == ((60, 40) if orientation < 5 else (40, 60))


JPEGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "baseline": ({"subsampling": 0}, {"process": "baseline", "scans": 1, "chroma_subsampling": "4:4:4"}),
    "progressive": ({"progressive": True, "subsampling": 2}, {"process": "progressive", "scans": 10}),
    "422": ({"subsampling": 1}, {"chroma_subsampling": "4:2:2"}),
    "420": ({"subsampling": 2}, {"chroma_subsampling": "4:2:0", "adobe_transform": None, "jfif": True}),
    "restarts": ({"restart_marker_blocks": 3}, {"restart_interval": 3, "arithmetic": False}),
}


@pytest.mark.parametrize("kind", JPEGS)
def test_jpeg_segments(codec: Codec, kind: str) -> None:
    options, expected = JPEGS[kind]
    file = saved(picture(60, 40, 3), "JPEG", **options)
    told = codec.inspect(file)
    assert {name: there(told.jpeg)[name] for name in expected} == expected
    assert [entry["id"] for entry in there(told.jpeg)["components"]] == [1, 2, 3]
    at = 2
    for entry in told.boxes:
        assert entry["offset"] == at
        at += entry["bytes"]
    assert at == len(file)
    assert told.boxes[-1]["type"] == "EOI"
    assert told.colour_channels == 3


def test_jpeg_in_cmyk(codec: Codec) -> None:
    file = io.BytesIO()
    Image.fromarray(picture(20, 10, 3)).convert("CMYK").save(file, "JPEG")
    told = codec.inspect(file.getvalue())
    assert (told.colour_channels, told.colour["space"]) == (4, "cmyk")
    assert there(told.jpeg)["adobe_transform"] is not None


def test_png_chunks(codec: Codec) -> None:
    file = io.BytesIO()
    palette = Image.fromarray(picture(60, 40, 3)).convert("P", palette=Image.Palette.ADAPTIVE, colors=32)
    palette.save(file, "PNG", transparency=0)
    told = codec.inspect(file.getvalue())
    assert there(told.png)["colour_type"] == "palette"
    assert there(told.png)["palette"] == 32
    assert [channel["type"] for channel in told.extra_channels] == ["alpha"]
    assert told.boxes[0]["type"] == "IHDR"
    assert told.boxes[-1]["type"] == "IEND"
    assert sum(entry["bytes"] for entry in told.boxes) + 8 == told.bytes


@pytest.mark.parametrize(("kind", "loops"), [("PNG", 0), ("GIF", 0)])
def test_animations(codec: Codec, kind: str, loops: int) -> None:
    told = codec.inspect(animated(kind))
    assert [frame["duration"] for frame in told.frames] == [pytest.approx(0.1)] * 3
    assert there(told.animation)["loops"] == loops
    assert (told.width, told.height) == (48, 32)
    with pytest.raises(CallError) as caught:
        codec.inspect(animated(kind), max_frames=2)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    ("header", "bits", "channels", "alpha"),
    [
        (b"P5\n# comment\n3 2\n255\n", 8, 1, False),
        (b"P6 3 2 1023\n", 10, 3, False),
        (b"PF\n3 2\n-1.0\n", 32, 3, False),
        (b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 4\nMAXVAL 65535\nTUPLTYPE RGB_ALPHA\nENDHDR\n", 16, 3, True),
        (b"P7\nWIDTH 3\nHEIGHT 2\nDEPTH 2\nMAXVAL 255\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n", 8, 1, True),
    ],
)
def test_pnm_headers(codec: Codec, header: bytes, bits: int, channels: int, alpha: bool) -> None:
    size = 6 * (channels + alpha) * (1 if bits == 8 else 2 if bits <= 16 else 4)
    told = codec.inspect(header + bytes(size))
    assert (told.width, told.height, told.bits_per_sample, told.colour_channels) == (3, 2, bits, channels)
    assert told.exponent_bits == (8 if bits == 32 else 0)
    assert bool(told.extra_channels) == alpha
    assert [entry["bytes"] for entry in told.boxes] == [len(header), size]
    with pytest.raises(CallError) as caught:
        codec.inspect(header + bytes(size - 1))
    assert caught.value.code == "truncated"


@pytest.mark.parametrize("kind", ["jxl", "boxed", "PNG", "JPEG", "GIF", "PPM", "apng"])
def test_every_prefix(codec: Codec, naked: bytes, kind: str) -> None:
    if kind == "jxl":
        file = naked
    elif kind == "boxed":
        file = container(box(b"Exif", bytes(12)), *split(naked, 20, 200), box(b"xml ", b"<x/>"))
    else:
        file = animated("PNG") if kind == "apng" else saved(picture(60, 40, 3), kind)
    whole = codec.inspect(file)
    assert whole.complete
    step = max(1, len(file) // 60)
    met = False
    for length in [*range(60), *range(60, len(file), step)]:
        try:
            told = codec.inspect(file[:length], prefix=True)
        except CallError as error:
            assert error.code in ("truncated", "unknown_format")
            # Once a prefix tells the header, all longer ones do.
            assert not met
            continue
        met = True
        assert (told.width, told.height, told.bits_per_sample) == (whole.width, whole.height, 8)
        try:
            strict = codec.inspect(file[:length])
        except CallError as error:
            assert error.code == "truncated"
            assert not told.complete
        else:
            # The image was all there: the prefix ends between boxes, or in what may be no box.
            assert kind == "boxed"
            assert told.complete == (strict.trailing_bytes == 0)
    assert met


def test_the_file_is_not_read_whole(codec: Codec) -> None:
    """Samples that no reader could decode are no hindrance: they are not looked at."""
    naked = bytearray(codec.encode(picture(600, 400, 3), container="never").image)
    frame = there(codec.inspect(bytes(naked)).codestream_frames)[-1]
    at = frame["offset"] + frame["header_bytes"]
    naked[at:] = b"\xff" * (len(naked) - at)
    assert there(codec.inspect(bytes(naked)).codestream_frames)[-1] == frame
    with pytest.raises(CallError):
        codec.decode(bytes(naked))

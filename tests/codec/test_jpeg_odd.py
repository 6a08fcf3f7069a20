"""JPEG files of odd kinds: carried into JPEG XL and back bit for bit, or refused with the reason and encoded
as pixels."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from eitherside import Codec
from eitherside.errors import CallError
from support.conformance import named
from support.images import picture, saved
from support.jpegs import Jpeg, Scan, insert, segment, split

JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + struct.pack(">II", 20, 0) + b"x" * 20
RESTARTED = {"quality": 80, "restart_marker_rows": 1}
YUV420 = ((2, 2), (1, 1), (1, 1))


def adobe(transform: int) -> bytes:
    """An APP14 segment of Adobe's programs."""
    return segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))


def photo(**options: Any) -> bytes:
    """A JPEG file by libjpeg."""
    return saved(picture(83, 61, 3), "JPEG", **options)


def exif_with_thumbnail() -> bytes:
    """Exif whose second directory is a JPEG thumbnail."""
    small = saved(picture(16, 12, 3), "JPEG")
    head = b"II*\0" + struct.pack("<I", 8)
    first = struct.pack("<HHHIII", 1, 0x112, 3, 1, 6, 26)
    second = struct.pack("<HHHIIHHIII", 2, 0x201, 4, 1, 56, 0x202, 4, 1, len(small), 0)
    return b"Exif\0\0" + head + first + second + small


def without(jpeg: bytes, marker: int) -> bytes:
    """The file without its segments of a kind."""
    return jpeg[:2] + b"".join(part for found, part in split(jpeg) if found != marker)


def icc_in_segments() -> list[bytes]:
    """A profile in three APP2 segments."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    third = -(-len(icc) // 3)
    return [
        segment(0xE2, b"ICC_PROFILE\0" + bytes([i + 1, 3]) + icc[i * third : (i + 1) * third])
        for i in range(3)
    ]


def optimised_progressive() -> bytes:
    """Successive approximation in every band, as libjpeg's own script has it."""
    return photo(quality=70, progressive=True, optimize=True)


BANDS = [Scan([0, 1, 2], 0, 0), *(Scan([c], *band) for c in range(3) for band in ((1, 5), (6, 63)))]
APPROXIMATED = [
    Scan([0, 1, 2], 0, 0, 0, 2),
    Scan([0], 1, 63),
    Scan([1], 1, 63),
    Scan([2], 1, 63),
    Scan([0, 1, 2], 0, 0, 2, 1),
    Scan([0, 1, 2], 0, 0, 1, 0),
]

EXACT: dict[str, Callable[[], bytes]] = {
    "progressive": lambda: photo(progressive=True),
    "progressive, optimised": optimised_progressive,
    "progressive, own bands": lambda: Jpeg(sof=0xC2, scans=BANDS).write(),
    "progressive, DC bit by bit": lambda: Jpeg(sof=0xC2, scans=APPROXIMATED).write(),
    "progressive, subsampled": lambda: Jpeg(sof=0xC2, scans=BANDS, sampling=YUV420).write(),
    "progressive, restarts": lambda: Jpeg(sof=0xC2, scans=BANDS, restart=5).write(),
    "restart after each MCU": lambda: Jpeg(restart=1).write(),
    "restart after seven": lambda: Jpeg(restart=7, sampling=YUV420).write(),
    "restart interval beyond the end": lambda: Jpeg(restart=60000).write(),
    "restart rows": lambda: photo(**RESTARTED),
    "4:2:0": lambda: Jpeg(sampling=YUV420).write(),
    "4:2:2": lambda: Jpeg(sampling=((2, 1), (1, 1), (1, 1))).write(),
    "4:4:0": lambda: Jpeg(sampling=((1, 2), (1, 1), (1, 1))).write(),
    "grey sampled 2x2": lambda: Jpeg(sampling=((2, 2),), width=40, height=40).write(),
    "scans of one component": lambda: Jpeg(scans=[Scan([0]), Scan([1]), Scan([2])], sampling=YUV420).write(),
    "extended sequential": lambda: Jpeg(sof=0xC1).write(),
    "16-bit quantisation": lambda: Jpeg(sof=0xC1, wide_quantisation=True).write(),
    "a segment for each table": lambda: Jpeg(separate_tables=True).write(),
    "padding of zeros": lambda: Jpeg(padding=0).write(),
    "padding of zeros, restarts": lambda: Jpeg(padding=0, restart=3).write(),
    "trailing data": lambda: Jpeg(after=b"\0trailing" * 9).write(),
    "another JPEG behind": lambda: photo() + photo(quality=20),
    "Exif with a thumbnail": lambda: insert(photo(), segment(0xE1, exif_with_thumbnail())),
    "XMP": lambda: insert(photo(), segment(0xE1, XMP)),
    "extended XMP": lambda: insert(photo(), segment(0xE1, XMP), segment(0xE1, EXTENDED)),
    "ICC in segments": lambda: insert(photo(), *icc_in_segments()),
    "JFIF and Adobe": lambda: Jpeg(before=JFIF + adobe(1)).write(),
    "RGB by Adobe's marker": lambda: Jpeg(before=adobe(0)).write(),
    "RGB by its ids": lambda: Jpeg(ids=b"RGB").write(),
    "comments": lambda: insert(photo(), segment(0xFE, b"one"), segment(0xFE, b""), segment(0xFE, b"\0\xff")),
    "unknown APP segments": lambda: insert(photo(), *(segment(0xE3 + i, bytes([i]) * 99) for i in range(9))),
    "1x1": lambda: Jpeg(width=1, height=1, sampling=YUV420).write(),
    "17x9": lambda: Jpeg(width=17, height=9, sampling=YUV420).write(),
    "one row": lambda: Jpeg(width=130, height=1).write(),
    "one column": lambda: Jpeg(width=1, height=130, sampling=((2, 1), (1, 1), (1, 1))).write(),
    "odd component ids": lambda: Jpeg(ids=(7, 250, 0)).write(),
}


def cmyk(transform: int | None) -> bytes:
    """Four components, CMYK or (with Adobe's transform 2) YCCK."""
    before = b"" if transform is None else adobe(transform)
    return Jpeg(sampling=((1, 1),) * 4, before=before).write()


# What cannot be carried over, the reason's words, and whether the pixels can be decoded.
REFUSED: dict[str, tuple[Callable[[], bytes], str, bool]] = {
    "arithmetic": (lambda: Jpeg(sof=0xC9).write(), "arithmetic", False),
    "arithmetic progressive": (lambda: Jpeg(sof=0xCA, scans=BANDS).write(), "arithmetic", False),
    "lossless": (lambda: Jpeg(sof=0xC3).write(), "lossless", False),
    "12 bits": (lambda: Jpeg(sof=0xC1, precision=12).write(), "more than 8 bits", False),
    "CMYK": (lambda: cmyk(None), "four components", True),
    "CMYK by Adobe": (lambda: cmyk(0), "four components", True),
    "YCCK": (lambda: cmyk(2), "four components", True),
}


@pytest.mark.parametrize("kind", EXACT)
def test_given_back_bit_for_bit(codec: Codec, kind: str) -> None:
    jpeg = EXACT[kind]()
    there = codec.transcode(jpeg, to="jxl", jpeg="exact")
    assert there.jpeg == "exact"
    back = codec.transcode(there.image, to="jpeg", jpeg="exact")
    assert bytes(back.image) == jpeg


def test_there_are_enough_kinds() -> None:
    assert len(EXACT) >= 20
    files = [make() for make in EXACT.values()]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_the_reason(codec: Codec, kind: str) -> None:
    make, reason, decodable = REFUSED[kind]
    jpeg = make()
    for way in ("exact", "coefficients"):
        with pytest.raises(CallError, match=reason) as caught:
            codec.transcode(jpeg, to="jxl", jpeg=way)
        assert caught.value.code == "unsupported"
    if decodable:
        assert codec.transcode(jpeg, to="jxl").jpeg == "pixels"
        assert codec.transcode(jpeg, to="jxl", jpeg="pixels").jpeg == "pixels"
    else:
        with pytest.raises(CallError, match=reason) as caught:
            codec.transcode(jpeg, to="jxl", jpeg="pixels")
        assert caught.value.code == "unsupported"


@pytest.mark.parametrize("marked", [True, False])
def test_cmyk_without_profile_becomes_rgb(codec: Codec, marked: bool) -> None:
    inks = picture(40, 24, 4)
    file = io.BytesIO()
    # Pillow writes 0 for full ink, as Adobe's programs do, and their marker; without it 255 is full ink.
    Image.fromarray(inks, "CMYK").save(file, "JPEG", quality=95)
    jpeg = file.getvalue() if marked else without(file.getvalue(), 0xEE)
    shown = (255 if marked else 0) - inks.astype(int)
    expected = np.abs(shown[..., :3] * shown[..., 3:]) / 255
    png = codec.transcode(jpeg, to="png").image
    assert np.abs(np.asarray(Image.open(io.BytesIO(png)), dtype=int) - expected).mean() < 4


@named("cmyk_layers")
def test_cmyk_with_its_profile_keeps_black(codec: Codec, conformance_case: Path) -> None:
    icc = codec.decode((conformance_case / "input.jxl").read_bytes()).icc
    inks = picture(40, 24, 4)
    file = io.BytesIO()
    Image.fromarray(inks, "CMYK").save(file, "JPEG", quality=95, icc_profile=icc)
    for options in ({"lossless": True}, {"distance": 1.0}):
        made = codec.transcode(file.getvalue(), to="jxl", jpeg="pixels", **options)
        assert [channel["type"] for channel in codec.inspect(made.image).extra_channels] == ["black"]
        back = codec.decode(made.image, extra=["black"])
        assert back.icc == icc
        assert np.abs(255 - inks[..., 3].astype(int) - back.extra[0]).mean() < 2
        assert np.abs(255 - inks[..., :3].astype(int) - back.samples[0]).mean() < 12


def test_coefficients_without_what_gives_the_file_back(codec: Codec) -> None:
    exif = segment(0xE1, exif_with_thumbnail())
    jpeg = insert(photo(quality=85), exif, segment(0xE1, XMP))
    exact = codec.transcode(jpeg, to="jxl").image
    kept = codec.transcode(jpeg, to="jxl", jpeg="coefficients")
    bare = codec.transcode(jpeg, to="jxl", metadata="strip")
    assert (kept.jpeg, bare.jpeg) == ("coefficients", "coefficients")
    assert not kept.exact_jpeg
    boxes = [{box["type"] for box in codec.inspect(file).boxes} for file in (exact, kept.image, bare.image)]
    assert {"jbrd", "Exif", "xml "} <= boxes[0]
    assert {"Exif", "xml "} <= boxes[1]
    assert "jbrd" not in boxes[1]
    assert not {"jbrd", "Exif", "xml "} & boxes[2]
    pixels = [codec.decode(file).samples[0] for file in (exact, kept.image, bare.image)]
    assert np.array_equal(pixels[0], pixels[1])
    assert np.array_equal(pixels[0], pixels[2])
    # Turned once, by the codestream.
    assert codec.inspect(bare.image).orientation == 6
    assert b"\x12\x01\x03\x00\x01\x00\x00\x00\x06" not in bytes(kept.image)


def test_a_jpeg_inside_stays_one(codec: Codec) -> None:
    jpeg = photo(quality=70)
    there = codec.transcode(jpeg, to="jxl").image
    again = codec.transcode(there, to="jxl", effort=9)
    assert again.jpeg == "exact"
    assert bytes(codec.transcode(again.image, to="jpeg").image) == jpeg
    assert codec.transcode(there, to="jxl", distance=2.0).jpeg == "pixels"

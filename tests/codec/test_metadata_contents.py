"""Metadata go in and come out bit for bit: what `inspect` gives with `contents` is what was put in."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from eitherside import Codec
from support.boxes import box, chunk, container, gain_map, png, split
from support.images import picture, saved
from support.there import there

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'


def tiff(orientation: int, more: bytes = b"") -> bytes:
    """An Exif block with one tag."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0) + more


@pytest.fixture(scope="module")
def naked(codec: Codec) -> bytes:
    return bytes(codec.encode(picture(32, 24, 3), container="never").image)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    exif=st.binary(max_size=300),
    xmp=st.binary(min_size=1, max_size=300),
    jumbf=st.lists(st.binary(min_size=1, max_size=100), max_size=4),
    skip=st.integers(0, 9),
    parts=st.lists(st.integers(0, 60), max_size=3),
)
def test_boxes_come_out_as_they_are(
    codec: Codec, naked: bytes, exif: bytes, xmp: bytes, jumbf: list[bytes], skip: int, parts: list[int]
) -> None:
    block = tiff(8, exif)
    file = container(
        box(b"Exif", struct.pack(">I", skip) + bytes(skip) + block),
        *split(naked, *parts),
        box(b"xml ", xmp),
        *[box(b"jumb", content) for content in jumbf],
    )
    told = codec.inspect(file, contents=True)
    assert bytes(there(told.exif)) == block
    assert bytes(there(told.xmp)) == xmp
    assert [bytes(content) for content in there(told.jumbf)] == jumbf
    assert told.metadata == {
        "exif": {"bytes": len(block), "orientation": 8},
        "xmp": {"bytes": len(xmp)},
        "jumbf": len(jumbf),
        "gain_map": None,
    }
    silent = codec.inspect(file)
    assert silent.metadata == told.metadata
    assert silent.exif is None
    assert silent.jumbf == []


def test_compressed_boxes_come_out_decompressed(codec: Codec, naked: bytes) -> None:
    brotli = pytest.importorskip("brotli")
    block = tiff(5, bytes(100_000))
    bundle = gain_map(naked, b"meta")
    contents = {b"Exif": bytes(4) + block, b"xml ": XMP * 2000, b"jumb": b"abc" * 9, b"jhgm": bundle}
    boxes = [box(b"brob", kind + brotli.compress(content)) for kind, content in contents.items()]
    file = container(box(b"jxlc", naked), *boxes)
    told = codec.inspect(file, contents=True)
    assert bytes(there(told.exif)) == block
    assert bytes(there(told.xmp)) == XMP * 2000
    assert [bytes(content) for content in there(told.jumbf)] == [b"abc" * 9]
    assert bytes(there(told.gain_map)) == bundle
    assert [entry["type"] for entry in told.boxes if entry["compressed"]] == ["Exif", "xml ", "jumb", "jhgm"]
    # Where they are not asked for, they are not decompressed to be counted.
    brief = codec.inspect(file).metadata
    assert brief["exif"] == {"bytes": None, "orientation": 5}
    assert brief["xmp"] == {"bytes": None}
    assert brief["gain_map"]["width"] == 32


@pytest.mark.parametrize("compress", [False, True])
def test_what_the_encoder_was_given(codec: Codec, naked: bytes, compress: bool) -> None:
    exif, jumbf, bundle = tiff(1, b"a caption" * 50), b"\0\0\0\x0cjumdabcd", gain_map(naked, b"metadata")
    # Coded with loss, a profile that an encoding can say becomes one.
    file = codec.encode(
        picture(40, 30, 3),
        lossless=True,
        exif=exif,
        xmp=XMP,
        jumbf=jumbf,
        gain_map=bundle,
        icc=SRGB,
        compress_boxes=compress,
    ).image
    told = codec.inspect(file, contents=True)
    assert (bytes(there(told.exif)), bytes(there(told.xmp)), bytes(there(told.gain_map))) == (
        exif,
        XMP,
        bundle,
    )
    assert [bytes(content) for content in there(told.jumbf)] == [jumbf]
    assert bytes(there(told.icc)) == SRGB
    assert told.colour["icc_embedded"]
    assert told.colour["icc_bytes"] == len(SRGB)
    assert any(entry["compressed"] for entry in told.boxes) == compress


def test_a_profile_that_only_an_encoding_tells(codec: Codec) -> None:
    told = codec.inspect(codec.encode(picture(16, 16, 3), colour="display_p3").image, contents=True)
    assert not told.colour["icc_embedded"]
    assert told.colour["primaries"] == "p3"
    profile = ImageCms.ImageCmsProfile(io.BytesIO(bytes(there(told.icc))))
    assert profile.profile.xcolor_space.strip() == "RGB"


def test_jpeg(codec: Codec) -> None:
    large = SRGB + bytes(150_000)
    large = struct.pack(">I", len(large)) + large[4:]
    exif = tiff(1, b"more")
    file = saved(picture(40, 30, 3), "JPEG", exif=b"Exif\0\0" + exif, xmp=XMP, icc_profile=large)
    told = codec.inspect(file, contents=True)
    assert (bytes(there(told.exif)), bytes(there(told.xmp)), bytes(there(told.icc))) == (exif, XMP, large)
    assert [entry["contents"] for entry in told.boxes if entry.get("contents")] == [
        "JFIF", "Exif", "XMP", "ICC profile", "ICC profile", "ICC profile"
    ]  # fmt: skip
    assert told.colour == {"space": "icc", "icc_bytes": len(large), "icc_embedded": True}


@pytest.mark.parametrize("zipped", [False, True])
def test_png(codec: Codec, zipped: bool) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=zipped)
    text.add_text("Comment", "a remark", zip=zipped)
    file = io.BytesIO()
    exif = tiff(7, b"more")
    Image.fromarray(picture(40, 30, 3)).save(
        file, "PNG", pnginfo=text, icc_profile=SRGB, exif=b"Exif\0\0" + exif
    )
    told = codec.inspect(file.getvalue(), contents=True)
    assert (bytes(there(told.exif)), bytes(there(told.xmp)), bytes(there(told.icc))) == (exif, XMP, SRGB)
    assert (told.orientation, told.width, told.height) == (7, 30, 40)
    assert {entry["keyword"]: entry["compressed"] for entry in there(told.png)["text"]} == {
        "XML:com.adobe.xmp": zipped,
        "Comment": zipped,
    }


def test_colours_of_png(codec: Codec) -> None:
    def told(*chunks: bytes) -> dict[str, object]:
        colour: dict[str, object] = codec.inspect(png(*chunks)).colour
        return colour

    gamma = chunk(b"gAMA", struct.pack(">I", 45455))
    assert told(gamma)["gamma"] == pytest.approx(0.45455)
    assert told(gamma, chunk(b"sRGB", b"\1"))["transfer_function"] == "srgb"
    hdr = told(chunk(b"cICP", bytes([9, 16, 0, 1])), gamma)
    assert (hdr["primaries"], hdr["transfer_function"]) == ("rec2020", "pq")
    assert told()["primaries"] == "srgb"


def test_a_prefix_gives_what_is_whole(codec: Codec, naked: bytes) -> None:
    block = tiff(3, bytes(50))
    file = container(box(b"Exif", bytes(4) + block), box(b"jxlc", naked), box(b"xml ", XMP))
    told = codec.inspect(file[:-1], prefix=True, contents=True)
    assert bytes(there(told.exif)) == block
    assert told.xmp is None
    assert told.metadata["xmp"] == {"bytes": len(XMP)}
    assert not told.complete

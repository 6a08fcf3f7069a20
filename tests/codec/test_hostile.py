"""Bad input: always a clear error from the interface, in bounded memory, and the next call works."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from eitherside import Codec
from eitherside.errors import CallError
from support.conformance import named
from support.effort import examples
from support.images import animated, picture, saved

BAD_IMAGE = {"unknown_format", "truncated", "corrupt", "unsupported", "too_large", "memory_limit"}


def pnm(width: int, height: int) -> bytes:
    return f"P6\n{width} {height}\n255\n".encode() + b"\0" * 100


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def codestream_header(width: int, height: int) -> bytes:
    """A JPEG XL codestream that claims a size (ISO/IEC 18181-1, D.3) and goes on with zeros."""
    bits = [0]
    for value in (height, width):
        bits += [1, 1] + [(value - 1) >> i & 1 for i in range(30)]
        if value is height:
            bits += [0, 0, 0]
    bits += [1] + [0] * 400
    packed = bytes(sum(bit << i for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))
    return b"\xff\x0a" + packed


@pytest.fixture(scope="module")
def files(codec: Codec) -> dict[str, bytes]:
    samples = picture(200, 150, 3)
    jpeg = saved(samples, "JPEG", quality=90)
    return {
        "vardct": bytes(codec.encode(samples).image),
        "modular": bytes(codec.encode(samples, lossless=True, effort=3).image),
        "progressive": bytes(codec.encode(samples, progressive=True).image),
        "container": bytes(codec.encode(samples, container="always", exif=b"II*\0" + bytes(40)).image),
        "recompressed": bytes(codec.transcode(jpeg, to="jxl").image),
        "jpeg": jpeg,
        "png": saved(samples, "PNG"),
        "gif": animated("GIF"),
        "apng": animated("PNG"),
        "ppm": saved(samples, "PPM"),
    }


KINDS = ["vardct", "modular", "progressive", "container", "recompressed", "jpeg", "png", "gif", "apng", "ppm"]


def runs(
    *pairs: tuple[Callable[..., Any], dict[str, Any]],
) -> tuple[tuple[Callable[..., Any], dict[str, Any]], ...]:
    """Methods with options of theirs, as a type checker takes them."""
    return pairs


def check_clear(error: CallError, codes: set[str] = BAD_IMAGE) -> None:
    assert error.code in codes, f"{error.code}: {error.message}"
    assert len(error.message) > 15
    assert "/" not in error.message.split(":")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_at_every_power_of_two(codec: Codec, files: dict[str, bytes], kind: str) -> None:
    whole = files[kind]
    lengths = [0] + [1 << i for i in range(32) if 1 << i < len(whole)] + [len(whole) - 9]
    for length in lengths:
        for function, options in runs((codec.decode, {}), (codec.transcode, {"to": "png"})):
            with pytest.raises(CallError) as caught:
                function(whole[:length], **options)
            check_clear(caught.value)
    codec.decode(whole)


@named("bike", "cafe", "animation_icos4d", "progressive", "lossless_pfm")
def test_truncated_conformance_file(codec: Codec, conformance_case: Path) -> None:
    whole = (conformance_case / "input.jxl").read_bytes()
    for length in [1 << i for i in range(32) if 1 << i < len(whole)]:
        with pytest.raises(CallError) as caught:
            codec.decode(whole[:length], frames="all")
        check_clear(caught.value)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_flipped_bits(codec: Codec, files: dict[str, bytes], kind: str, data: st.DataObject) -> None:
    damaged = bytearray(files[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        bit = data.draw(st.integers(0, 8 * len(damaged) - 1))
        damaged[bit // 8] ^= 1 << bit % 8
    for function, options in (
        (codec.inspect, {}),
        (codec.decode, {"max_pixels": 1 << 20}),
        (codec.transcode, {"to": "jxl", "effort": 1}),
    ):
        try:
            function(bytes(damaged), **options)
        except CallError as error:
            check_clear(error)


MAGICS = [b"", b"\xff\x0a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"P6\n", b"P7\n", b"PF\n"]
MAGICS.append(b"\0\0\0\x0cJXL \r\n\x87\n")


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"\xff\x0a",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff",
            b"GIF89a",
            b"P6\n",
            b"P7\n",
            b"PF\n",
            b"\0\0\0\x0cJXL \r\n\x87\n",
        ]
    ),
)
def test_arbitrary_bytes(codec: Codec, data: bytes, magic: bytes) -> None:
    try:
        codec.decode(magic + data, max_pixels=1 << 20)
    except CallError as error:
        check_clear(error)


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\xff\x0a", b"RIFF\0\0\0\0WEBP", b"\0" * 1000, b"hello, world"]
)
def test_no_image_at_all(codec: Codec, data: bytes) -> None:
    with pytest.raises(CallError) as caught:
        codec.decode(data)
    assert caught.value.code in ("unknown_format", "truncated")


@pytest.mark.parametrize("side", [1 << 30, 1 << 20])
@pytest.mark.parametrize("make", [pnm, png_header, codestream_header])
def test_enormous_claims(codec: Codec, make: Callable[[int, int], bytes], side: int) -> None:
    data = make(side, side)
    assert len(data) < 300
    for function, options in runs((codec.inspect, {}), (codec.decode, {}), (codec.transcode, {"to": "jpeg"})):
        with pytest.raises(CallError) as caught:
            function(data, **options)
        check_clear(caught.value, {"too_large", "corrupt"})
        assert make is codestream_header or caught.value.code == "too_large" or side == 1 << 30


def test_damaged_png_is_noticed(codec: Codec, files: dict[str, bytes]) -> None:
    for kind in ("png", "apng"):
        whole = files[kind]
        for at in (18, whole.index(b"IDAT") + 30, whole.index(b"IEND") + 5):
            damaged = bytearray(whole)
            damaged[at] ^= 0x10
            with pytest.raises(CallError, match="checksum") as caught:
                codec.decode(bytes(damaged))
            assert caught.value.code == "corrupt"


def test_pixel_limit(codec: Codec, files: dict[str, bytes]) -> None:
    for kind in KINDS:
        pixels = 48 * 32 if kind in ("gif", "apng") else 200 * 150
        codec.decode(files[kind], max_pixels=pixels)
        with pytest.raises(CallError) as caught:
            codec.decode(files[kind], max_pixels=pixels - 1)
        assert caught.value.code == "too_large"


def test_frame_limit(codec: Codec, files: dict[str, bytes]) -> None:
    animation = codec.transcode(files["apng"], to="jxl").image
    for data in (files["gif"], files["apng"], animation):
        assert len(codec.decode(data, max_frames=3).samples) == 3
        with pytest.raises(CallError) as caught:
            codec.decode(data, max_frames=2)
        assert caught.value.code == "too_large"


@pytest.mark.parametrize("mebibytes", [3, 5, 8, 12, 16])
def test_memory_ceiling(codec: Codec, mebibytes: int) -> None:
    pixels = picture(3000, 2000, 3)
    file = codec.encode(pixels, effort=1, distance=0.5).image
    calls: tuple[tuple[str, dict[str, Any], dict[str, bytes]], ...] = (
        ("decode", {}, {"image": file}),
        ("transcode", {"to": "png"}, {"image": file}),
        ("transcode", {"to": "jxl", "distance": 1.0}, {"image": saved(pixels, "PPM")}),
    )
    for name, options, inputs in calls:
        with pytest.raises(CallError) as caught:
            codec.host.call(name, options, inputs, memory_limit=mebibytes << 20)
        assert caught.value.code == "memory_limit"
    codec.decode(file)


def test_errors_name_the_option(codec: Codec) -> None:
    file = codec.encode(picture(8, 8, 3)).image
    calls: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("decode", {"type": "u9"}, "/type"),
        ("decode", {"channels": 9}, "/channels"),
        ("decode", {"colors": 1}, "/colors"),
        ("transcode", {}, "/to"),
        ("transcode", {"to": "jxl", "distance": 30}, "/distance"),
        ("transcode", {"to": "jxl", "effort": 1.5}, "/effort"),
        ("transcode", {"to": "jxl", "distance": 1, "quality": 90}, "/quality"),
        ("transcode", {"to": "jxl", "lossless": True, "distance": 1}, "/lossless"),
        ("transcode", {"to": "jxl", "lossless": True, "mode": "vardct"}, "/mode"),
        ("decode", {"channels": 1}, "/channels"),
    )
    for name, options, pointer in calls:
        with pytest.raises(CallError) as caught:
            codec.host.call(name, options, {"image": file})
        assert (caught.value.code, caught.value.option) == ("bad_option", pointer)


def test_samples_that_do_not_fit(codec: Codec) -> None:
    options = {"width": 10, "height": 10, "channels": 3, "type": "u8"}
    with pytest.raises(CallError, match="300") as caught:
        codec.host.call("encode", options, {"samples": b"\0" * 299})
    assert caught.value.code == "bad_input"
    with pytest.raises(CallError) as caught:
        codec.host.call("encode", options | {"durations": [1]}, {"samples": [b"\0" * 300] * 2})
    assert caught.value.option == "/durations"
    with pytest.raises(CallError, match="ICC") as caught:
        codec.host.call("encode", options, {"samples": b"\0" * 300, "icc": b"nonsense"})
    assert caught.value.code == "bad_input"


def test_pillow_reads_what_was_written_after_all_that(codec: Codec) -> None:
    png = codec.transcode(codec.encode(picture(30, 20, 4), lossless=True).image, to="png").image
    assert Image.open(io.BytesIO(png)).size == (30, 20)

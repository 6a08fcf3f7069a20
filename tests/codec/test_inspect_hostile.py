"""Whatever bytes `inspect` and `measure` are given, they answer or say what is wrong, in little memory."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eitherside import CallError, Codec
from support.boxes import box, chunk, container, gain_map, part, png, split
from support.images import animated, picture, saved
from support.there import there

CODES = {"unknown_format", "truncated", "corrupt", "unsupported", "too_large", "memory_limit"}
KINDS = [
    "naked",
    "boxed",
    "parts",
    "animation",
    "progressive",
    "jpeg",
    "recompressed",
    "png",
    "apng",
    "gif",
    "ppm",
]
CEILING = 24 << 20


@pytest.fixture(scope="module")
def files(codec: Codec) -> dict[str, bytes]:
    samples = picture(80, 60, 3)
    naked = bytes(codec.encode(samples, container="never").image)
    tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    more = [
        box(b"Exif", bytes(4) + tiff),
        box(b"jumb", b"abc"),
        box(b"jhgm", gain_map(naked, b"meta", b"icc")),
    ]
    jpeg = saved(samples, "JPEG", exif=b"Exif\0\0" + tiff)
    return {
        "naked": naked,
        "boxed": container(box(b"jxll", b"\x05"), box(b"jxlc", naked), *more),
        "parts": container(*split(naked, 3, 40, 0), *more),
        "animation": bytes(codec.encode([picture(16, 16, 4)] * 3, durations=[0.1] * 3, lossless=True).image),
        "progressive": bytes(codec.encode(samples, progressive=True).image),
        "jpeg": jpeg,
        "recompressed": bytes(codec.transcode(jpeg, to="jxl").image),
        "png": saved(samples, "PNG"),
        "apng": animated("PNG"),
        "gif": animated("GIF"),
        "ppm": saved(samples, "PPM"),
    }


def look(codec: Codec, data: bytes) -> None:
    """Every way of looking at it, under a ceiling that a claimed size would break."""
    for function, options in (
        ("inspect", {}),
        ("inspect", {"prefix": True}),
        ("inspect", {"contents": True, "max_frames": 100}),
        ("measure", {}),
    ):
        try:
            codec.host.call(function, options, {"image": data}, memory_limit=CEILING)
        except CallError as error:
            assert error.code in CODES, f"{error.code}: {error.message}"
            assert len(error.message) > 15


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_flipped_bits(codec: Codec, files: dict[str, bytes], kind: str, data: st.DataObject) -> None:
    damaged = bytearray(files[kind])
    # Most of what is read stands at the beginning.
    most = data.draw(st.sampled_from([64, 400, len(damaged)]))
    for _ in range(data.draw(st.integers(1, 6))):
        bit = data.draw(st.integers(0, 8 * min(most, len(damaged)) - 1))
        damaged[bit // 8] ^= 1 << bit % 8
    look(codec, bytes(damaged))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_pieces_put_together_wrongly(
    codec: Codec, files: dict[str, bytes], kind: str, data: st.DataObject
) -> None:
    whole = files[kind]
    cut, back = (data.draw(st.integers(0, len(whole))) for _ in range(2))
    look(codec, whole[:cut] + whole[back:])


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(codestream=st.binary(max_size=200), boxed=st.booleans())
def test_codestreams_of_any_bytes(codec: Codec, codestream: bytes, boxed: bool) -> None:
    stream = b"\xff\x0a" + codestream
    look(codec, container(box(b"jxlc", stream)) if boxed else stream)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"jxlc", b"jxlp", b"Exif", b"xml ", b"brob", b"jhgm", b"jumb", b"ftyp", b"JXL ", b"jxll"]
            ),
            st.binary(max_size=40),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_boxes_of_any_bytes(codec: Codec, boxes: list[tuple[bytes, bytes, bool]]) -> None:
    look(codec, container(*[box(kind, content, wide=wide) for kind, content, wide in boxes]))


def test_compressed_to_be_large(codec: Codec, files: dict[str, bytes]) -> None:
    """A brob box of some hundred bytes with 256 MiB of zeros inside."""
    brotli = pytest.importorskip("brotli")
    compressor = brotli.Compressor(quality=5, lgwin=24)
    bomb = b"".join(compressor.process(bytes(1 << 24)) for _ in range(16)) + compressor.finish()
    assert len(bomb) < 1 << 16
    for kind in (b"Exif", b"xml ", b"jumb"):
        file = container(box(b"jxlc", files["naked"]), box(b"brob", kind + bomb))
        told = codec.host.call("inspect", {}, {"image": file}, memory_limit=CEILING)
        if kind != b"jumb":
            name = {b"Exif": "exif", b"xml ": "xmp"}[kind]
            assert told.result["metadata"][name]["bytes"] is None
        with pytest.raises(CallError) as caught:
            codec.host.call("inspect", {"contents": True}, {"image": file}, memory_limit=CEILING)
        assert caught.value.code == "memory_limit"
    codec.inspect(files["naked"])


def test_a_profile_compressed_to_be_large(codec: Codec) -> None:
    file = png(chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(1 << 27), 9)))
    told = codec.host.call("inspect", {"contents": True}, {"image": file}, memory_limit=CEILING)
    assert told.result["colour"]["icc_bytes"] is None
    assert told.outputs == []


def test_very_many_frames(codec: Codec, files: dict[str, bytes]) -> None:
    told = codec.inspect(files["animation"])
    first, last = there(told.codestream_frames)[0], there(told.codestream_frames)[-1]
    naked = files["animation"]
    one = naked[first["offset"] : first["offset"] + first["bytes"]]
    many = naked[: first["offset"]] + one * 5000 + naked[last["offset"] :]
    for limit in (100, 4096):
        with pytest.raises(CallError) as caught:
            codec.inspect(many, max_frames=limit)
        assert caught.value.code == "too_large"
    assert len(codec.inspect(many, max_frames=6000).frames) == 5001


def test_sizes_that_nothing_is_behind(codec: Codec, files: dict[str, bytes]) -> None:
    naked = files["naked"]
    for file in (
        container(struct.pack(">I4sQ", 1, b"jxlc", (1 << 64) - 1) + naked),
        container(struct.pack(">I4s", (1 << 32) - 1, b"jxlc") + naked),
        container(part(0, naked[:10]), struct.pack(">I4sQ", 1, b"Exif", 1 << 63)),
        b"\xff\xd8" + b"\xff\xe1\xff\xff" * 3,
        b"P7\nWIDTH 4294967295\nHEIGHT 4294967295\nDEPTH 4294967295\nMAXVAL 65535\nENDHDR\n",
    ):
        look(codec, file)

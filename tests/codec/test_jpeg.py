"""JPEG files are carried into JPEG XL and back bit for bit, or it is said why not."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from eitherside import Codec
from eitherside.errors import CallError
from support import peer
from support.conformance import conformance_cases
from support.images import picture, saved

EXIF = Image.Exif()
EXIF[0x010E] = "a caption"
EXIF[0x0112] = 6

VARIANTS: dict[str, dict[str, Any]] = {
    "baseline": {"quality": 90},
    "progressive": {"quality": 75, "progressive": True},
    "444": {"quality": 95, "subsampling": 0},
    "422": {"quality": 80, "subsampling": 1},
    "420": {"quality": 80, "subsampling": 2},
    "restarts": {"quality": 80, "restart_marker_rows": 1},
    "optimised": {"quality": 60, "optimize": True},
    "exif": {"quality": 85, "exif": EXIF.tobytes()},
    "icc": {"quality": 85, "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()},
    "comment": {"quality": 85, "comment": b"a comment"},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("channels", [1, 3])
def test_back_to_the_same_bytes(codec: Codec, variant: str, channels: int) -> None:
    options = dict(VARIANTS[variant])
    if channels == 1:
        options.pop("subsampling", None)
    jpeg = saved(picture(123, 77, channels), "JPEG", **options)
    there = codec.transcode(jpeg, to="jxl")
    assert there.exact_jpeg
    assert there.distance is None
    assert codec.inspect(there.image).jpeg_reconstruction
    back = codec.transcode(there.image, to="jpeg")
    assert back.exact_jpeg
    assert bytes(back.image) == jpeg


def test_trailing_data_is_kept(codec: Codec) -> None:
    jpeg = saved(picture(40, 30, 3), "JPEG") + b"trailing bytes"
    there = codec.transcode(jpeg, to="jxl")
    assert there.exact_jpeg
    assert bytes(codec.transcode(there.image, to="jpeg").image) == jpeg


def test_native_libjxl_reads_the_recompressed_file(codec: Codec) -> None:
    jpeg = saved(picture(64, 64, 3), "JPEG", quality=90)
    theirs = peer.decode(codec.transcode(jpeg, to="jxl").image).astype(int)
    assert np.abs(theirs - np.asarray(Image.open(io.BytesIO(jpeg)), dtype=int)).mean() < 1


@conformance_cases(lambda case: "reconstructed_jpeg" in (case / "test.json").read_text())
def test_conformance_reconstruction(codec: Codec, conformance_case: Path) -> None:
    expected = json.loads((conformance_case / "test.json").read_text())
    back = codec.transcode((conformance_case / "input.jxl").read_bytes(), to="jpeg", jpeg="exact")
    assert hashlib.sha256(back.image).hexdigest() == expected["sha256sums"]["reconstructed.jpg"]


def test_pixels_on_request(codec: Codec) -> None:
    jpeg = saved(picture(80, 60, 3), "JPEG", quality=90)
    for options in ({"jpeg": "pixels"}, {"distance": 2.0}, {"quality": 70.0}, {"mode": "modular"}):
        encoded = codec.transcode(jpeg, to="jxl", **options)
        assert not encoded.exact_jpeg
        assert not codec.inspect(encoded.image).jpeg_reconstruction
        assert codec.transcode(encoded.image, to="jpeg").exact_jpeg is False


def test_exact_is_refused_where_it_cannot_be(codec: Codec) -> None:
    plain = codec.encode(picture(20, 20, 3)).image
    with pytest.raises(CallError, match="no JPEG reconstruction data") as caught:
        codec.transcode(plain, to="jpeg", jpeg="exact")
    assert caught.value.code == "unsupported"
    with pytest.raises(CallError) as caught:
        codec.transcode(saved(picture(20, 20, 3), "PNG"), to="jxl", jpeg="exact")
    assert (caught.value.code, caught.value.option) == ("bad_option", "/jpeg")


def test_cmyk_says_why(codec: Codec) -> None:
    file = io.BytesIO()
    Image.fromarray(picture(32, 32, 4), "CMYK").save(file, "JPEG")
    with pytest.raises(CallError) as caught:
        codec.transcode(file.getvalue(), to="jxl", jpeg="exact")
    assert caught.value.code == "unsupported"
    assert "cannot be carried over" in str(caught.value)
    assert "four components" in str(caught.value)


def test_exif_orientation_is_applied_once(codec: Codec) -> None:
    jpeg = saved(picture(60, 40, 3), "JPEG", quality=95, exif=EXIF.tobytes())
    upright = np.asarray(Image.open(io.BytesIO(jpeg)).transpose(Image.Transpose.ROTATE_270), dtype=int)
    for recompressed in (codec.transcode(jpeg, to="jxl"), codec.transcode(jpeg, to="jxl", distance=0.2)):
        assert (recompressed.width, recompressed.height) == (40, 60)
        png = Image.open(io.BytesIO(codec.transcode(recompressed.image, to="png").image))
        assert png.size == (40, 60)
        assert png.getexif().get(0x0112, 1) == 1
        assert np.abs(np.asarray(png, dtype=int) - upright).mean() < 3
    direct = Image.open(io.BytesIO(codec.transcode(jpeg, to="png").image))
    assert direct.size == (40, 60)
    assert np.abs(np.asarray(direct, dtype=int) - upright).mean() < 1


def test_alpha_becomes_white_paper(codec: Codec) -> None:
    samples = np.zeros((16, 16, 4), np.uint8)
    jpeg = codec.transcode(codec.encode(samples, lossless=True).image, to="jpeg").image
    assert np.asarray(Image.open(io.BytesIO(jpeg))).min() >= 254


def test_quality_counts_for_jpeg_output(codec: Codec) -> None:
    png = saved(picture(100, 80, 3), "PNG")
    sizes = [len(codec.transcode(png, to="jpeg", quality=quality).image) for quality in (20.0, 60.0, 95.0)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3

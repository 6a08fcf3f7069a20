"""Thumbnails: the size asked for, made smaller in linear light, from no more of the file than it takes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from eitherside import CallError, Codec
from support.conformance import named
from support.images import animated, picture, saved
from support.transfer import from_linear, to_linear

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS,
    "triangle": Image.Resampling.BILINEAR,
    "box": Image.Resampling.BOX,
}


def thumbnail(codec: Codec, image: bytes | bytearray, **options: Any) -> Any:
    """A thumbnail. Which outputs it has depends on the options, so that types cannot tell."""
    return codec.thumbnail(image, **options)


def resized(linear: NDArray[Any], width: int, height: int, resample: Image.Resampling) -> NDArray[Any]:
    """Each channel of linear samples, made smaller by Pillow in 32-bit floats."""
    planes = [
        np.asarray(Image.fromarray(linear[..., c].astype(np.float32)).resize((width, height), resample))
        for c in range(linear.shape[2])
    ]
    return np.stack(planes, axis=-1)


def smooth(width: int, height: int) -> NDArray[Any]:
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    layers = [0.5 + 0.4 * np.sin(5 * x + c) * np.cos(4 * y - c) for c in range(3)]
    return np.round(np.stack(layers, axis=-1) * 255).astype(np.uint8)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("channels", [1, 3])
def test_pillow_agrees_in_linear_light(codec: Codec, name: str, channels: int) -> None:
    samples = picture(150, 90, channels)
    found = thumbnail(codec, saved(samples, "PNG"), width=40, height=40, to="pixels", filter=name)
    assert (found.width, found.height, found.channels) == (40, 24, channels)
    expected = from_linear(np.clip(resized(to_linear(samples / 255), 40, 24, FILTERS[name]), 0, 1)) * 255
    assert np.abs(found.samples - expected).max() < 0.6


def test_alpha_is_premultiplied_while_it_shrinks(codec: Codec) -> None:
    samples = picture(120, 80, 4)
    found = thumbnail(codec, saved(samples, "PNG"), width=30, height=30, to="pixels", filter="triangle")
    alpha = samples[..., 3:] / 255
    premultiplied = np.concatenate([to_linear(samples[..., :3] / 255) * alpha, alpha], axis=-1)
    small = resized(premultiplied, 30, 20, FILTERS["triangle"])
    shown = small[..., 3] > 0.1
    expected = from_linear(np.clip(small[..., :3] / np.maximum(small[..., 3:], 1e-6), 0, 1)) * 255
    assert np.abs(found.samples[..., 3] - small[..., 3] * 255).max() < 0.6
    assert np.abs(found.samples[..., :3] - expected)[shown].max() < 1.1
    assert found.alpha


@pytest.mark.parametrize("name", ["triangle", "box", "mitchell", "lanczos"])
def test_what_is_transparent_has_no_part(codec: Codec, name: str) -> None:
    samples = np.zeros((32, 32, 4), np.uint8)
    samples[:, :16] = (200, 100, 50, 255)
    samples[:, 16:] = (0, 255, 0, 0)
    found = thumbnail(codec, saved(samples, "PNG"), width=7, height=7, to="pixels", filter=name)
    shown = found.samples[found.samples[..., 3] > 16]
    assert np.abs(shown[:, :3].astype(int) - (200, 100, 50)).max() <= 1


@pytest.mark.parametrize("name", ["mitchell", "lanczos"])
def test_no_edge_is_brighter_than_both_sides_of_it(codec: Codec, name: str) -> None:
    samples = np.full((32, 32, 2), (200, 255), np.uint8)
    samples[:, 16:, 1] = 0
    file = saved(samples, "PNG")
    soft = thumbnail(codec, file, width=8, height=8, to="pixels", filter=name)
    on_white = thumbnail(codec, file, width=8, height=8, to="jpeg", quality=100, filter=name)
    flat = codec.decode(on_white.image).samples[0]
    assert np.abs(flat[soft.samples[..., 1] == 255].astype(int) - 200).max() <= 2


@settings(max_examples=20)
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    box=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    channels=st.integers(1, 4),
    name=st.sampled_from(["lanczos", "mitchell", "triangle", "box"]),
    upscale=st.booleans(),
    value=st.integers(0, 255),
)
def test_a_constant_stays_and_the_box_fits(
    codec: Codec,
    width: int,
    height: int,
    box: tuple[int, int],
    channels: int,
    name: str,
    upscale: bool,
    value: int,
) -> None:
    samples = np.full((height, width, channels), value, np.uint8)
    if channels % 2 == 0:
        samples[..., -1] = 255
    file = codec.encode(samples, lossless=True, effort=1).image
    found = thumbnail(codec, file, width=box[0], height=box[1], to="pixels", filter=name, upscale=upscale)
    scale = min(box[0] / width, box[1] / height)
    scale = scale if upscale else min(scale, 1)
    assert found.samples.shape == (found.height, found.width, channels)
    assert abs(found.width - max(1, width * scale)) <= 0.5
    assert abs(found.height - max(1, height * scale)) <= 0.5
    expected = np.full_like(found.samples, value)
    if channels % 2 == 0:
        expected[..., -1] = 255
    assert np.abs(found.samples.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", ["lanczos", "mitchell", "triangle", "box"])
def test_light_is_neither_won_nor_lost(codec: Codec, name: str) -> None:
    samples = picture(96, 96, 3)
    samples = (samples // 2 + 64).astype(np.uint8)
    found = thumbnail(codec, saved(samples, "PNG"), width=24, height=24, to="pixels", filter=name)
    before, after = to_linear(samples / 255).mean(), to_linear(found.samples / 255).mean()
    assert after == pytest.approx(before, rel=0.005)


def test_lines_of_black_and_white_become_the_mean_of_light(codec: Codec) -> None:
    samples = np.zeros((64, 64, 3), np.uint8)
    samples[:, ::2] = 255
    found = thumbnail(codec, saved(samples, "PNG"), width=16, height=16, to="pixels", filter="box")
    # Half the light of white is 188 in sRGB, not 128.
    assert (found.samples == 188).all()


def test_never_larger_unless_asked(codec: Codec) -> None:
    samples = picture(20, 10, 3)
    png = saved(samples, "PNG")
    assert (thumbnail(codec, png, to="pixels").samples == samples).all()
    larger = thumbnail(codec, png, width=60, height=60, to="pixels", upscale=True)
    assert larger.samples.shape == (30, 60, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(codec: Codec, orientation: int) -> None:
    samples = smooth(64, 40)
    jxl = codec.encode(samples, lossless=True, effort=1, orientation=orientation).image
    upright = codec.decode(jxl).samples[0]
    expected = thumbnail(codec, saved(upright, "PNG"), width=20, height=20, to="pixels").samples
    found = thumbnail(codec, jxl, width=20, height=20, to="pixels").samples
    assert np.abs(found.astype(int) - expected).max() <= 1
    exif = Image.Exif()
    exif[0x0112] = orientation
    jpeg = saved(samples, "JPEG", exif=exif, quality=98, subsampling=0)
    found = thumbnail(codec, jpeg, width=10, height=10, to="pixels")
    assert found.source == "scaled"
    expected = thumbnail(codec, saved(upright, "PNG"), width=10, height=10, to="pixels").samples
    assert np.abs(found.samples.astype(int) - expected).max() <= 8


@pytest.mark.parametrize(("box", "source"), [(100, "full"), (16, "dc")])
def test_dc_is_enough_for_a_small_one(codec: Codec, box: int, source: str) -> None:
    file = codec.encode(smooth(512, 384), distance=1, effort=3).image
    found = thumbnail(codec, file, width=box, height=box, to="pixels")
    assert found.source == source
    full = thumbnail(codec, file, width=box, height=box, to="pixels", source="full")
    assert full.source == "full"
    assert np.abs(found.samples.astype(int) - full.samples).max() <= 4


@pytest.mark.parametrize(("box", "source"), [(128, "full"), (64, "scaled"), (16, "scaled")])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_is_decoded_at_a_fraction(codec: Codec, box: int, source: str, progressive: bool) -> None:
    file = saved(smooth(256, 192), "JPEG", quality=95, progressive=progressive)
    found = thumbnail(codec, file, width=box, height=box, to="pixels")
    assert found.source == source
    full = thumbnail(codec, file, width=box, height=box, to="pixels", source="full")
    assert full.source == "full"
    assert found.samples.shape == full.samples.shape
    assert np.abs(found.samples.astype(int) - full.samples).max() <= 4


def test_the_profile_of_a_jpeg_counts(codec: Codec) -> None:
    wide = codec.encode(smooth(256, 192), lossless=True, effort=1, colour="display_p3").image
    icc = codec.decode(wide).icc
    file = saved(smooth(256, 192), "JPEG", quality=98, subsampling=0, icc_profile=icc)
    found = thumbnail(codec, file, width=32, height=32, to="pixels")
    expected = thumbnail(codec, wide, width=32, height=32, to="pixels", source="full")
    assert found.source == "scaled"
    assert np.abs(found.samples.astype(int) - expected.samples).max() <= 4


@pytest.mark.parametrize("to", ["jxl", "jpeg", "png"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_formats(codec: Codec, to: str, channels: int) -> None:
    file = saved(picture(90, 60, channels), "PNG")
    pixels = thumbnail(codec, file, width=30, height=30, to="pixels").samples
    found = thumbnail(codec, file, width=30, height=30, to=to, quality=98)
    facts = codec.inspect(found.image)
    assert (facts.format, facts.width, facts.height) == (to, 30, 20)
    assert found.samples is None
    decoded = codec.decode(found.image).samples[0].astype(int)
    if to == "jpeg":
        assert decoded.shape[2] == (1 if channels < 3 else 3)
        return
    assert decoded.shape == pixels.shape
    if to == "png":
        assert (decoded == pixels).all()


def test_jpeg_shows_it_on_white(codec: Codec) -> None:
    samples = np.zeros((32, 32, 4), np.uint8)
    found = thumbnail(codec, saved(samples, "PNG"), width=16, height=16, to="jpeg", quality=100)
    assert np.asarray(Image.open(io.BytesIO(found.image))).min() >= 254


def test_a_wide_gamut_is_kept_where_asked(codec: Codec) -> None:
    samples = smooth(64, 48)
    wide = codec.encode(samples, lossless=True, effort=1, colour="display_p3").image
    found = thumbnail(codec, wide, width=64, height=64, to="png", colour="display_p3")
    assert np.abs(np.asarray(Image.open(io.BytesIO(found.image))).astype(int) - samples).max() <= 1
    assert (
        codec.decode(found.image, colour="srgb").samples[0] == codec.decode(wide, colour="srgb").samples[0]
    ).all()
    clipped = thumbnail(codec, wide, width=64, height=64, to="pixels").samples
    assert np.abs(clipped.astype(int) - codec.decode(wide, colour="srgb").samples[0]).max() <= 1


def test_hdr_is_mapped_to_an_ordinary_display(codec: Codec) -> None:
    pq = codec.encode(picture(48, 48, 3, "u16"), lossless=True, effort=1, colour="rec2020_pq").image
    found = thumbnail(codec, pq, to="pixels").samples
    expected = codec.decode(pq, colour="srgb", type="u8").samples[0]
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_an_animation_shows_its_first_frame(codec: Codec) -> None:
    first = codec.decode(animated("GIF"), frames="first").samples[0]
    assert (thumbnail(codec, animated("GIF"), to="pixels").samples == first[..., : first.shape[2]]).all()


@named("cmyk_layers", "bicycles", "grayscale_5", "alpha_premultiplied")
def test_conformance_files(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    found = thumbnail(codec, data, width=64, height=64, to="pixels", source="full")
    assert max(found.width, found.height) == 64
    decoded = codec.decode(data, colour="srgb", type="f32", alpha="straight", frames="first").samples[0]
    colours = 1 if decoded.shape[2] < 3 else 3
    linear = to_linear(np.clip(decoded[..., :colours], 0, 1).astype(float))
    alpha = decoded[..., colours:] if decoded.shape[2] > colours else np.ones_like(linear[..., :1])
    small = resized(
        np.concatenate([linear * alpha, alpha], -1), found.width, found.height, FILTERS["lanczos"]
    )
    opaque = small[..., -1] > 0.5
    expected = from_linear(np.clip(small[..., :colours] / np.maximum(small[..., -1:], 1e-3), 0, 1)) * 255
    assert np.abs(found.samples[..., :colours] - expected)[opaque].mean() < 1


def test_limits(codec: Codec) -> None:
    png = saved(picture(20, 10, 3), "PNG")
    with pytest.raises(CallError) as caught:
        thumbnail(codec, png, max_pixels=199)
    assert caught.value.code == "too_large"
    jpeg = saved(picture(200, 100, 3), "JPEG")
    with pytest.raises(CallError) as caught:
        thumbnail(codec, jpeg, max_pixels=199, width=8, height=8)
    assert caught.value.code == "too_large"
    with pytest.raises(CallError) as caught:
        thumbnail(codec, png, width=0)
    assert (caught.value.code, caught.value.option) == ("bad_option", "/width")


def test_a_damaged_jpeg_is_told(codec: Codec) -> None:
    jpeg = saved(smooth(256, 192), "JPEG", quality=90)
    with pytest.raises(CallError) as caught:
        thumbnail(codec, jpeg[: len(jpeg) // 2], width=16, height=16)
    assert caught.value.code == "truncated"
    damaged = bytearray(jpeg)
    damaged[len(jpeg) // 2 : len(jpeg) // 2 + 200] = bytes([255, 0xD3] * 100)
    with pytest.raises(CallError) as caught:
        thumbnail(codec, damaged, width=16, height=16)
    assert caught.value.code in ("corrupt", "truncated")

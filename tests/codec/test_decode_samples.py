"""Samples as asked for: type, range, alpha, extra channels, regions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from eitherside import CallError, Codec
from support.conformance import conformance_cases, named
from support.images import picture

WIDTH, HEIGHT = 90, 70


@pytest.fixture(scope="module")
def lossless(codec: Codec) -> bytes:
    """RGBA, every sample kept."""
    return bytes(codec.encode(picture(WIDTH, HEIGHT, 4), lossless=True, effort=1).image)


@pytest.fixture(scope="module")
def lossy(codec: Codec) -> bytes:
    """RGB of several groups, lossy."""
    return bytes(codec.encode(picture(600, 520, 3), distance=1, effort=3).image)


@pytest.mark.parametrize("bits", range(1, 17))
def test_range_file_keeps_the_files_own_integers(codec: Codec, bits: int) -> None:
    sample_type: Any = "u8" if bits <= 8 else "u16"
    shift = (8 if bits <= 8 else 16) - bits
    samples = picture(24, 16, 3, sample_type) >> shift
    file = codec.encode(samples, type=sample_type, bits_per_sample=bits, lossless=True, effort=1).image
    kept = codec.decode(file, range="file")
    assert kept.type == sample_type
    assert (kept.samples[0] == samples).all()
    full = codec.decode(file).samples[0]
    most = {"u8": 255, "u16": 65535}[sample_type]
    # libjxl dithers what it gives as 8 bits.
    error = np.abs(full - samples * (most / ((1 << bits) - 1))).max()
    assert error < (1 if sample_type == "u8" else 0.51)


def test_range_file_must_fit_the_type(codec: Codec) -> None:
    file = codec.encode(picture(8, 8, 3, "u16"), lossless=True).image
    with pytest.raises(CallError, match="16 bits do not fit") as error:
        codec.decode(file, type="u8", range="file")
    assert error.value.option == "/range"


@pytest.mark.parametrize("colour", ["original", "display_p3"])
def test_half_floats_are_floats_rounded(codec: Codec, lossy: bytes, colour: Any) -> None:
    halves = codec.decode(lossy, type="f16", colour=colour)
    floats = codec.decode(lossy, type="f32", colour=colour).samples[0]
    assert halves.type == "f16"
    assert halves.samples[0].dtype == np.float16
    assert (halves.samples[0] == floats.astype(np.float16)).all()


def test_alpha_as_asked(codec: Codec, lossless: bytes) -> None:
    samples = picture(WIDTH, HEIGHT, 4)
    alpha = samples[..., 3:] / 255
    made = codec.decode(lossless, alpha="premultiplied")
    assert made.premultiplied is True
    assert np.abs(made.samples[0][..., :3] - samples[..., :3] * alpha).max() <= 0.51
    assert (made.samples[0][..., 3] == samples[..., 3]).all()
    file = codec.encode(made.samples[0], lossless=True, premultiplied=True).image
    wishes: list[tuple[Any, bool]] = [("keep", True), ("premultiplied", True), ("straight", False)]
    for wanted, premultiplied in wishes:
        given_back = codec.decode(file, alpha=wanted)
        assert given_back.premultiplied is premultiplied
        if premultiplied:
            assert (given_back.samples[0] == made.samples[0]).all()
        else:
            error = np.abs(given_back.samples[0][..., :3].astype(float) - samples[..., :3])
            assert (error * alpha).max() <= 1.01


def test_colours_are_converted_without_their_alpha(codec: Codec) -> None:
    samples = picture(40, 30, 4)
    straight = codec.encode(samples, lossless=True, colour="display_p3").image
    wide = codec.decode(straight, type="f32", alpha="premultiplied").samples[0]
    premultiplied = codec.encode(
        wide, type="f32", lossless=True, premultiplied=True, colour="display_p3"
    ).image
    expected = codec.decode(straight, type="f32", colour="srgb", alpha="premultiplied").samples[0]
    alphas: list[Any] = ["keep", "premultiplied"]
    for alpha in alphas:
        found = codec.decode(premultiplied, type="f32", colour="srgb", alpha=alpha).samples[0]
        assert np.abs(found - expected).max() < 1e-3


def _extra_file(codec: Codec, **options: Any) -> tuple[bytes, NDArray[Any], list[NDArray[Any]]]:
    samples = picture(40, 30, 3)
    extra = [picture(40, 30, 1, seed=seed)[..., 0] for seed in (5, 6, 7)]
    channels: list[dict[str, Any]] = [
        {"type": "depth", "name": "how far"},
        {"type": "spot", "name": "gold", "spot": [1, 0.8, 0.1, 0.5]},
        {"type": "thermal", "name": ""},
    ]
    file = codec.encode(samples, extra=extra, extra_channels=channels, lossless=True, effort=1, **options)
    return bytes(file.image), samples, extra


def test_extra_channels_by_name_and_type(codec: Codec) -> None:
    file, samples, extra = _extra_file(codec)
    everything = codec.decode(file, spot="keep", extra=["*"])
    assert (everything.samples[0] == samples).all()
    assert [channel["type"] for channel in everything.extra_channels] == ["depth", "spot", "thermal"]
    assert [channel["name"] for channel in everything.extra_channels] == ["how far", "gold", ""]
    assert everything.extra_channels[1]["spot"] == pytest.approx([1, 0.8, 0.1, 0.5], abs=1e-3)
    for found, put_in in zip(everything.extra, extra, strict=True):
        assert (found == put_in).all()
    by_name = codec.decode(file, extra=["gold", "thermal"])
    assert [channel["channel"] for channel in by_name.extra_channels] == [1, 2]
    assert (by_name.extra[0] == extra[1]).all()
    assert (by_name.samples[0] != samples).any(), "the spot colour was not painted"
    with pytest.raises(CallError, match="no extra channel of the name or type 'black'") as error:
        codec.decode(file, extra=["black"])
    assert error.value.option == "/extra"


def test_alpha_as_an_extra_channel(codec: Codec, lossless: bytes) -> None:
    samples = picture(WIDTH, HEIGHT, 4)
    assert codec.decode(lossless, extra=["*"]).extra == []
    apart = codec.decode(lossless, channels=3, extra=["*"])
    assert (apart.samples[0] == samples[..., :3]).all()
    assert (apart.extra[0] == samples[..., 3]).all()


@given(st.data())
@settings(max_examples=25)
def test_a_region_is_what_cropping_gives(codec: Codec, lossless: bytes, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, WIDTH - 1))
    y = data.draw(st.integers(0, HEIGHT - 1))
    width = data.draw(st.integers(1, WIDTH - x))
    height = data.draw(st.integers(1, HEIGHT - y))
    options: dict[str, Any] = data.draw(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["u8", "u16", "f16", "f32"]),
                "colour": st.sampled_from(["original", "linear_srgb", "rec2020"]),
                "alpha": st.sampled_from(["keep", "premultiplied"]),
                "channels": st.sampled_from([3, 4]),
            },
        )
    )
    part = codec.decode(lossless, region=[x, y, width, height], **options)
    whole = codec.decode(lossless, **options).samples[0]
    assert (part.width, part.height) == (width, height)
    assert (part.samples[0] == whole[y : y + height, x : x + width]).all()


@conformance_cases(
    lambda case: case.name in ("bench_oriented_brg", "sunset_logo", "cmyk_layers", "spot", "blendmodes")
)
def test_a_region_of_what_is_turned_blended_or_converted(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    settings_: list[dict[str, Any]] = [
        {},
        {"colour": "srgb", "type": "f32"},
        {"orientation": "keep", "colour": "display_p3"},
    ]
    for options in settings_:
        whole = codec.decode(data, extra=["*"], **options)
        part = codec.decode(data, extra=["*"], region=[60, 40, 33, 55], **options)
        assert (part.samples[0] == whole.samples[0][40:95, 60:93]).all()
        for found, full in zip(part.extra, whole.extra, strict=True):
            assert (found == full[40:95, 60:93]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"region": [80, 0, 11, 5]}, "outside of the image of 90 x 70"),
        ({"region": [0, 0, 1073741823, 1]}, "outside of the image"),
        ({"region": [1, 2, 3]}, "not 3 numbers"),
        ({"region": [1, 2, 0, 4]}, "no pixels"),
        ({"region": [0, 0, 4, 4], "coalesce": False}, "layers"),
    ],
)
def test_regions_that_are_none(codec: Codec, lossless: bytes, options: dict[str, Any], message: str) -> None:
    with pytest.raises(CallError, match=message) as error:
        codec.decode(lossless, **options)
    assert error.value.option == "/region"


@named("cmyk_layers")
def test_cmyk_is_converted_with_its_black(codec: Codec, conformance_case: Path) -> None:
    """libjxl would take the profile for sRGB; the reference picture was converted by another program."""
    data = (conformance_case / "input.jxl").read_bytes()
    raw = codec.decode(data, extra=["black"], type="u8")
    assert [channel["type"] for channel in raw.extra_channels] == ["black"]
    converted = codec.decode(data, colour="srgb", type="u8", channels=4).samples[0]
    reference = np.asarray(Image.open(conformance_case / "ref.png").convert("RGBA"))
    black, white = raw.extra[0] == 0, (raw.extra[0] == 255) & (raw.samples[0][..., :3] == 255).all(axis=-1)
    assert converted[black][:, :3].max() < 80
    assert converted[white][:, :3].min() > 250
    assert np.abs(converted[..., :3].astype(int) - reference[..., :3]).mean() < 3


@named("spot")
def test_spot_colours_are_painted_or_kept(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    painted = codec.decode(data)
    kept = codec.decode(data, spot="keep", extra=["spot"])
    assert (painted.samples[0] != kept.samples[0]).any()
    assert len(kept.extra) == 2
    assert all(buffer.shape == (400, 600) for buffer in kept.extra)

"""Colours: wide gamut and CMYK become sRGB on request, by the definitions of the spaces."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eitherside import Codec
from support.conformance import named
from support.images import picture
from support.transfer import from_linear, to_linear

# Linear Display P3 to linear sRGB, both with D65 (SMPTE EG 432-1, IEC 61966-2-1).
P3_TO_SRGB = np.array(
    [
        [1.2249401762805598, -0.22494017628055996, 0.0],
        [-0.042056954709688163, 1.0420569547096881, 0.0],
        [-0.019637554590334432, -0.078636045550631889, 1.0982736001409663],
    ]
)


@pytest.mark.parametrize("sample_type", ["u8", "u16", "f32"])
@pytest.mark.parametrize("channels", [3, 4])
def test_wide_gamut_becomes_srgb_on_request(codec: Codec, sample_type: str, channels: int) -> None:
    samples = picture(32, 24, channels, sample_type)
    maximum = {"u8": 255, "u16": 65535, "f32": 1}[sample_type]
    file = codec.encode(samples, lossless=True, colour="display_p3").image
    assert codec.inspect(file).colour["primaries"] == "p3"
    assert (codec.decode(file).samples[0] == samples).all()
    converted = codec.decode(file, colour="srgb").samples[0] / maximum
    linear = to_linear(samples[..., :3] / maximum) @ P3_TO_SRGB.T
    expected = from_linear(np.clip(linear, 0, 1))
    assert np.abs(np.clip(converted[..., :3], 0, 1) - expected).max() < 0.02
    assert np.abs(np.clip(converted[..., :3], 0, 1) - expected).mean() < 0.003
    if channels == 4:
        assert np.abs(converted[..., 3] - samples[..., 3] / maximum).max() < 1e-6


def test_lossy_wide_gamut_is_converted_too(codec: Codec) -> None:
    samples = picture(64, 48, 3)
    file = codec.encode(samples, distance=0.3, colour="display_p3").image
    converted = codec.decode(file, colour="srgb", type="f32").samples[0]
    expected = from_linear(np.clip(to_linear(samples / 255) @ P3_TO_SRGB.T, 0, 1))
    assert np.abs(np.clip(converted, 0, 1) - expected).mean() < 0.018


def test_srgb_is_left_alone(codec: Codec) -> None:
    for channels in (1, 2, 3, 4):
        samples = picture(20, 20, channels)
        file = codec.encode(samples, lossless=True).image
        assert (codec.decode(file, colour="srgb").samples[0] == samples).all()


def test_grey_keeps_its_channels(codec: Codec) -> None:
    samples = picture(20, 20, 1)
    file = codec.encode(samples, lossless=True, colour="linear_srgb").image
    grey = codec.decode(file, colour="srgb").samples[0]
    spread = codec.decode(file, colour="srgb", channels=4).samples[0]
    expected = from_linear(samples / 255) * 255
    assert np.abs(grey - expected).max() <= 1.5
    assert (spread[..., :3] == grey).all()
    assert (spread[..., 3] == 255).all()


@named("cmyk_layers")
def test_cmyk_leaves_as_srgb(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    png = Image.open(io.BytesIO(codec.transcode(data, to="png").image))
    reference = Image.open(conformance_case / "ref.png")
    ours = np.asarray(png.convert("RGBA"), dtype=int)
    assert ours.shape == np.asarray(reference).shape
    # Black text is black only where the black channel took part.
    assert ours[..., :3].min() < 40
    assert (codec.decode(data, colour="srgb", type="u8", channels=4).samples[0] == ours).all()

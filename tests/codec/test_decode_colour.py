"""Colour spaces and luminances: profiles, wide gamut, HDR to ordinary displays and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eitherside import CallError, Codec
from support.images import picture
from support.transfer import to_linear

M1, M2 = 2610 / 16384, 2523 / 4096 * 128
C1, C2, C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
# Linear sRGB to linear Rec. 2020, both with D65 (Rec. ITU-R BT.2087).
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def pq(luminance: NDArray[np.float64]) -> NDArray[np.float64]:
    """PQ of luminances in cd/m² (SMPTE ST 2084)."""
    power: NDArray[np.float64] = (luminance / 10000) ** M1
    return ((C1 + C2 * power) / (1 + C3 * power)) ** M2


def from_pq(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luminances in cd/m² of PQ."""
    power = values ** (1 / M2)
    return 10000 * (np.maximum(power - C1, 0) / (C2 - C3 * power)) ** (1 / M1)


def tone_mapped(luminance: NDArray[np.float64], source: float, target: float) -> NDArray[np.float64]:
    """Report ITU-R BT.2408, annex 5, for black at 0."""
    most = pq(np.array(target)) / pq(np.array(source))
    knee = 1.5 * most - 0.5
    e1 = pq(luminance) / pq(np.array(source))
    t = (e1 - knee) / (1 - knee)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee)
    curve = curve + (3 * t**2 - 2 * t**3) * most
    mapped: NDArray[np.float64] = from_pq(np.where(e1 < knee, e1, curve) * pq(np.array(source)))
    return np.minimum(mapped, target)


def ramp(encoded: NDArray[np.float64]) -> NDArray[np.float32]:
    """A grey ramp as RGB floats."""
    row = np.repeat(encoded[None, :, None], 3, axis=2)
    return np.repeat(row, 16, axis=0).astype(np.float32)


CODINGS: list[dict[str, Any]] = [{"lossless": True}, {"distance": 0.05, "effort": 5}]


@pytest.mark.parametrize("coding", CODINGS, ids=["original", "xyb"])
@pytest.mark.parametrize("target", [255, 100, 1000])
def test_pq_is_tone_mapped(codec: Codec, coding: dict[str, Any], target: int) -> None:
    luminance = np.geomspace(0.5, 4000, 64)
    file = codec.encode(ramp(pq(luminance)), colour="rec2020_pq", intensity_target=4000, **coding).image
    options: dict[str, Any] = {} if target == 255 else {"intensity_target": target}
    found = codec.decode(file, colour="linear_rec2020", type="f32", **options)
    assert found.intensity_target == target
    expected = tone_mapped(luminance, 4000, target)
    seen = found.samples[0][8].mean(axis=1) * target
    # The lossy ramp has errors of its own.
    assert np.abs(pq(np.maximum(seen, 0)) - pq(expected)).max() < (0.002 if "lossless" in coding else 0.02)


@pytest.mark.parametrize("coding", CODINGS, ids=["original", "xyb"])
def test_pq_stays_absolute_where_it_stays_pq(codec: Codec, coding: dict[str, Any]) -> None:
    luminance = np.geomspace(0.5, 4000, 64)
    encoded = ramp(pq(luminance))
    file = codec.encode(encoded, colour="rec2020_pq", intensity_target=4000, **coding).image
    untouched = codec.decode(file, type="f32", colour="rec2020_pq")
    assert untouched.intensity_target == 4000
    assert np.abs(untouched.samples[0] - encoded).max() < (1e-4 if "lossless" in coding else 0.02)
    mapped = codec.decode(file, type="f32", intensity_target=600)
    assert mapped.colour["transfer_function"] == "pq"
    expected = pq(tone_mapped(luminance, 4000, 600))
    assert np.abs(mapped.samples[0][8].mean(axis=1) - expected).max() < (
        0.002 if "lossless" in coding else 0.02
    )


@pytest.mark.parametrize("coding", CODINGS, ids=["original", "xyb"])
def test_hlg_follows_the_display(codec: Codec, coding: dict[str, Any]) -> None:
    encoded = np.linspace(0.1, 1, 64)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(encoded <= 0.5, encoded**2 / 3, (np.exp((encoded - c) / a) + b) / 12)
    file = codec.encode(ramp(encoded), colour="rec2020_hlg", intensity_target=1000, **coding).image
    for target in (1000, 300, 255):
        options: dict[str, Any] = {} if target == 255 else {"intensity_target": target}
        found = codec.decode(file, colour="linear_rec2020", type="f32", **options)
        assert found.intensity_target == target
        gamma = 1.2 * 1.111 ** np.log2(target / 1000)
        seen = np.maximum(found.samples[0][8].mean(axis=1), 0)
        # As seen: on the scale of a display's gamma.
        assert np.abs(seen ** (1 / 2.4) - (scene**gamma) ** (1 / 2.4)).max() < 0.02


def test_an_ordinary_picture_becomes_hdr_and_comes_back(codec: Codec) -> None:
    samples = picture(40, 30, 3)
    file = codec.encode(samples, lossless=True).image
    for white in (0, 203):
        made = codec.decode(file, colour="rec2020_pq", type="f32", intensity_target=white)
        assert made.intensity_target == (white or 255)
        linear = to_linear(samples / 255) @ TO_2020.T
        expected = pq(np.maximum(linear, 0) * (white or 255))
        assert np.abs(made.samples[0] - expected).max() < 2e-3
        again = codec.encode(
            made.samples[0], colour="rec2020_pq", intensity_target=white or 255, lossless=True
        ).image
        back = codec.decode(again, colour="srgb", type="u8").samples[0]
        assert np.abs(back.astype(int) - samples).max() <= 1


@pytest.mark.parametrize("coding", [{"lossless": True}, {"distance": 0.3}], ids=["original", "xyb"])
@pytest.mark.parametrize("space", ["display_p3", "linear_srgb", "rec2020", "linear_rec2020", "linear"])
def test_a_profile_given_is_as_good_as_a_name(codec: Codec, coding: dict[str, Any], space: Any) -> None:
    file = codec.encode(picture(40, 30, 3), **coding).image
    named = codec.decode(file, colour=space, type="f32")
    by_profile = codec.decode(file, colour="profile", profile=named.icc, type="f32")
    assert by_profile.icc == named.icc
    inside = np.clip(named.samples[0], 0, 1), np.clip(by_profile.samples[0], 0, 1)
    assert np.abs(inside[0] - inside[1]).max() < 5e-3


def test_grey_stays_grey(codec: Codec) -> None:
    file = codec.encode(picture(40, 30, 1), lossless=True).image
    spaces: list[Any] = ["display_p3", "linear", "rec2020_pq"]
    for space in spaces:
        found = codec.decode(file, colour=space)
        assert found.channels == 1
        assert found.colour["space"] == "grey"
        again = codec.decode(file, colour="profile", profile=found.icc)
        assert np.abs(again.samples[0].astype(int) - found.samples[0]).max() <= 1


def test_profiles_that_do_not_fit(codec: Codec) -> None:
    grey = codec.encode(picture(8, 8, 1), lossless=True).image
    colour = codec.encode(picture(8, 8, 3), lossless=True).image
    profile = codec.decode(colour).icc
    cases: list[tuple[Any, Any, dict[str, Any], str, str]] = [
        (grey, profile, {"colour": "profile"}, "bad_input", "is for RGB; the image is grey"),
        (colour, b"nonsense", {"colour": "profile"}, "bad_input", "cannot be used"),
        (colour, profile, {}, "bad_input", "'colour' is not 'profile'"),
        (colour, None, {"colour": "profile"}, "bad_option", "needs the input 'profile'"),
    ]
    for file, given_profile, options, code, message in cases:
        with pytest.raises(CallError, match=message) as error:
            codec.decode(file, profile=given_profile, **options)
        assert error.value.code == code

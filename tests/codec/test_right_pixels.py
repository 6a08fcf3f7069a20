"""The samples are the right ones: against native libjxl of the same version, and against Pillow.

The bitstreams of the conformance suite are held against it in tests/conformance.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from eitherside import Codec
from support import peer
from support.effort import examples
from support.images import MAXIMUM, animated, picture, saved

# The tightest limits of the conformance suite's lossy files, and its usual peak.
RMS = 1e-4
PEAK = 0.007


def test_the_peer_is_the_same_libjxl() -> None:
    provenance = json.loads((Path(__file__).parents[2] / "build" / "codec.json").read_text())
    ours = next(source for source in provenance["sources"] if source["name"] == "libjxl")
    assert ours["debian_version"].startswith(peer.version())


@pytest.mark.parametrize("sample_type", ["u8", "u16", "f32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_lossless_is_exact_both_ways(codec: Codec, sample_type: str, channels: int) -> None:
    samples = picture(97, 61, channels, sample_type)
    ours = codec.encode(samples, lossless=True, effort=3).image
    assert np.array_equal(peer.decode(ours).reshape(samples.shape), samples)
    theirs = peer.encode(samples[..., 0] if channels == 1 else samples, lossless=True, effort=3)
    decoded = codec.decode(theirs)
    assert decoded.type == sample_type
    assert np.array_equal(decoded.samples[0], samples)


@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    channels=st.integers(1, 4),
    sample_type=st.sampled_from(["u8", "u16", "f32"]),
    effort=st.integers(1, 5),
    seed=st.integers(0, 1000),
)
def test_lossless_round_trip(
    codec: Codec, width: int, height: int, channels: int, sample_type: str, effort: int, seed: int
) -> None:
    samples = picture(width, height, channels, sample_type, seed)
    decoded = codec.decode(codec.encode(samples, lossless=True, effort=effort).image)
    assert np.array_equal(decoded.samples[0], samples)


@pytest.mark.parametrize(("distance", "effort"), [(0.3, 3), (1.0, 7), (2.0, 5), (6.0, 3)])
def test_lossy_decode_agrees_with_native(codec: Codec, distance: float, effort: int) -> None:
    file = peer.encode(picture(300, 200, 3, "f32"), distance=distance, effort=effort, lossless=False)
    ours = codec.decode(file, type="f32").samples[0]
    theirs = peer.decode(file)
    assert theirs.dtype == np.float32
    difference = np.abs(ours.astype(np.float64) - theirs)
    assert np.sqrt(np.mean(np.square(difference), axis=(0, 1))).max() <= RMS
    assert difference.max() <= PEAK


@pytest.mark.parametrize("distance", [0.5, 1.0, 3.0])
def test_native_decodes_our_lossy_files(codec: Codec, distance: float) -> None:
    samples = picture(300, 200, 3)
    file = codec.encode(samples, distance=distance).image
    theirs = peer.decode(file).astype(np.float64)
    ours = codec.decode(file, type="u8").samples[0]
    assert np.abs(ours - theirs).max() <= 1
    mean_error = np.abs(theirs - samples).mean() / 255
    assert 0 < mean_error < 0.03 * max(distance, 1)


@pytest.mark.parametrize("sample_type", ["u8", "u16"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sample_types_agree_with_each_other(codec: Codec, sample_type: str, channels: int) -> None:
    file = codec.encode(picture(64, 48, channels, sample_type), lossless=True, effort=1).image
    as_float = codec.decode(file, type="f32").samples[0]
    for other in ("u8", "u16"):
        samples = codec.decode(file, type=other).samples[0] / MAXIMUM[other]
        # libjxl dithers where 8 bits cannot hold what the file has.
        step = 1.0 if (sample_type, other) == ("u16", "u8") else 0.5
        assert np.abs(samples - as_float).max() <= step / MAXIMUM[other] + 1e-6


def test_grey_is_spread_and_missing_alpha_is_opaque(codec: Codec) -> None:
    samples = picture(20, 10, 1)
    file = codec.encode(samples, lossless=True).image
    decoded = codec.decode(file, channels=4).samples[0]
    assert np.array_equal(decoded, np.concatenate([samples] * 3 + [np.full_like(samples, 255)], axis=-1))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_applied_or_kept(codec: Codec, orientation: int) -> None:
    samples = picture(40, 24, 3)
    file = codec.encode(samples, lossless=True, orientation=orientation).image
    kept = codec.decode(file, orientation="keep")
    assert (kept.orientation, kept.width, kept.height) == (orientation, 40, 24)
    assert np.array_equal(kept.samples[0], samples)
    applied = codec.decode(file)
    upright = Image.fromarray(samples)
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    upright = upright.transpose(turn) if turn is not None else upright
    assert applied.orientation == 1
    assert np.array_equal(applied.samples[0], np.asarray(upright))


@pytest.mark.parametrize("image_format", ["PNG", "GIF", "PPM", "JPEG"])
@pytest.mark.parametrize("channels", [1, 3])
def test_other_formats_decode_as_pillow_does(codec: Codec, image_format: str, channels: int) -> None:
    file = saved(picture(50, 40, channels), image_format)
    expected = Image.open(io.BytesIO(file)).convert("RGB" if image_format == "GIF" or channels == 3 else "L")
    decoded = codec.decode(file, type="u8", channels=expected.mode.count("RGB") * 2 + 1)
    ours = decoded.samples[0].astype(int)
    # Two libjpegs may round differently by a step.
    allowed = 2 if image_format == "JPEG" else 0
    assert np.abs(ours.squeeze() - np.asarray(expected, dtype=int)).max() <= allowed


@pytest.mark.parametrize("image_format", ["PNG", "GIF"])
def test_animations_give_every_frame(codec: Codec, image_format: str) -> None:
    file = animated(image_format)
    decoded = codec.decode(file, channels=3, type="u8")
    assert decoded.animation == {"loops": 0}
    assert [frame["duration"] for frame in decoded.frames] == [0.1, 0.1, 0.1]
    source = Image.open(io.BytesIO(file))
    for index, samples in enumerate(decoded.samples):
        source.seek(index)
        assert np.array_equal(samples, np.asarray(source.convert("RGB")))
    assert len(codec.decode(file, frames="first").samples) == 1


def test_encode_animation_round_trip(codec: Codec) -> None:
    frames = [picture(32, 24, 4, seed=seed) for seed in range(4)]
    file = codec.encode(frames, lossless=True, effort=2, durations=[0.04, 0.5, 1, 0.25], loops=3).image
    decoded = codec.decode(file)
    assert decoded.animation == {"loops": 3}
    assert [frame["duration"] for frame in decoded.frames] == [0.04, 0.5, 1, 0.25]
    assert all(np.array_equal(a, b) for a, b in zip(decoded.samples, frames, strict=True))
    assert codec.inspect(file).animation == {"ticks_per_second": 1000.0, "loops": 3}

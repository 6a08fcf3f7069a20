"""What goes in losslessly comes out the same, over depth, channels, alpha, profile, layers and animation."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import ImageCms

from eitherside import Codec

BITS = {"u8": range(1, 9), "u16": range(1, 17)}
DTYPES = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}
COLOURS = ("srgb", "linear_srgb", "display_p3", "rec2020_pq", "rec2020_hlg")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
EXTRA = ("depth", "selection_mask", "thermal", "optional", "cfa", "alpha")


def noise(rng: np.random.Generator, shape: tuple[int, ...], kind: str, bits: int) -> NDArray[Any]:
    """Samples over the whole range of their depth; floats beyond 0 and 1, too."""
    if kind in BITS:
        return rng.integers(0, 1 << bits, shape).astype(DTYPES[kind])
    floats = rng.normal(0.5, 1, shape).astype(DTYPES[kind])
    # libjxl changes half floats that are subnormal.
    floats[np.abs(floats) < 2.0**-14] = 0
    return floats


@st.composite
def images(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of encode, with `samples` and perhaps `extra` as lists of arrays."""
    kind = draw(st.sampled_from(sorted(DTYPES)))
    bits = draw(st.sampled_from(BITS[kind])) if kind in BITS else 0
    channels = draw(st.integers(1, 4))
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    frames = draw(st.integers(1, 3))
    extra = draw(st.lists(st.sampled_from(EXTRA), max_size=2))
    made: dict[str, Any] = {
        "samples": [noise(rng, (height, width, channels), kind, bits) for _ in range(frames)],
        "bits_per_sample": bits,
        "premultiplied": channels % 2 == 0 and draw(st.booleans()),
        "effort": draw(st.sampled_from([1, 2, 3])),
        "colour": draw(st.sampled_from(COLOURS)),
    }
    if frames > 1 or draw(st.booleans()):
        made["durations"] = [draw(st.integers(0 if i else 1, 5000)) / 1000 for i in range(frames)]
        # Frames of no duration would be laid on each other.
        made["durations"] = [max(d, 0.001) for d in made["durations"]]
        made["loops"] = draw(st.integers(0, 9))
    if extra:
        made["extra_channels"] = [{"type": t, "name": f"{t} {i} é"} for i, t in enumerate(extra)]
        made["extra"] = [noise(rng, (height, width), kind, bits) for _ in range(frames * len(extra))]
    if channels >= 3 and draw(st.booleans()):
        made["icc"] = SRGB
    return made


@settings(max_examples=60)
@given(images())
def test_lossless(codec: Codec, made: dict[str, Any]) -> None:
    file = codec.encode(lossless=True, **made).image
    # Told, as alpha among the extra channels would become the last one.
    channels = made["samples"][0].shape[2]
    back = codec.decode(file, type="auto", range="file", extra=["*"], channels=channels)
    assert len(back.samples) == len(made["samples"])
    kind = made["samples"][0].dtype
    for given_samples, got in zip(made["samples"], back.samples, strict=True):
        exact = got.astype(kind) if kind.kind == "u" else got
        assert np.array_equal(exact, given_samples)
    for given_plane, got in zip(made.get("extra", []), back.extra or [], strict=True):
        exact = got.astype(kind) if kind.kind == "u" else got
        assert np.array_equal(exact, given_plane)
    assert back.premultiplied == made["premultiplied"]
    if "durations" in made:
        assert [frame["duration"] for frame in back.frames] == made["durations"]
        assert back.animation is not None
        assert back.animation["loops"] == made["loops"]
    else:
        assert back.animation is None
    told = [(channel["type"], channel["name"]) for channel in back.extra_channels or []]
    assert told[: len(made.get("extra_channels", []))] == [
        (channel["type"], channel["name"]) for channel in made.get("extra_channels", [])
    ]


@settings(max_examples=15)
@given(images())
def test_encoded_anew_without_loss(codec: Codec, made: dict[str, Any]) -> None:
    """jxl to jxl keeps every sample, name and duration."""
    file = codec.encode(lossless=True, **made).image
    again = codec.transcode(file, to="jxl", lossless=True, effort=2).image
    first, second = (codec.decode(each, range="file", extra=["*"]) for each in (file, again))
    for one, other in zip(first.samples, second.samples, strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(first.extra or [], second.extra or [], strict=True):
        assert np.array_equal(one, other)
    assert first.frames == second.frames
    assert first.animation == second.animation
    assert first.extra_channels == second.extra_channels
    assert first.icc == second.icc

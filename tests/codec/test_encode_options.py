"""Each option of the encoder is recorded in the codestream or changes it as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eitherside import Codec
from eitherside.errors import CallError
from support.images import picture

PICTURE = picture(300, 270, 3)
SCREEN = (
    np.repeat(np.repeat(np.random.default_rng(1).integers(0, 3, (30, 30, 3)), 9, 0), 9, 1).astype(np.uint8)
    * 90
)
WITH_ALPHA = picture(64, 64, 4)

# Options that change the file, with what they are compared to.
EFFECTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"progressive": True}, {}),
    ({"progressive_dc": 1}, {}),
    ({"progressive_ac": "on"}, {}),
    ({"progressive_ac": "quantised"}, {"progressive_ac": "on"}),
    ({"responsive": "on"}, {"lossless": True}),
    ({"faster_decoding": 4}, {}),
    ({"photon_noise": 800.0}, {}),
    ({"resampling": 2}, {"resampling": 1}),
    ({"resampling": 8}, {"resampling": 4}),
    ({"epf": 3}, {"epf": 0}),
    ({"gaborish": "off"}, {"gaborish": "on"}),
    ({"colour_transform": "none", "mode": "modular"}, {"mode": "modular"}),
    ({"group_order": "centre"}, {}),
    ({"group_order": "centre", "group_order_centre": [0, 260]}, {"group_order": "centre"}),
    ({"mode": "modular"}, {"mode": "vardct"}),
    ({"modular_predictor": "zero"}, {"lossless": True, "effort": 4}),
    ({"modular_predictor": "top_left"}, {"lossless": True, "effort": 4}),
    ({"modular_group_size": 128}, {"lossless": True, "effort": 4}),
    ({"modular_colour_space": 13}, {"lossless": True, "effort": 4}),
    ({"modular_tree_percent": 0.0}, {"lossless": True, "effort": 4}),
    ({"modular_previous_channels": 2}, {"lossless": True, "effort": 5}),
    ({"dots": "on"}, {"dots": "off"}),
]


@pytest.mark.parametrize(("option", "base"), EFFECTS, ids=lambda each: str(each))
def test_changes_the_file(codec: Codec, option: dict[str, Any], base: dict[str, Any]) -> None:
    shared: dict[str, Any] = {"effort": 7 if "dots" in option else 3} | base
    plain = codec.encode(PICTURE, **shared).image
    changed = codec.encode(PICTURE, **shared | option).image
    if "dots" not in option:
        assert bytes(plain) != bytes(changed)
    back = codec.decode(changed).samples[0]
    if "lossless" in shared:
        assert np.array_equal(back, PICTURE)
    else:
        # Noise, and what resampling takes away, is far; but the picture is the same.
        assert np.abs(back.astype(int) - PICTURE).mean() < 14


def test_palettes(codec: Codec) -> None:
    def size(**options: Any) -> int:
        made = codec.encode(SCREEN, lossless=True, effort=3, **options).image
        assert np.array_equal(codec.decode(made).samples[0], SCREEN)
        return len(made)

    none = {
        "modular_palette_colours": 0,
        "modular_global_palette_percent": 0.0,
        "modular_group_palette_percent": 0.0,
    }
    assert size(**none) != size()
    assert size(modular_palette_colours=0, modular_group_palette_percent=80.0) != size(**none)


def test_patches(codec: Codec) -> None:
    letters = np.full((256, 256, 3), 255, np.uint8)
    glyph = (np.random.default_rng(3).random((9, 7, 1)) < 0.5) * np.uint8(255)
    for y in range(8, 240, 16):
        for x in range(8, 240, 16):
            letters[y : y + 9, x : x + 7] = 255 - glyph
    sizes = [len(codec.encode(letters, patches=each).image) for each in ("off", "on")]
    assert sizes[0] != sizes[1]


def test_distance_of_alpha(codec: Codec) -> None:
    exact = codec.decode(codec.encode(WITH_ALPHA, distance=3.0).image).samples[0]
    assert np.array_equal(exact[..., 3], WITH_ALPHA[..., 3])
    loose = codec.decode(codec.encode(WITH_ALPHA, distance=3.0, alpha_distance=5.0).image).samples[0]
    assert not np.array_equal(loose[..., 3], WITH_ALPHA[..., 3])


def test_distance_of_extra_channels(codec: Codec) -> None:
    plane = picture(64, 64, 1)[..., 0]
    options: dict[str, Any] = {"extra": [plane], "extra_channels": [{"type": "depth"}]}
    files = [codec.encode(PICTURE[:64, :64], **options, extra_distance=each).image for each in (0.0, 8.0)]
    planes = [codec.decode(file, extra=["depth"]).extra[0] for file in files]
    assert np.array_equal(planes[0], plane)
    assert not np.array_equal(planes[1], plane)
    assert 0 < np.abs(planes[1].astype(int) - plane).mean() < 20


def test_resampling_of_extra_channels(codec: Codec) -> None:
    options: dict[str, Any] = {"extra": [picture(64, 64, 1)[..., 0]], "extra_channels": [{"type": "depth"}]}
    small, full = (len(codec.encode(PICTURE[:64, :64], **options, extra_resampling=n).image) for n in (4, 1))
    assert small < full
    shifted = {"type": "depth", "dim_shift": 1}
    with pytest.raises(CallError, match="extra_resampling"):
        codec.encode(PICTURE[:64, :64], extra=options["extra"], extra_channels=[shifted])
    made = codec.encode(
        PICTURE[:64, :64], extra=options["extra"], extra_channels=[shifted], extra_resampling=2
    )
    assert codec.decode(made.image, extra=["depth"]).extra[0].shape == (64, 64)


def test_keep_invisible(codec: Codec) -> None:
    hidden = WITH_ALPHA.copy()
    hidden[:, :32, 3] = 0
    lossless = codec.decode(codec.encode(hidden, lossless=True, keep_invisible="off").image).samples[0]
    assert np.array_equal(lossless[:, 32:], hidden[:, 32:])
    assert not np.array_equal(lossless[:, :32], hidden[:, :32])
    kept = codec.decode(codec.encode(hidden, lossless=True).image).samples[0]
    assert np.array_equal(kept, hidden)


def test_already_downsampled(codec: Codec) -> None:
    half = picture(50, 40, 3)
    made = codec.encode(half, resampling=2, already_downsampled=True)
    assert (made.width, made.height) == (100, 80)
    assert codec.decode(made.image).samples[0].shape == (80, 100, 3)
    with pytest.raises(CallError, match="resampling"):
        codec.encode(half, already_downsampled=True)


def test_effort_ten_must_be_allowed(codec: Codec) -> None:
    small = picture(24, 24, 3)
    with pytest.raises(CallError, match="max_effort") as caught:
        codec.encode(small, effort=10)
    assert caught.value.option == "/effort"
    made = codec.encode(small, effort=10, max_effort=10, lossless=True)
    assert np.array_equal(codec.decode(made.image).samples[0], small)
    with pytest.raises(CallError):
        codec.encode(small, effort=5, max_effort=4)


def test_buffering(codec: Codec) -> None:
    large = np.tile(picture(512, 512, 3), (2, 5, 1))
    files = {n: codec.encode(large, effort=1, distance=2.0, buffering=n).image for n in (0, 2)}
    assert bytes(files[0]) != bytes(files[2])
    for file in files.values():
        assert np.abs(codec.decode(file).samples[0].astype(int) - large).mean() < 6


def test_large_images_in_pieces(codec: Codec) -> None:
    large = np.tile(picture(512, 512, 4), (5, 5, 1))[:2100, :2500]
    plane = large[..., 0].copy()
    made = codec.encode(
        large, effort=1, lossless=True, extra=[plane], extra_channels=[{"type": "thermal", "name": "heat"}]
    ).image
    back = codec.decode(made, extra=["heat"])
    assert np.array_equal(back.samples[0], large)
    assert np.array_equal(back.extra[0], plane)


def test_level(codec: Codec) -> None:
    deep = picture(16, 16, 3, "u16")
    with pytest.raises(CallError, match="level 10") as caught:
        codec.encode(deep, lossless=True, level=5)
    assert caught.value.option == "/level"
    assert codec.inspect(codec.encode(deep, lossless=True, level=10).image).container
    assert not codec.inspect(codec.encode(PICTURE, level=5).image).container


def test_lossless_excludes_xyb(codec: Codec) -> None:
    with pytest.raises(CallError, match="XYB") as caught:
        codec.encode(PICTURE, lossless=True, colour_transform="xyb")
    assert caught.value.option == "/colour_transform"
    assert not codec.inspect(codec.encode(PICTURE, colour_transform="none").image).xyb


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_numbers_that_are_none(codec: Codec, value: float, dtype: type) -> None:
    samples: NDArray[Any] = np.zeros((9, 9, 3), dtype)
    samples[4, 4, 1] = value
    with pytest.raises(CallError, match="not a number") as caught:
        codec.encode(samples)
    assert caught.value.code == "bad_input"

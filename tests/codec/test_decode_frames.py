"""Frames: some of an animation, layers as stored, previews, what prefixes show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eitherside import CallError, Codec
from support.conformance import conformance_cases, named
from support.images import picture
from support.preview import with_preview

animations = conformance_cases(lambda case: case.name.startswith("animation_"))


@pytest.fixture(scope="module")
def progressive(codec: Codec) -> bytes:
    """Lossy, progressive, several groups."""
    return bytes(codec.encode(picture(600, 520, 3), distance=1, effort=3, progressive=True).image)


@animations
def test_some_frames_are_those_of_all(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    everything = codec.decode(data)
    count = len(everything.frames)
    assert [frame["index"] for frame in everything.frames] == list(range(count))
    for start, number in ((0, 1), (3, 2), (count - 1, 0), (count - 2, 5)):
        some = codec.decode(data, start=start, count=number)
        wanted = list(range(start, min(count, start + number if number else count)))
        assert [frame["index"] for frame in some.frames] == wanted
        assert [frame["duration"] for frame in some.frames] == [
            everything.frames[i]["duration"] for i in wanted
        ]
        for index, samples in zip(wanted, some.samples, strict=True):
            assert (samples == everything.samples[index]).all()
        assert some.complete is True
    with pytest.raises(CallError, match=f"no frame {count}") as error:
        codec.decode(data, start=count)
    assert error.value.option == "/start"


@animations
def test_blending_takes_place_in_the_files_colours(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    if codec.inspect(data).colour["transfer_function"] != "srgb":
        pytest.skip("the check needs an animation in sRGB")
    original = codec.decode(data, type="f32", count=4)
    linear = codec.decode(data, type="f32", colour="linear", count=4)
    assert linear.colour["transfer_function"] == "linear"
    for before, after in zip(original.samples, linear.samples, strict=True):
        inside = np.clip(before[..., :3], 0, 1)
        expected = np.where(inside <= 0.04045, inside / 12.92, ((inside + 0.055) / 1.055) ** 2.4)
        assert np.abs(np.clip(after[..., :3], 0, 1) - expected).max() < 2e-3


@named("animation_icos4d")
def test_layers_as_they_are_stored(codec: Codec, conformance_case: Path) -> None:
    data = (conformance_case / "input.jxl").read_bytes()
    layers = codec.decode(data, coalesce=False)
    sizes = {samples.shape[:2] for samples in layers.samples}
    assert len(sizes) > 1
    canvas = codec.decode(data, count=1).samples[0].shape
    for layer, samples in zip(layers.frames, layers.samples, strict=True):
        assert samples.shape == (layer["height"], layer["width"], 4)
        assert 0 <= layer["x"] <= canvas[1] - layer["width"]
        assert 0 <= layer["y"] <= canvas[0] - layer["height"]
        assert layer["blend"] in ("replace", "add", "blend", "muladd", "mul")
        assert len(layer["extra_blend"]) == 1


def test_layers_come_back(codec: Codec) -> None:
    first, second = picture(60, 40, 4), picture(20, 10, 4, seed=3)
    file = codec.encode(
        [first.tobytes(), second.tobytes()],
        width=60,
        height=40,
        channels=4,
        type="u8",
        lossless=True,
        layers=[
            {"width": 60, "height": 40, "name": "ground", "save_as": 1},
            {"width": 20, "height": 10, "x": 7, "y": 9, "blend": "blend", "source": 1, "name": "figure"},
        ],
    ).image
    stored = codec.decode(file, coalesce=False)
    assert [frame["name"] for frame in stored.frames] == ["ground", "figure"]
    assert (stored.samples[0] == first).all()
    assert (stored.samples[1] == second).all()
    assert {key: stored.frames[1][key] for key in ("x", "y", "width", "height", "blend", "source")} == {
        "x": 7, "y": 9, "width": 20, "height": 10, "blend": "blend", "source": 1,
    }  # fmt: skip
    shown = codec.decode(file)
    assert len(shown.samples) == 1
    assert (shown.samples[0][:9] == first[:9]).all()


def test_a_preview(codec: Codec) -> None:
    small, large = picture(64, 64, 3), picture(128, 128, 3)
    previewed = with_preview(
        bytes(codec.encode(small, distance=1).image), bytes(codec.encode(large, distance=1).image), 64, 128
    )
    preview = codec.decode(previewed, frames="preview")
    assert (preview.width, preview.height) == (64, 64)
    assert (preview.samples[0] == codec.decode(codec.encode(small, distance=1).image).samples[0]).all()
    shown = codec.decode(previewed)
    assert shown.samples[0].shape == large.shape
    assert np.abs(shown.samples[0].astype(int) - large).mean() < 10
    wide = codec.decode(previewed, frames="preview", colour="display_p3", type="f32")
    assert wide.samples[0].shape == (64, 64, 3)
    assert wide.colour["primaries"] == "p3"


def test_no_preview_is_told(codec: Codec, progressive: bytes) -> None:
    with pytest.raises(CallError, match="no preview") as error:
        codec.decode(progressive, frames="preview")
    assert error.value.option == "/frames"


def test_dc_is_a_coarse_picture(codec: Codec, progressive: bytes) -> None:
    coarse = codec.decode(progressive, detail="dc", type="f32")
    full = codec.decode(progressive, type="f32").samples[0]
    assert (coarse.stage, coarse.complete) == ("dc", True)
    assert coarse.samples[0].shape == full.shape
    assert coarse.frames[0]["stage"] == "dc"

    def blocks(samples: NDArray[Any]) -> NDArray[Any]:
        means: NDArray[Any] = samples.reshape(65, 8, 75, 8, 3).mean(axis=(1, 3))
        return means

    assert np.abs(blocks(coarse.samples[0]) - blocks(full)).mean() < 0.02
    assert np.abs(coarse.samples[0] - full).mean() > 1e-4


def test_detail_that_there_is_not_is_the_full_picture(codec: Codec) -> None:
    samples = picture(50, 40, 3)
    found = codec.decode(codec.encode(samples, lossless=True).image, detail="dc")
    assert found.stage == "full"
    assert (found.samples[0] == samples).all()


def test_what_a_prefix_shows(codec: Codec, progressive: bytes) -> None:
    full = codec.decode(progressive).samples[0].astype(int)
    order = ["header", "dc", "pass", "full"]
    stages: list[int] = []
    errors: list[float] = []
    for tenth in range(1, 11):
        shown = codec.decode(progressive[: len(progressive) * tenth // 10], prefix=True)
        assert (shown.width, shown.height) == (600, 520)
        assert shown.complete is (tenth == 10)
        assert len(shown.samples) == (shown.stage != "header")
        stages.append(order.index(shown.stage))
        if shown.samples:
            errors.append(np.abs(shown.samples[0].astype(int) - full).mean())
    assert stages == sorted(stages)
    assert set(stages) >= {1, 2, 3}
    assert errors[-1] == 0
    assert errors[0] > 2 * errors[-2]


def test_a_prefix_without_a_header_is_an_error(codec: Codec, progressive: bytes) -> None:
    with pytest.raises(CallError) as error:
        codec.decode(progressive[:3], prefix=True)
    assert error.value.code == "truncated"
    with pytest.raises(CallError) as error:
        codec.decode(progressive[: len(progressive) // 2])
    assert error.value.code == "truncated"

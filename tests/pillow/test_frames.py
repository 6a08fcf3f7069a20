"""Animations, in and out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, ImageSequence

from eitherside import Codec
from eitherside.pillow import JxlImageFile, calls
from eitherside.pillow import frames as frames_module
from pillow.conftest import Again
from pillow.files import DURATIONS, LOOPS
from support.effort import examples
from support.images import animated, picture


def opened(file: Path | io.BytesIO) -> JxlImageFile:
    # In memory, as nothing need be closed then.
    found = Image.open(io.BytesIO(file.read_bytes()) if isinstance(file, Path) else file)
    assert isinstance(found, JxlImageFile)
    return found


def stills(count: int, mode: str = "RGB") -> list[Image.Image]:
    return [Image.fromarray(picture(40, 30, 3, seed=seed)).convert(mode) for seed in range(count)]


class TestReading:
    def test_what_is_told(self, files: Path) -> None:
        image = opened(files / "animation.jxl")
        assert (image.n_frames, image.is_animated, image.tell()) == (3, True, 0)
        assert image.info["loop"] == LOOPS
        assert (image.info["duration"], image.info["timestamp"]) == (100, 0)

    def test_a_still_image_has_none_of_it(self, files: Path) -> None:
        image = opened(files / "rgb.jxl")
        assert (image.n_frames, image.is_animated) == (1, False)
        assert not {"loop", "duration", "timestamp"} & set(image.info)
        with pytest.raises(EOFError):
            image.seek(1)

    def test_seeking(self, files: Path) -> None:
        image, right = opened(files / "animation.jxl"), np.load(files / "animation.npy")
        for number in (0, 2, 1, 0, 1, 2, 2):
            image.seek(number)
            assert image.tell() == number
            assert image.info["duration"] == DURATIONS[number]
            assert image.info["timestamp"] == sum(DURATIONS[:number])
            assert np.array_equal(np.asarray(image), right[number])
        for number in (3, -1):
            with pytest.raises(EOFError):
                image.seek(number)
        assert image.tell() == 2

    def test_going_through(self, files: Path) -> None:
        found = [np.asarray(frame) for frame in ImageSequence.Iterator(opened(files / "animation.jxl"))]
        assert np.array_equal(found, np.load(files / "animation.npy"))

    def test_the_file_may_be_closed_once_it_is_read(self, files: Path) -> None:
        with opened(files / "animation.jxl") as image:
            image.load()
        image.seek(2)
        assert np.array_equal(np.asarray(image), np.load(files / "animation.npy")[2])

    def test_durations_need_not_be_whole(self, codec: Codec) -> None:
        data = codec.encode([picture(8, 8, 3)] * 2, durations=[0.0415, 0.25]).image
        assert opened(io.BytesIO(data)).info["duration"] == pytest.approx(41.5, abs=0.5)

    def test_one_that_is_cut_off(self, codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
        frames = [picture(64, 64, 3, seed=seed) for seed in range(4)]
        data = codec.encode(frames, durations=[0.1] * 4, lossless=True).image
        image = opened(io.BytesIO(data[: len(data) * 7 // 8]))
        image.seek(1)
        assert np.array_equal(np.asarray(image), frames[1])
        image.seek(image.n_frames - 1)
        with pytest.raises(OSError, match="truncated"):
            image.load()
        monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
        image.load()

    def test_frames_in_order_are_decoded_few_times(
        self, codec: Codec, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Each is laid on the one before, so that none can be had without all before.
        parts = [picture(60, 60, 4, seed=1), *(picture(20, 20, 4, seed=seed) for seed in range(2, 34))]
        layers: list[dict[str, Any]] = [{"duration": 0.1, "save_as": 1}]
        layers += [
            {"duration": 0.1, "x": i, "y": i, "blend": "blend", "source": 1, "save_as": 1} for i in range(32)
        ]
        data = codec.encode(parts, width=60, height=60, layers=layers, lossless=True, effort=1).image
        whole = codec.decode(data, alpha="straight").samples
        asked: list[int] = []
        real = calls.decoded

        def counted(data: bytes, start: int, count: int, *args: Any, **more: Any) -> Any:
            asked.append(count)
            return real(data, start, count, *args, **more)

        monkeypatch.setattr(frames_module, "decoded", counted)
        found = [np.asarray(frame) for frame in ImageSequence.Iterator(opened(io.BytesIO(data)))]
        assert np.array_equal(found, whole)
        assert asked == [1, 2, 4, 8, 16, 2]

    def test_what_is_decoded_ahead_has_a_limit(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(frames_module, "AHEAD_BYTES", 40 * 30 * 3)
        found = [np.asarray(frame) for frame in ImageSequence.Iterator(opened(files / "animation.jxl"))]
        assert np.array_equal(found, np.load(files / "animation.npy"))


class TestWriting:
    @settings(max_examples=examples(20))
    @given(
        durations=st.lists(st.integers(1, 5000), min_size=2, max_size=5),
        loop=st.integers(0, 9),
        mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "1"]),
    )
    def test_animations_come_back(self, durations: list[int], loop: int, mode: str) -> None:
        frames = stills(len(durations), mode)
        file = io.BytesIO()
        options = {"append_images": frames[1:], "duration": durations, "loop": loop, "lossless": True}
        frames[0].save(file, "JXL", save_all=True, effort=1, **options)
        image = opened(file)
        assert (image.n_frames, image.info["loop"]) == (len(frames), loop)
        for found, right, duration in zip(ImageSequence.Iterator(image), frames, durations, strict=True):
            assert (found.mode, found.info["duration"]) == (mode, duration)
            assert found.tobytes() == right.tobytes()

    def test_one_duration_for_all(self, again: Again) -> None:
        first, *others = stills(3)
        found = again(first, append_images=others, duration=40)
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(found)] == [40] * 3
        assert found.info["loop"] == 0

    def test_durations_of_the_images_themselves(self, files: Path, again: Again) -> None:
        image = opened(files / "animation.jxl")
        image.seek(1)
        found = again(image, save_all=True, lossless=True)
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(found)] == list(DURATIONS)
        assert found.info["loop"] == LOOPS
        assert image.tell() == 1

    def test_the_current_frame_alone(self, files: Path, again: Again) -> None:
        image = opened(files / "animation.jxl")
        image.seek(1)
        found = again(image, lossless=True)
        assert found.n_frames == 1
        assert np.array_equal(np.asarray(found), np.load(files / "animation.npy")[1])

    def test_save_all_of_a_single_frame(self, again: Again) -> None:
        assert again(stills(1)[0], save_all=True).n_frames == 1

    def test_a_gif_comes_over_exactly(self, again: Again) -> None:
        gif = Image.open(io.BytesIO(animated("GIF")))
        found = again(gif, save_all=True)
        assert found.n_frames == 3
        for a, b in zip(ImageSequence.Iterator(found), ImageSequence.Iterator(gif), strict=True):
            assert a.info["duration"] == 100
            assert a.convert("RGB").tobytes() == b.convert("RGB").tobytes()

    def test_frames_of_several_modes(self, again: Again) -> None:
        first, *others = stills(1, "L") + stills(1, "LA") + stills(1, "RGB")
        found = again(first, append_images=others, lossless=True)
        assert found.mode == "RGBA"
        found.seek(2)
        assert found.tobytes() == others[1].convert("RGBA").tobytes()

    def test_layers(self, again: Again) -> None:
        base, sticker = Image.new("RGBA", (30, 20), (1, 2, 3, 255)), Image.new("RGBA", (5, 5), (9, 9, 9, 255))
        found = again(base, append_images=[sticker], layers=[{}, {"x": 4, "y": 6}], lossless=True)
        assert (found.n_frames, found.size) == (1, (30, 20))
        assert found.getpixel((4, 6)) == (9, 9, 9, 255)
        assert found.getpixel((3, 6)) == (1, 2, 3, 255)

    def test_what_does_not_fit(self, again: Again) -> None:
        first, *others = stills(3)
        with pytest.raises(ValueError, match="2 durations for 3 frames"):
            again(first, append_images=others, duration=[10, 20])
        with pytest.raises(ValueError, match="duration of frame 1 is 0"):
            again(first, append_images=others, duration=[10, 0, 20])
        with pytest.raises(ValueError, match=r"frame 1 is \(4, 4\)"):
            again(first, append_images=[Image.new("RGB", (4, 4))])
        with pytest.raises(OSError, match="mode F beside frames of mode RGB"):
            again(first, append_images=[Image.new("F", first.size)])
        with pytest.raises(ValueError, match="duration and durations"):
            again(first, append_images=others, duration=10, durations=[1, 2, 3])

"""Frames of an animation on their way into a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from PIL import Image, ImageSequence

from .modes import FEW_COLOURS, common_mode, storable

UNTOLD = 100.0
"""Duration of frames of which nothing tells one, in milliseconds: what browsers take for such GIFs."""

PALETTE_FORMAT = "GIF"
"""Its frames have palettes, though Pillow gives the later ones as RGB."""

_MILLISECONDS = 1000


class Animation:
    """The frames of several images, in order.

    Attributes:
        frames: images of one mode that can be stored, all of one size unless they are layers.
        has_few_colours: whether all of them come from a palette, or are black and white.
    """

    def __init__(self, images: Iterable[Image.Image], *, layers: bool = False) -> None:
        """Takes the frames; the images stay at the frames where they are.

        Args:
            images: still or animated.
            layers: whether they may differ in size.

        Raises:
            OSError: modes cannot be stored, or not beside each other.
            ValueError: sizes differ.
        """
        self._told: list[float] = []
        self.has_few_colours = True
        found = []
        for image in images:
            for frame in _frames_of(image):
                self.has_few_colours &= frame.mode in FEW_COLOURS or image.format == PALETTE_FORMAT
                self._told.append(frame.info.get("duration") or UNTOLD)
                # A copy, as the next frame takes its place.
                found.append(storable(frame).copy())
        mode = common_mode({frame.mode for frame in found})
        self.frames = [frame if frame.mode == mode else frame.convert(mode) for frame in found]
        for index, frame in enumerate(self.frames):
            if frame.size != self.frames[0].size and not layers:
                raise ValueError(f"frame {index} is {frame.size}, frame 0 is {self.frames[0].size}")

    def seconds(self, given: Mapping[str, Any]) -> list[float]:
        """Returns the duration of each frame: as `duration` says (milliseconds), else as the images do.

        Raises:
            ValueError: there is not one for each frame, or it is not above 0.
        """
        asked = given.get("duration")
        if asked is None:
            found = self._told
        else:
            found = list(asked) if isinstance(asked, list | tuple) else [asked] * len(self.frames)
        if len(found) != len(self.frames):
            raise ValueError(f"there are {len(found)} durations for {len(self.frames)} frames")
        for index, duration in enumerate(found):
            # One of no duration would be laid under the next and never be seen.
            if not duration > 0:
                raise ValueError(f"the duration of frame {index} is {duration!r}; it must be above 0")
        return [duration / _MILLISECONDS for duration in found]


def _frames_of(image: Image.Image) -> Iterator[Image.Image]:
    here = image.tell()
    try:
        yield from ImageSequence.Iterator(image)
    finally:
        image.seek(here)

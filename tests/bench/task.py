"""What a side is asked to do, and what it tells of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """One thing to do, the same for every side.

    Attributes:
        function: "decode", "encode", "recompress" (a JPEG file into JPEG XL), "reconstruct" (back),
            "transcode" (a PNG file into JPEG XL) or "thumbnail" (a JPEG XL file into a small JPEG file).
        path: file of the input; for "encode" samples as they lie in memory.
        shape: (frames, height, width, channels) of the samples that go in or come out.
        dtype: their type.
        colour: their colour space.
        effort: of an encoder.
        distance: of an encoder; None is lossless.
    """

    function: str
    path: str
    shape: tuple[int, int, int, int]
    dtype: str = "uint8"
    colour: str = "srgb"
    effort: int = 7
    distance: float | None = None

    def raw(self) -> dict[str, Any]:
        """Returns it as JSON has it."""
        return asdict(self)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        """Reads what `raw` gave."""
        return cls(**{**document, "shape": tuple(document["shape"])})

    def samples(self) -> NDArray[Any]:
        """Reads the samples that go in."""
        return np.fromfile(self.path, self.dtype).reshape(self.shape)


THUMBNAIL = 256
"""Longest edge of a thumbnail."""


@dataclass(frozen=True)
class Measured:
    """What one run took.

    Attributes:
        seconds: from the input in memory to the output in memory.
        rss: most memory that the side's processes had resident while it ran, in bytes; 0 where unknown.
        linear: size of the module's linear memory at its end; 0 where there is none or it is unknown.
        size: bytes of the output.
    """

    seconds: float
    rss: int
    linear: int
    size: int


class Absent(Exception):
    """A side cannot do a task, or is not there at all; its text says why."""


@dataclass(frozen=True)
class Output:
    """An output in a file: coded bytes, or samples where it has a shape."""

    path: str
    shape: tuple[int, int, int, int] | None = None
    dtype: str = "uint8"

    def data(self) -> bytes:
        """Reads the bytes."""
        return Path(self.path).read_bytes()

    def samples(self) -> NDArray[Any]:
        """Reads the samples."""
        assert self.shape is not None, "the output is a file, not samples"
        return np.fromfile(self.path, self.dtype).reshape(self.shape)

"""What is measured: pictures, what is done with them, on which sides; every kind, no full cross product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import pictures
from .pictures import Picture

QUICK, NORMAL, FULL = "quick", "normal", "full"
SETS = (QUICK, NORMAL, FULL)

SERVER = ("wasmtime 1", "native 1", "wasmtime all", "native all", "pillow")
"""Sides that are processes on their own."""
BROWSER = ("chromium 1", "chromium all", "jsquash 1", "jsquash all", "jxl-oxide", "browser")
"""Sides in Chromium."""
REST = ("wasmtime 1", "rest")
"""A call over HTTP, and the bare one."""


@dataclass(frozen=True)
class Coding:
    """How a file is encoded; a distance of None is lossless."""

    effort: int = 7
    distance: float | None = 1.0
    progressive: bool = False

    def __str__(self) -> str:
        quality = "lossless" if self.distance is None else f"distance {self.distance:g}"
        return f"{quality}, effort {self.effort}" + (", progressive" if self.progressive else "")


@dataclass(frozen=True)
class Case:
    """One row of a table.

    Attributes:
        function: see `bench.task.Task`.
        picture: what it is done with.
        coding: what an encoder is told, or how the file was made that is decoded.
        source: format of the file that goes in: "jxl", "jpeg", "png", or "raw" for samples.
        sides: who takes part.
        smallest: the smallest of `SETS` that has it.
    """

    function: str
    picture: Picture
    coding: Coding
    source: str
    sides: tuple[str, ...] = SERVER
    smallest: str = NORMAL

    @property
    def place(self) -> str:
        """Where it runs: "server", "browser" or "http"."""
        if "rest" in self.sides:
            return "http"
        return "browser" if self.sides[0] in BROWSER else "server"

    def with_sides(self, more: Sequence[str]) -> Case:
        """Returns it with further sides, where it runs in a process."""
        return replace(self, sides=(*self.sides, *more)) if self.place == "server" else self

    @property
    def name(self) -> str:
        """What it is called in tables; no two are called alike in one place."""
        size = f"{self.picture.megapixels:.2g} MP"
        if self.picture.frames > 1:
            size += f", {self.picture.frames} frames"
        match self.function:
            case "recompress" | "reconstruct":
                return f"{self.function} JPEG {size}"
            case "transcode":
                return f"transcode PNG, {self.picture.name} {size}, {self.coding}"
            case "thumbnail":
                return f"thumbnail {self.picture.name} {size}"
        return f"{self.function} {self.picture.name} {size}, {self.coding}"


LOSSY = Coding()
LOSSY_QUICKLY_MADE = Coding(effort=5)
PROGRESSIVE = Coding(progressive=True)
LOSSLESS = Coding(effort=5, distance=None)


def _decode(picture: Picture, coding: Coding, smallest: str = NORMAL) -> Case:
    return Case("decode", picture, coding, "jxl", SERVER, smallest)


def _encode(picture: Picture, effort: int, distance: float | None = 1.0, smallest: str = NORMAL) -> Case:
    return Case("encode", picture, Coding(effort, distance), "raw", SERVER, smallest)


_SERVER = [
    _decode(pictures.SMALL, LOSSY, QUICK),
    _decode(pictures.MEDIUM, LOSSY, QUICK),
    _decode(pictures.MEDIUM, PROGRESSIVE),
    _decode(pictures.LARGE, LOSSY_QUICKLY_MADE),
    _decode(pictures.HUGE, LOSSY_QUICKLY_MADE),
    _decode(pictures.SCREENSHOT, LOSSLESS, QUICK),
    _decode(pictures.SCREENSHOT, LOSSY, FULL),
    _decode(pictures.MEDIUM, Coding(3, None)),
    _decode(pictures.LINE_ART, LOSSLESS),
    _decode(pictures.DEEP, LOSSLESS),
    _decode(pictures.DEEP, LOSSY, FULL),
    _decode(pictures.HDR, LOSSY),
    _decode(pictures.ANIMATION, LOSSY_QUICKLY_MADE),
    _encode(pictures.SMALL, 7, smallest=QUICK),
    _encode(pictures.MEDIUM, 1, smallest=QUICK),
    _encode(pictures.MEDIUM, 3, smallest=QUICK),
    _encode(pictures.MEDIUM, 5),
    _encode(pictures.MEDIUM, 7),
    _encode(pictures.LARGE, 3),
    _encode(pictures.LARGE, 7, smallest=FULL),
    _encode(pictures.HUGE, 3, smallest=FULL),
    _encode(pictures.SCREENSHOT, 7, smallest=FULL),
    _encode(pictures.SCREENSHOT, 3, None),
    _encode(pictures.HDR, 5),
    _encode(pictures.ANIMATION, 3),
    _encode(pictures.MEDIUM, 1, None, QUICK),
    _encode(pictures.MEDIUM, 3, None),
    _encode(pictures.SMALL, 7, None),
    _encode(pictures.SCREENSHOT, 5, None, FULL),
    _encode(pictures.LINE_ART, 5, None),
    _encode(pictures.DEEP, 3, None),
    Case("recompress", pictures.MEDIUM, Coding(7), "jpeg", SERVER, QUICK),
    Case("recompress", pictures.LARGE, Coding(7), "jpeg", SERVER, FULL),
    Case("reconstruct", pictures.MEDIUM, Coding(7), "recompressed", SERVER),
    Case("transcode", pictures.MEDIUM, Coding(5), "png", SERVER),
    Case("thumbnail", pictures.LARGE, LOSSY_QUICKLY_MADE, "jxl", SERVER, QUICK),
]

_DECODERS = ("chromium 1", "chromium all", "jsquash 1", "jxl-oxide", "browser")
# The others take seconds, and one more minutes to give its samples for the comparison.
_FASTEST_DECODERS = ("chromium 1", "chromium all", "browser")
_ENCODERS = ("chromium 1", "chromium all", "jsquash 1", "jsquash all")
_FAST_ENCODERS = ("chromium 1", "chromium all", "jsquash all")


def _shown(picture: Picture, coding: Coding, sides: tuple[str, ...], smallest: str = NORMAL) -> Case:
    return Case("decode", picture, coding, "jxl", sides, smallest)


def _made(picture: Picture, coding: Coding, sides: tuple[str, ...], smallest: str = NORMAL) -> Case:
    return Case("encode", picture, coding, "raw", sides, smallest)


_BROWSER = [
    _shown(pictures.SMALL, LOSSY, _DECODERS, QUICK),
    _shown(pictures.MEDIUM, LOSSY, _DECODERS, QUICK),
    _shown(pictures.MEDIUM, PROGRESSIVE, _DECODERS),
    _shown(pictures.LARGE, LOSSY_QUICKLY_MADE, _FASTEST_DECODERS),
    _shown(pictures.SCREENSHOT, LOSSLESS, _DECODERS),
    _shown(pictures.LINE_ART, LOSSLESS, _DECODERS),
    _shown(pictures.DEEP, LOSSLESS, _DECODERS, FULL),
    _made(pictures.SMALL, Coding(7), _ENCODERS, QUICK),
    _made(pictures.MEDIUM, Coding(1), _FAST_ENCODERS),
    _made(pictures.MEDIUM, Coding(3), _FAST_ENCODERS, QUICK),
    _made(pictures.MEDIUM, Coding(5), _FAST_ENCODERS),
    _made(pictures.MEDIUM, Coding(7), _FAST_ENCODERS, FULL),
    _made(pictures.SMALL, Coding(3, None), _ENCODERS),
    _made(pictures.MEDIUM, Coding(1, None), _FAST_ENCODERS),
    _made(pictures.SCREENSHOT, Coding(7), _FAST_ENCODERS, FULL),
]

_HTTP = [
    Case("decode", pictures.SMALL, LOSSY, "jxl", REST, NORMAL),
    Case("transcode", pictures.MEDIUM, Coding(3), "png", REST, QUICK),
    Case("transcode", pictures.MEDIUM, Coding(7), "png", REST, FULL),
    Case("recompress", pictures.MEDIUM, Coding(7), "jpeg", REST, NORMAL),
    Case("thumbnail", pictures.LARGE, LOSSY_QUICKLY_MADE, "jxl", REST, NORMAL),
    Case("decode", pictures.LARGE, LOSSY_QUICKLY_MADE, "jxl", REST, FULL),
]

CASES = (*_SERVER, *_BROWSER, *_HTTP)


def chosen(which: str, pattern: str = "", cases: Sequence[Case] = CASES) -> list[Case]:
    """Returns the cases of a set, in which the pattern (lower case) is part of the place or of the name."""
    words = pattern.lower()
    return [
        case
        for case in cases
        if SETS.index(case.smallest) <= SETS.index(which) and words in f"{case.place}: {case.name}".lower()
    ]

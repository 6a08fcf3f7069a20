"""The inputs of the golden matrix, by name.

Raw samples, PNG, PNM, PFM and GIF files are made anew each time. JPEG XL and JPEG files were made by
`files.py` and lie in files/, as they must not change when an encoder does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from support.conformance import CONFORMANCE

from . import pictures as p

FILES = Path(__file__).with_name("files")
SUITE = "suite:"
"""Begins the names of the conformance suite's bitstreams."""

EXIF = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><!-- " + b"golden " * 30 + b"--></x:xmpmeta>"
JUMBF = b"\0\0\0\x1cjumd" + bytes(range(16)) + b"\x03\0\0\0"
EXIF_BOX = b"\0\0\0\0" + EXIF


@cache
def data(name: str) -> bytes:
    """Returns the input of that name.

    Raises:
        KeyError, FileNotFoundError: there is none.
    """
    if name.startswith(SUITE):
        return (CONFORMANCE / name.removeprefix(SUITE) / "input.jxl").read_bytes()
    if name.startswith("raw:"):
        return _raw(name)
    if name in _MADE:
        return _MADE[name]()
    return (FILES / name).read_bytes()


def _raw(name: str) -> bytes:
    """``raw:TYPE CHANNELS [BITS [WIDTH HEIGHT [SEED]]]``."""
    kind, *numbers = name.removeprefix("raw:").split()
    channels, bits, width, height, seed = (*map(int, numbers), *(0, p.WIDTH, p.HEIGHT, 1)[len(numbers) - 1 :])
    return p.raw(kind, channels, bits, width, height, seed)


def _animation(channels: int) -> list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    whole = p.samples(channels)
    return [whole, *(p.samples(channels, 8, 20, 18, seed) for seed in (2, 3))]


_MADE: Mapping[str, Callable[[], bytes]] = {
    "rgb.png": lambda: p.png(p.samples(3)),
    "rgb2.png": lambda: p.png(p.samples(3, seed=2)),
    "rgba.png": lambda: p.png(p.samples(4)),
    "grey.png": lambda: p.png(p.samples(1)),
    "greya16.png": lambda: p.png(p.samples(2, 16), 16),
    "rgb16.png": lambda: p.png(p.samples(3, 16), 16),
    "exif.png": lambda: p.png(p.samples(3), 8, (b"eXIf", EXIF)),
    "large.png": lambda: p.png(p.samples(3, 8, 280, 264)),
    "anim.apng": lambda: p.apng(_animation(4)),
    "anim.gif": lambda: p.gif([p.samples(1, seed=seed) for seed in (1, 2, 3)]),
    "grey.pgm": lambda: p.pnm(p.samples(1)),
    "rgb.ppm": lambda: p.pnm(p.samples(3)),
    "rgb10.ppm": lambda: p.pnm(p.samples(3, 10), 1023),
    "rgba.pam": lambda: p.pam(p.samples(4)),
    "rgb.pfm": lambda: p.pfm(p.samples(3, 12), 12),
    "grey.pfm": lambda: p.pfm(p.samples(1, 12), 12),
    "exif": lambda: EXIF,
    "xmp": lambda: XMP,
    "jumbf": lambda: JUMBF,
    "gain_map": lambda: _gain_map((FILES / "lossy_grey.jxl").read_bytes()),
    "nothing": lambda: b"",
    "text": lambda: b"this is no image",
    "cut.png": lambda: p.png(p.samples(3))[:2000],
    "cut.jxl": lambda: (FILES / "lossless.jxl").read_bytes()[:1500],
    "broken.jxl": lambda: _broken((FILES / "lossy.jxl").read_bytes()),
    "head.jxl": lambda: (FILES / "progressive.jxl").read_bytes()[:60],
    "half.jxl": lambda: _half((FILES / "progressive.jxl").read_bytes()),
}


def _broken(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes(byte ^ 0x5A for byte in whole[middle : middle + 24]) + whole[middle + 24 :]


def _gain_map(image: bytes) -> bytes:
    """A bundle of version 0: metadata, no colour encoding, no profile, and the gain map itself."""
    metadata = bytes(range(40))
    return b"\0" + struct.pack(">H", len(metadata)) + metadata + b"\0" + struct.pack(">I", 0) + image


def _half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]

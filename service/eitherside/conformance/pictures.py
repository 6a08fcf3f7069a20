"""The suite's pictures as PNG, animated PNG and PFM, and how exactly they tell samples."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .measure import Samples

_NAMES = ("ref.pfm", "ref.png", "ref.apng")
_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
_MAXIMUM = 255.0


@dataclass(frozen=True)
class RefPicture:
    """A picture of the suite.

    Attributes:
        name: of its file.
        samples: (frames, height, width, channels), from 0 to 1.
        step: how far a sample may be from what it stands for, by rounding alone; 0 for floats.
        icc_hash: SHA-256 of its profile; empty where it has none.
    """

    name: str
    samples: Samples
    step: float
    icc_hash: str


def read_picture(folder: Path) -> RefPicture | None:
    """Returns the picture of a test case; None where there is none, or it has a form that is not read here.

    Pictures of 16 bits and with palettes are not read: their cases have references that are exact.

    Raises:
        OSError, ValueError: it cannot be read.
    """
    path = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if path is None:
        return None
    if path.suffix == ".pfm":
        return RefPicture(path.name, _pfm(path.read_bytes()), 0.0, "")
    # Pillow reads colours of 16 bits as 8.
    if path.read_bytes()[24:25] != b"\x08":
        return None
    with Image.open(path) as image:
        channels = _CHANNELS.get(image.mode)
        if channels is None:
            return None
        frames = []
        for index in range(getattr(image, "n_frames", 1)):
            image.seek(index)
            frame = np.asarray(image.convert(_mode(channels)), np.float32) / _MAXIMUM
            frames.append(frame.reshape(image.height, image.width, channels))
        icc = image.info.get("icc_profile")
    icc_hash = hashlib.sha256(icc).hexdigest() if isinstance(icc, bytes) else ""
    return RefPicture(path.name, np.stack(frames), 0.5 / _MAXIMUM, icc_hash)


def _mode(channels: int) -> str:
    return next(mode for mode, count in _CHANNELS.items() if count == channels)


def _pfm(data: bytes) -> Samples:
    """Reads a portable float map: lines of kind, sizes and scale, then rows from the bottom to the top."""
    kind, sizes, scale, pixels = data.split(b"\n", 3)
    if kind not in (b"PF", b"Pf"):
        raise ValueError("the file is no portable float map")
    width, height = (int(size) for size in sizes.split())
    order = "<" if float(scale) < 0 else ">"
    rows = np.frombuffer(pixels, f"{order}f4").reshape(height, width, 3 if kind == b"PF" else 1)
    return np.ascontiguousarray(rows[np.newaxis, ::-1], np.float32)

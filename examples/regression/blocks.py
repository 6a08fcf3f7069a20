"""The codec under test: blocks of 8 x 8 samples, a cosine transform, quantisation, zlib."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIDE = 8
_HEADER = struct.Struct("<4sHHBB")
_MAGIC = b"BLK1"
_FREQUENCY, _PLACE = np.mgrid[0:SIDE, 0:SIDE]
_SCALE = np.where(_FREQUENCY == 0, np.sqrt(1 / SIDE), np.sqrt(2 / SIDE))
_COSINES: NDArray[np.float64] = _SCALE * np.cos((2 * _PLACE + 1) * _FREQUENCY * np.pi / (2 * SIDE))

Picture = NDArray[np.uint8]


def write(picture: Picture, step: int = 8) -> bytes:
    """Returns a picture as a file.

    Args:
        picture: (height, width, channels).
        step: of the quantisation, 1 to 255; 0 is lossless.
    """
    height, width, channels = picture.shape
    if step == 0:
        body = np.diff(picture, axis=1, prepend=np.uint8(0)).tobytes()
    else:
        centred = _padded(picture).astype(np.float64) - 128
        blocks = _COSINES @ _to_blocks(centred) @ _COSINES.T
        body = np.round(blocks / step).astype("<i2").tobytes()
    return _HEADER.pack(_MAGIC, width, height, channels, step) + zlib.compress(body)


def read(file: bytes) -> Picture:
    """Returns the picture of a file.

    Raises:
        ValueError: it is no such file.
    """
    magic, width, height, channels, step = _HEADER.unpack_from(file)
    if magic != _MAGIC:
        raise ValueError("this is no file of blocks")
    body = zlib.decompress(file[_HEADER.size :])
    if step == 0:
        steps = np.frombuffer(body, np.uint8).reshape(height, width, channels)
        picture: Picture = np.cumsum(steps, axis=1, dtype=np.uint8)
        return picture
    rows, columns = -(-height // SIDE), -(-width // SIDE)
    levels = np.frombuffer(body, "<i2").reshape(channels, rows, columns, SIDE, SIDE)
    samples = _COSINES.T @ (levels.astype(np.float64) * step) @ _COSINES + 128
    whole = samples.transpose(1, 3, 2, 4, 0).reshape(rows * SIDE, columns * SIDE, channels)
    return np.asarray(np.clip(np.round(whole[:height, :width]), 0, 255), np.uint8)


def _padded(picture: Picture) -> Picture:
    height, width, _ = picture.shape
    return np.pad(picture, ((0, -height % SIDE), (0, -width % SIDE), (0, 0)), mode="edge")


def _to_blocks(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns (channels, rows, columns, 8, 8) of (height, width, channels)."""
    height, width, channels = samples.shape
    split = samples.reshape(height // SIDE, SIDE, width // SIDE, SIDE, channels)
    return split.transpose(4, 0, 2, 1, 3)

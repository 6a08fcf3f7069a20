"""The suite's arithmetic: errors of decoded samples, and the file whose hash stands for a reference."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""Frames, height, width, channels: colour, then extra channels in the file's order; nominally 0 to 1."""


_ROWS = 64


@dataclass(frozen=True)
class Errors:
    """Errors of a frame: of its worst channel the root of the mean square, and of any sample the largest."""

    rms: float
    peak: float


def errors(ours: NDArray[Any], reference: NDArray[Any]) -> Errors:
    """Returns the errors of a frame.

    Args:
        ours, reference: (height, width, channels), of equal shape.

    Raises:
        ValueError: they differ in shape.
    """
    if ours.shape != reference.shape:
        raise ValueError(f"the frame has the shape {ours.shape}, the reference {reference.shape}")
    height, width, channels = ours.shape
    squares, peak = np.zeros(channels), 0.0
    # Some rows at a time stay in the processor's cache.
    for top in range(0, height, _ROWS):
        rows = slice(top, top + _ROWS)
        # Float32 would round the mean of millions of small squares.
        error = np.subtract(ours[rows], reference[rows], dtype=np.float64).reshape(-1, channels)
        squares += np.einsum("ij,ij->j", error, error)
        peak = float(np.maximum(peak, np.abs(error).max()))
    worst = float(np.sqrt(squares / (height * width)).max())
    # A comparison with NaN is never greater than a limit.
    return Errors(worst if np.isfinite(worst) else np.inf, peak if np.isfinite(peak) else np.inf)


def npy_hash(samples: Samples) -> str:
    """Returns the SHA-256 of samples written as the references are (libjxl: lib/extras/enc/npy.cc)."""
    sizes = ", ".join(str(size) for size in samples.shape)
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}\n".encode()
    digest = hashlib.sha256(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    digest.update(np.ascontiguousarray(samples, "<f4").data)
    return digest.hexdigest()

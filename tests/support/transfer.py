"""The transfer function of sRGB (IEC 61966-2-1), both ways, on samples from 0 to 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def to_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linear light of sRGB samples."""
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def from_linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB samples of linear light."""
    return np.where(values <= 0.0031308, values * 12.92, 1.055 * np.maximum(values, 0) ** (1 / 2.4) - 0.055)

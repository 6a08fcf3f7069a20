"""Outputs as files that the module's own comparison reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .pictures import pam, pfm, pnm

_DTYPES: Mapping[str, np.dtype[Any]] = {"u8": np.dtype("u1"), "u16": np.dtype("<u2")}
_FLOATS: Mapping[str, np.dtype[Any]] = {"f16": np.dtype("<f2"), "f32": np.dtype("<f4")}
_BITS = 16


def as_file(name: str, data: bytes, result: Mapping[str, Any]) -> bytes | None:
    """Returns an output as a file of a picture; None where it is none, or of no form that is compared.

    Args:
        name: of the output.
        data: its bytes.
        result: the call's result.
    """
    if name in ("image", "difference"):
        return data
    if name != "samples":
        return None
    height, width, channels = (result.get(key) for key in ("height", "width", "channels"))
    if not (isinstance(height, int) and isinstance(width, int) and isinstance(channels, int)):
        return None
    kind = str(result.get("type"))
    if kind in _DTYPES:
        dtype = _DTYPES[kind]
        if len(data) != height * width * channels * dtype.itemsize:
            return None
        image = np.frombuffer(data, dtype).reshape(height, width, channels).astype(np.int64)
        if channels in (2, 4) and kind == "u8":
            return pam(image)
        return pnm(image[..., : 3 if channels > 2 else 1], (1 << 8 * dtype.itemsize) - 1)
    if kind in _FLOATS and len(data) == height * width * channels * _FLOATS[kind].itemsize:
        floats = np.frombuffer(data, _FLOATS[kind]).reshape(height, width, channels).astype(np.float64)
        return pfm(floats[..., : 3 if channels > 2 else 1] * (1 << _BITS), _BITS)
    return None

"""Buffers of samples as NumPy arrays, as the interface's ``array`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .interface import Array

# The sample types that an interface can name; buffers are little endian and without padding.
DTYPES: Mapping[str, np.dtype[Any]] = {
    "u8": np.dtype("u1"),
    "u16": np.dtype("<u2"),
    "f32": np.dtype("<f4"),
}


def to_array(data: bytes | bytearray, described: Array, result: Mapping[str, Any]) -> NDArray[Any]:
    """Returns `data` as an array, without a copy.

    Args:
        data: the buffer.
        described: names the fields of `result` that hold its shape and sample type.
        result: the call's result.

    Raises:
        ValueError: the result does not fit the buffer.
    """
    dtype = DTYPES.get(str(result.get(described.dtype)))
    sizes = [result.get(name) for name in described.shape]
    shape = [size for size in sizes if isinstance(size, int)]
    if dtype is None or len(shape) < len(sizes):
        raise ValueError("the result does not tell the array's shape and sample type")
    return np.frombuffer(data, dtype).reshape(shape)


def from_arrays(
    given: NDArray[Any] | Sequence[NDArray[Any]], described: Array
) -> tuple[list[memoryview], dict[str, Any]]:
    """Returns the buffers of one or more arrays, and the options that tell their shape and sample type.

    Args:
        given: an array of the described shape; it may lack the last axis, for a size of 1. Or a sequence of
            such arrays, or an array with one more axis, the first.
        described: names the options.

    Raises:
        ValueError: the arrays differ in shape or type, or no option tells their type or number of axes.
    """
    axes = len(described.shape)
    single = isinstance(given, np.ndarray) and given.ndim <= axes
    arrays = [_with_axes(np.asarray(item), described) for item in ([given] if single else given)]
    if not arrays:
        raise ValueError("there is no array")
    first = arrays[0]
    for index, array in enumerate(arrays):
        if array.shape != first.shape or array.dtype != first.dtype:
            raise ValueError(
                f"array {index} is {_about(array)}, array 0 is {_about(first)}; they must be alike"
            )
    codes = {dtype: code for code, dtype in DTYPES.items()}
    dtype = first.dtype.newbyteorder("<")
    if dtype not in codes:
        known = ", ".join(item.name for item in DTYPES.values())
        raise ValueError(f"arrays of {first.dtype.name} cannot be given, only of {known}")
    options: dict[str, Any] = dict(zip(described.shape, (int(size) for size in first.shape), strict=True))
    options[described.dtype] = codes[dtype]
    return [_plain(array, dtype).data for array in arrays], options


def _with_axes(array: NDArray[Any], described: Array) -> NDArray[Any]:
    if array.ndim == len(described.shape) - 1:
        array = array[..., np.newaxis]
    if array.ndim != len(described.shape):
        raise ValueError(f"an array has {array.ndim} axes; they are {', '.join(described.shape)}")
    return array


def _plain(array: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, dtype).reshape(-1).view(np.uint8)


def _about(array: NDArray[Any]) -> str:
    return f"{' x '.join(str(size) for size in array.shape)} of {array.dtype.name}"

"""Buffers of samples as NumPy arrays, as the interface's ``array`` says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .interface import Array

# The sample types that an interface can name; buffers are little endian and without padding.
DTYPES: Mapping[str, np.dtype[Any]] = {
    "u8": np.dtype("u1"),
    "u16": np.dtype("<u2"),
    "f16": np.dtype("<f2"),
    "f32": np.dtype("<f4"),
}

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def to_array(
    data: bytes | bytearray, described: Array, result: Mapping[str, Any], index: int = 0
) -> NDArray[Any]:
    """Returns `data` as an array, without a copy.

    Args:
        data: the buffer.
        described: names the fields that hold its shape and sample type.
        result: the call's result.
        index: which buffer of its output it is; where `described` has ``items``, that item of the result is
            asked first.

    Raises:
        ValueError: the result does not fit the buffer.
    """
    own = _item(result, described.items, index)

    def find(name: str) -> Any:
        return own.get(name, result.get(name))

    dtype = DTYPES.get(str(find(described.dtype)))
    sizes = [find(name) for name in described.shape]
    shape = [size for size in sizes if isinstance(size, int) and size >= 0]
    if dtype is None or len(shape) < len(sizes):
        raise ValueError("the result does not tell the array's shape and sample type")
    return np.frombuffer(data, dtype).reshape(shape)


def _item(result: Mapping[str, Any], name: str | None, index: int) -> Mapping[str, Any]:
    items = result.get(name) if name is not None else None
    item = items[index] if isinstance(items, list) and index < len(items) else None
    return item if isinstance(item, Mapping) else _NOTHING


def from_arrays(
    given: NDArray[Any] | Sequence[NDArray[Any]],
    described: Array,
    options: Mapping[str, Any] = _NOTHING,
    members: Collection[str] = (),
) -> tuple[list[memoryview], dict[str, Any]]:
    """Returns the buffers of one or more arrays, and the options that tell their shape and sample type.

    Args:
        given: an array of the described shape; it may lack the last axis, for a size of 1. Or a sequence of
            such arrays, or an array with one more axis, the first.
        described: names the options.
        options: those that the caller gives. An array whose size is not the whole image's is told by the item
            that `described.items` has for it.
        members: names that such an item can have; arrays may differ in these sizes alone.

    Raises:
        ValueError: the arrays differ in shape or type, no option tells their type or number of axes, or the
            caller's options say otherwise.
    """
    axes = len(described.shape)
    single = isinstance(given, np.ndarray) and given.ndim <= axes
    arrays = [_with_axes(np.asarray(item), described) for item in ([given] if single else given)]
    if not arrays:
        raise ValueError("there is no array")
    may_differ = [name in members for name in described.shape]
    for index, array in enumerate(arrays):
        fixed = zip(array.shape, arrays[0].shape, may_differ, strict=True)
        if array.dtype != arrays[0].dtype or any(one != other and not may for one, other, may in fixed):
            raise ValueError(
                f"array {index} is {_about(array)}, array 0 is {_about(arrays[0])}; they must be alike"
            )
    codes = {dtype: code for code, dtype in DTYPES.items()}
    dtype = arrays[0].dtype.newbyteorder("<")
    if dtype not in codes:
        known = ", ".join(item.name for item in DTYPES.values())
        raise ValueError(f"arrays of {arrays[0].dtype.name} cannot be given, only of {known}")
    sizes = [dict(zip(described.shape, map(int, array.shape), strict=True)) for array in arrays]
    told = _told(sizes, described, options, members) | {described.dtype: codes[dtype]}
    for name, value in told.items():
        if name != described.items and options.get(name, value) != value:
            raise ValueError(f"the option {name} is {options[name]!r}, but the array says {value!r}")
    return [_plain(array, dtype).data for array in arrays], told


def _told(
    sizes: list[dict[str, int]], described: Array, options: Mapping[str, Any], members: Collection[str]
) -> dict[str, Any]:
    """Returns the options that tell the sizes of arrays, those of single items among them."""
    # None given and no items are the same to a caller.
    given = (options.get(described.items) or None) if described.items is not None else None
    if described.items is None or (given is None and all(each == sizes[0] for each in sizes)):
        return dict(sizes[0])
    if given is None:
        given = [{} for _ in sizes]
    told = {name: value for name, value in sizes[0].items() if name not in members}
    if not _are_items(given) or not given or len(sizes) % len(given):
        # The module says what is wrong with them.
        return told
    items = [dict(item) for item in given]
    for name in members:
        if name in sizes[0]:
            told[name] = _fill(name, sizes, items, described.items, options)
    return told | {described.items: items}


def _fill(
    name: str,
    sizes: list[dict[str, int]],
    items: list[dict[str, Any]],
    list_name: str,
    options: Mapping[str, Any],
) -> int:
    """Tells arrays' sizes on one axis to their items where they differ from the whole, which it returns."""
    found = {each[name] for each in sizes}
    if name not in options and len(found) > 1:
        raise ValueError(f"the arrays differ in {name}: the option {name} must tell the whole image's")
    whole: int = options.get(name, sizes[0][name])
    for index, each in enumerate(sizes):
        # As many arrays as items, or several in a row for each.
        item = items[index * len(items) // len(sizes)]
        if item.setdefault(name, each[name]) != each[name]:
            raise ValueError(
                f"{list_name} tells a {name} of {item[name]!r} for array {index}, which has {each[name]}"
            )
    for item in items:
        if item[name] == whole:
            del item[name]
    return whole


def _are_items(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value)


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

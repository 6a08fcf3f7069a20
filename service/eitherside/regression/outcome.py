"""What a check has to compare: arrays and files, whether a function of the module or the caller made them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import DTYPES
from ..interface import Function
from ..signatures import python_name
from .pictures import Array, Pictures
from .roles import ICC

GIVEN = "picture"
"""The name of what the caller gives."""


@dataclass(frozen=True)
class Part:
    """One array or one file of an outcome.

    Attributes:
        name: of the output.
        array: the samples; None for a file.
        data: the file; empty for an array.
        beside: what the writer must be given with the samples, by the names of its inputs.
        look: tells the extension of a file that is a picture, None of another one; may take long.
    """

    name: str
    array: Array | None = None
    data: bytes = b""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    look: Callable[[bytes], str | None] = lambda _: None

    @cached_property
    def extension(self) -> str | None:
        """The extension of a file that is a picture; None for others and for arrays."""
        return self.look(self.data) if self.array is None else None

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file, or of the samples: little endian, row by row, without padding."""
        if self.array is None:
            return hashlib.sha256(self.data).hexdigest()
        little = np.ascontiguousarray(self.array, self.array.dtype.newbyteorder("<"))
        return hashlib.sha256(little.reshape(-1).view(np.uint8).data).hexdigest()

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown and compared."""
        return self.array is not None or self.extension is not None

    def file(self, pictures: Pictures, *, quick: bool = True) -> bytes:
        """Returns it as a file that the module reads.

        Args:
            pictures: make the file.
            quick: a larger one will do.

        Raises:
            CallError: the samples are of no kind that a file can have.
        """
        return self.data if self.array is None else pictures.write(self.array, self.beside, quick=quick)


@dataclass(frozen=True)
class Outcome:
    """All that a check compares.

    Attributes:
        parts: arrays and files.
        function, options, result: of the module's call; absent where the caller made it.
        inputs: SHA-256 of each of the call's buffers, by the names of its inputs.
    """

    parts: Sequence[Part]
    function: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, list[str]] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None


def of_call(
    function: Function, pictures: Pictures, given: tuple[Mapping[str, Any], Mapping[str, Any]], result: Any
) -> Outcome:
    """Returns what a call gave.

    Args:
        function: that was called.
        pictures: know the formats.
        given: the call's options and buffers, by their names in the interface.
        result: the object that the codec's method gave.
    """
    options, buffers = given
    interface = pictures.roles.interface
    files: dict[str | None, str] = {
        item.media_type: item.extensions[0] for item in interface.formats.values()
    }
    fields = {name: getattr(result, python_name(name)) for name in function.result.get("properties", {})}
    arrays, others = [], []
    beside: dict[str, bytes] = {}
    for item in function.outputs:
        value = getattr(result, python_name(item.name))
        if value is None:
            continue
        values = value if item.repeated else [value]
        if item.array is not None:
            arrays += [(item.name, each) for each in values]
            continue
        chosen = interface.formats.get(str(fields.get(item.format_from)))
        extension = chosen.extensions[0] if chosen is not None else files.get(item.media_type)
        others += [Part(item.name, data=bytes(each), look=_known(extension)) for each in values]
        if values and (goes_with := pictures.roles.input_of(item.media_type)) is not None:
            beside[python_name(goes_with.name)] = bytes(values[0])
    parts = [Part(name, array=each, beside=beside) for name, each in arrays]
    return Outcome([*parts, *others], function.name, options, _digests(buffers), fields)


def _known(extension: str | None) -> Callable[[bytes], str | None]:
    return lambda _: extension


def of_value(value: Any, pictures: Pictures, icc: bytes | None = None) -> Outcome:
    """Returns what a caller gives: arrays, files as bytes or paths, Pillow images, or lists of these.

    Args:
        value: the above. Arrays are uint8, uint16, float16 or float32, (height, width[, channels]).
        pictures: know the formats.
        icc: profile of arrays; sRGB where absent.

    Raises:
        TypeError: it is none of these.
        OSError: a file cannot be read.
    """
    values = list(value) if isinstance(value, list | tuple) else [value]
    if not values:
        raise TypeError("there is no picture to check: the list is empty")
    return Outcome([_part(each, pictures, icc) for each in values])


def _part(value: Any, pictures: Pictures, icc: bytes | None) -> Part:
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(value, pillow.Image):
        icc = icc or value.info.get("icc_profile")
        value = _samples(value)
    if isinstance(value, np.ndarray):
        _check(value)
        return Part(GIVEN, array=value, beside=_profile(pictures, icc))
    if isinstance(value, os.PathLike):
        value = Path(value).read_bytes()
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        return Part(GIVEN, data=data, look=pictures.extension)
    raise TypeError(f"{type(value).__name__} is no picture: give an array, a file as bytes or a path")


def _samples(image: Any) -> Array:
    """Returns the samples of a Pillow image; palettes and bits become what they stand for."""
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    return np.asarray(image)


def _check(array: Array) -> None:
    if array.dtype.newbyteorder("<") not in DTYPES.values():
        known = ", ".join(item.name for item in DTYPES.values())
        raise TypeError(f"an array of {array.dtype.name} is no picture; give {known}")
    if array.ndim not in (2, 3) or 0 in array.shape:
        shape = " x ".join(map(str, array.shape))
        raise TypeError(
            f"an array of {shape} is no picture; give (height, width) or (height, width, channels)"
        )


def _profile(pictures: Pictures, icc: bytes | None) -> dict[str, bytes]:
    if icc is None:
        return {}
    item = pictures.roles.input_of(ICC)
    return {python_name(item.name): icc} if item is not None else {}


def _digests(buffers: Mapping[str, Any]) -> dict[str, list[str]]:
    found = {}
    for name, value in buffers.items():
        several = value if isinstance(value, list) else [value]
        found[name] = [hashlib.sha256(each).hexdigest() for each in several]
    return found

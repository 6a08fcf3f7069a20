"""Pictures by the module: arrays to lossless files and back, scores, and PNG files to look at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import from_arrays
from ..codec import Codec
from ..costs import Facts, needs
from ..errors import CallError, ModuleError
from ..interface import Function
from ..probe import noise
from ..signatures import python_name
from .roles import Roles

_SIDE = 16
_LARGE = 1024

Array = NDArray[Any]


@dataclass(frozen=True)
class Comparison:
    """What the module says of two pictures.

    Attributes:
        result: the comparer's fields, by name.
        difference: where they differ, as a PNG file; None where it was not asked for.
    """

    result: Mapping[str, Any]
    difference: bytes | None = None


class Pictures:
    """The functions of a codec that are about pictures, whatever they are called."""

    def __init__(self, codec: Codec) -> None:
        """Finds the functions.

        Raises:
            ModuleError: the module lacks one.
        """
        self._codec = codec
        self.roles = Roles.of(codec.host.interface)

    @cached_property
    def lossless(self) -> Mapping[str, Any]:
        """The option with which the writer keeps every sample, found by trying those that are switches.

        Raises:
            ModuleError: there is none.
        """
        picture = _noise()
        for name, schema in self.roles.writer.properties.items():
            if schema.get("type") == "boolean" and schema.get("default") is False:
                try:
                    kept = self.read(self._written([picture], {python_name(name): True}))
                except CallError:
                    continue
                if len(kept) == 1 and np.array_equal(kept[0], picture):
                    return {python_name(name): True}
        raise ModuleError(f"no option of {self.roles.writer.name} keeps all samples")

    @cached_property
    def quick(self) -> Mapping[str, Any]:
        """The option with which the writer takes least work, as the description of its cost says."""
        writer = self.roles.writer
        described = writer.inputs[0]
        if described.array is None:
            return {}
        buffers, told = from_arrays(np.zeros((_LARGE, _LARGE, 3), np.uint8), described.array)
        sizes = {described.name: [buffer.nbytes for buffer in buffers]}

        def work(options: Mapping[str, Any]) -> float:
            given = {**told, **self.lossless, **options}
            found = needs(writer.cost.expressions, Facts(given, writer.defaults, sizes)).work
            return found if found is not None else math.inf

        ways: list[dict[str, Any]] = [{}]
        for name, schema in writer.properties.items():
            if schema.get("type") == "integer" and "minimum" in schema and name not in told:
                ways.append({python_name(name): schema["minimum"]})
        return min(ways, key=work)

    def write(self, array: Array, beside: Mapping[str, bytes] | None = None, *, quick: bool = False) -> bytes:
        """Returns an array as a lossless file.

        Args:
            array: uint8, uint16, float16 or float32, (height, width) or (height, width, channels).
            beside: what goes with it, by the names of the writer's inputs: its ICC profile.
            quick: a larger file will do.

        Raises:
            CallError: the writer does not take it.
        """
        way = self.quick if quick else {}
        return self._written([array], {**self.lossless, **way, **(beside or {})})

    def _written(self, arrays: list[Array], arguments: Mapping[str, Any]) -> bytes:
        writer = self.roles.writer
        return bytes(getattr(self._call(writer, arrays, **arguments), python_name(writer.outputs[0].name)))

    def read(self, file: bytes) -> list[Array]:
        """Returns the pictures of a file, as its own sample type: (height, width, channels) each.

        Raises:
            CallError: it cannot be read.
        """
        return self.open(file)[0]

    def open(self, file: bytes) -> tuple[list[Array], dict[str, bytes]]:
        """Returns the pictures of a file as `read` does, and what the writer must be given with them.

        Raises:
            CallError: it cannot be read.
        """
        reader = self.roles.reader
        result = self._call(reader, file)
        beside = {}
        for item in reader.outputs:
            value = None if item.repeated else getattr(result, python_name(item.name))
            if value is not None and (goes_with := self.roles.input_of(item.media_type)) is not None:
                beside[python_name(goes_with.name)] = bytes(value)
        return getattr(result, python_name(reader.outputs[0].name)), beside

    def extension(self, file: bytes) -> str | None:
        """Returns the extension that a file's format has; None where the module does not read it."""
        reader, formats = self.roles.reader, self.roles.interface.formats
        try:
            result = self._call(reader, file)
        except CallError:
            return None
        for name in reader.result.get("properties", {}):
            value = getattr(result, python_name(name))
            if isinstance(value, str) and value in formats:
                return formats[value].extensions[0]
        return None

    def comparison(self, expected: bytes, actual: bytes, *, drawn: bool = False) -> Comparison:
        """Compares two files by the module.

        Args:
            expected: the original.
            actual: what is compared with it.
            drawn: draw the difference, too.

        Raises:
            CallError: they cannot be compared, as those of different sizes.
        """
        comparer = self.roles.comparer
        options = self.roles.to_png(comparer) if drawn else {}
        found = self._call(comparer, expected, actual, **options)
        fields = comparer.result.get("properties", {})
        difference = getattr(found, python_name(comparer.outputs[0].name)) if drawn else None
        return Comparison({name: getattr(found, python_name(name)) for name in fields}, difference)

    def frame(self, array: Array, beside: Mapping[str, bytes] | None = None) -> bytes:
        """Returns an array as a PNG file.

        Raises:
            CallError: it cannot be one.
        """
        return self.png(self.write(array, beside, quick=True))

    def png(self, file: bytes) -> bytes:
        """Returns the picture of a file as a PNG file, the first where there are several.

        Raises:
            CallError: it cannot be one.
        """
        converter = self.roles.converter
        found = self._call(converter, file, **self.roles.to_png(converter))
        return bytes(getattr(found, python_name(converter.outputs[0].name)))

    def _call(self, function: Function, *inputs: Any, **options: Any) -> Any:
        return getattr(self._codec, python_name(function.name))(*inputs, **options)


def _noise() -> Array:
    samples = np.frombuffer(noise(_SIDE * _SIDE * 3), np.uint8)
    return samples.reshape(_SIDE, _SIDE, 3)


def about(array: Array) -> str:
    """Returns an array's shape and sample type in words."""
    return f"{' x '.join(map(str, array.shape))} of {array.dtype.name}"

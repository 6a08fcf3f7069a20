"""What each function of a module is for, as its description shows by inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import ModuleError
from ..interface import Format, Function, Input, Interface

PNG = "image/png"
"""The media type of pictures in reports: all browsers show it."""

ICC = "application/vnd.iccprofile"
"""The media type of ICC profiles."""

_VAGUE = (None, "application/octet-stream")


@dataclass(frozen=True)
class Roles:
    """The functions that the checks need.

    Attributes:
        reader: takes a file and gives arrays.
        writer: takes arrays and gives a file.
        comparer: takes two files and gives scores.
        converter: takes a file and gives one of a format that an option chooses.
    """

    interface: Interface
    reader: Function
    writer: Function
    comparer: Function
    converter: Function

    @classmethod
    def of(cls, interface: Interface) -> Roles:
        """Finds them in an interface.

        Raises:
            ModuleError: one is missing, or several could be meant.
        """

        def only(role: str, fits: Callable[[Function, Sequence[Input]], bool]) -> Function:
            every = interface.functions.values()
            found = [each for each in every if fits(each, _required(each))]
            # A function that also changes the picture asks for more.
            least = min((len(each.properties) for each in found), default=0)
            found = [each for each in found if len(each.properties) == least]
            if len(found) != 1:
                names = ", ".join(each.name for each in found) or "none"
                raise ModuleError(f"golden tests need one function that {role}; the module has {names}")
            return found[0]

        return cls(
            interface,
            reader=only("reads a file to arrays", _reads),
            writer=only("writes arrays to a file", partial(_writes, interface)),
            comparer=only("compares two files", _compares),
            converter=only("turns a file into another format", _converts),
        )

    @property
    def file_extension(self) -> str:
        """The extension of what the writer writes."""
        return self.by_media_type(self.writer.outputs[0].media_type).extensions[0]

    def by_media_type(self, media_type: str | None) -> Format:
        """Returns the format of that media type.

        Raises:
            ModuleError: there is none.
        """
        for item in self.interface.formats.values():
            if item.media_type == media_type:
                return item
        raise ModuleError(f"the module has no format {media_type}")

    def to_png(self, function: Function) -> dict[str, Any]:
        """Returns the options with which a function gives a PNG file.

        Raises:
            ModuleError: it does not.
        """
        name = self.by_media_type(PNG).name
        option = function.format_option
        if option is None or name not in function.properties[option].get("enum", []):
            raise ModuleError(f"{function.name} gives no {PNG}")
        return {option: name}

    def input_of(self, media_type: str | None) -> Input | None:
        """Returns the writer's input that takes, beside the samples, what has that media type.

        None where there is none, or the media type does not say what it is.
        """
        if media_type in _VAGUE:
            return None
        for item in self.writer.inputs:
            if item.optional and not item.repeated and item.media_type == media_type:
                return item
        return None


def _required(function: Function) -> list[Input]:
    return [item for item in function.inputs if not item.optional]


def _is_file(item: Input) -> bool:
    return bool(item.formats) and not item.repeated


def _reads(function: Function, inputs: Sequence[Input]) -> bool:
    output = function.outputs[0] if function.outputs else None
    is_array = output is not None and output.array is not None and not output.optional
    return is_array and len(inputs) == 1 and _is_file(inputs[0])


def _writes(interface: Interface, function: Function, inputs: Sequence[Input]) -> bool:
    output = function.outputs[0] if function.outputs else None
    known = {item.media_type for item in interface.formats.values()}
    is_file = output is not None and output.media_type in known and not output.optional
    return is_file and len(inputs) == 1 and inputs[0].array is not None


def _compares(function: Function, inputs: Sequence[Input]) -> bool:
    return len(inputs) == 2 and all(_is_file(item) for item in inputs)


def _converts(function: Function, inputs: Sequence[Input]) -> bool:
    output = function.outputs[0] if function.outputs else None
    is_file = output is not None and output.format_from is not None and not output.optional
    return is_file and len(inputs) == 1 and _is_file(inputs[0])

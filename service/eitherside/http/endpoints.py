"""What the service offers for each function: the module's own, widened by the formats that Pillow adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..foreign import Foreign
from ..foreign.formats import APNG, PNG
from ..interface import Format, Function, Input, Interface

OCTETS = "application/octet-stream"


@dataclass(frozen=True)
class Endpoint:
    """One function over HTTP."""

    function: Function
    interface: Interface
    foreign: Foreign

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name

    @cached_property
    def format_option(self) -> str | None:
        """The option that `Accept` chooses where it is absent."""
        return self.function.format_option

    @cached_property
    def own_formats(self) -> list[Format]:
        """Formats that the module itself writes, for this function."""
        if self.format_option is None:
            return []
        names = self.function.properties[self.format_option].get("enum", [])
        return [self.interface.formats[name] for name in names if name in self.interface.formats]

    @cached_property
    def foreign_input(self) -> Input | None:
        """The input that Pillow's formats can stand in for: one that lists formats, PNG among them."""
        if self.format_option is None or not self.foreign.formats:
            return None
        for item in self.function.inputs:
            if any(self.interface.formats[name].media_type == PNG for name in item.formats):
                return item
        return None

    @cached_property
    def foreign_reads(self) -> list[Format]:
        """Formats that Pillow reads for this function."""
        return [item for item in self.foreign.formats if item.read] if self.foreign_input is not None else []

    @cached_property
    def foreign_writes(self) -> list[Format]:
        """Formats that Pillow writes for this function."""
        if self.foreign_input is None or self.bridge(False) is None:
            return []
        own = {item.name for item in self.own_formats}
        return [item for item in self.foreign.formats if item.write and item.name not in own]

    def bridge(self, animated: bool) -> Format | None:
        """Returns the format in which the module hands images to Pillow."""
        found = {item.media_type: item for item in reversed(self.own_formats)}
        return (found.get(APNG) if animated else None) or found.get(PNG)

    @cached_property
    def formats(self) -> list[Format]:
        """All formats that the format option may name."""
        return [*self.own_formats, *self.foreign_writes]

    @cached_property
    def options(self) -> dict[str, Any]:
        """JSON Schema of the options as the service takes them."""
        schema = dict(self.function.options)
        schema["properties"] = dict(self.properties)
        return schema

    @cached_property
    def properties(self) -> Mapping[str, dict[str, Any]]:
        """Schema of each option as the service takes it.

        Where an option of Pillow's has the name of one of the module's, both schemas are there: which of them
        holds depends on the output's format.
        """
        merged = dict(self.function.properties)
        if self.format_option is not None and self.foreign_writes:
            own = merged[self.format_option]
            names = [*own.get("enum", []), *(item.name for item in self.foreign_writes)]
            merged[self.format_option] = {**own, "enum": names}
        for item in self.foreign_writes:
            for name, schema in self.foreign.options(item.name).items():
                merged[name] = _either(merged.get(name), {**schema, "x-eitherside-format": item.name})
        return merged

    @cached_property
    def output_types(self) -> list[str]:
        """Every media type that an output may have."""
        kinds = [
            item.media_type
            for output in self.function.outputs
            if output.format_from
            for item in self._written(output.format_from)
        ]
        kinds += [output.media_type or OCTETS for output in self.function.outputs if not output.format_from]
        return list(dict.fromkeys(kinds))

    def _written(self, field: str) -> list[Format]:
        return self.formats or [item for item in self.interface.formats.values() if item.write]

    @cached_property
    def is_fixed(self) -> bool:
        """Whether an answer has the same number of outputs whatever is asked."""
        return not any(output.repeated or output.optional for output in self.function.outputs)

    def input_types(self, item: Input) -> list[str]:
        """Returns the media types under which the input `item` may be sent."""
        kinds = [self.interface.formats[name].media_type for name in item.formats]
        if item is self.foreign_input:
            kinds += [found.media_type for found in self.foreign_reads]
        if item.media_type:
            kinds.append(item.media_type)
        return list(dict.fromkeys([*kinds, OCTETS]))


def _either(first: dict[str, Any] | None, second: dict[str, Any]) -> dict[str, Any]:
    """Joins two schemas of one option. A default of one is wrong for the other, so there is none on top."""
    if first is None:
        return {
            **{name: value for name, value in second.items() if name != "default"},
            "x-eitherside-default": second["default"],
        }
    branches = first.get("anyOf", [first])
    types = {kind for branch in [*branches, second] for kind in _types(branch)}
    title: dict[str, Any] = {name: first[name] for name in ("title", "description") if name in first}
    return {"type": sorted(types), "anyOf": [*branches, second], **title}


def _types(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)

"""What a module says of how it is tested by a conformance suite: the member ``conformance`` (docs/abi.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import ModuleError
from ..interface import Interface


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Call(_Part):
    """A call of `function` with these options and the file as `input`."""

    function: str
    input: str
    options: dict[str, Any] = {}


class Decoding(Call):
    """The call that decodes to floats.

    Attributes:
        profiles: options that are added, in turn, until the samples are in the reference's profile.
        preview: options that are added for the embedded preview instead of the frames.
        samples: output with the colour channels of each frame, and its alpha.
        extra: output with other extra channels, one buffer for each frame and channel; `frame` and `channel`
            name what says of which they are, in the items of the output's array.
        icc: output with the profile of the samples.
        premultiplied: field of the result that tells whether colours are multiplied by alpha.
    """

    profiles: list[dict[str, Any]] = [{}]
    preview: dict[str, Any] | None = None
    samples: str
    extra: str | None = None
    frame: str = "frame"
    channel: str = "channel"
    icc: str
    premultiplied: str | None = None


class Reconstruction(Call):
    """The call whose `output` is the reconstructed file."""

    output: str


class Field(_Part):
    """Where a fact is in a result: a path (``/frames/*/name``, ``*`` for every item), or several paths.

    `names` has other names of texts, those of the suite.
    """

    at: str | list[str]
    names: dict[str, str] = {}


class Facts(Call):
    """The call whose result has the facts: `fields` says where, by the suite's paths."""

    fields: dict[str, Field]
    colour_channels: Field
    extra_channels: Field


class Description(_Part):
    """How the functions of a module are tested."""

    suite: str
    samples: Decoding
    jpeg: Reconstruction
    facts: Facts

    @classmethod
    def of(cls, interface: Interface) -> Description:
        """Reads it out of an interface.

        Raises:
            ModuleError: it has none, or a malformed one.
        """
        raw = interface.raw.get("conformance")
        if raw is None:
            raise ModuleError("the module does not say how it is tested: its interface has no conformance")
        try:
            found = cls.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            where = "/".join(str(step) for step in first["loc"])
            raise ModuleError(f"the interface is malformed at /conformance/{where}: {first['msg']}") from None
        for call in (found.samples, found.jpeg, found.facts):
            if call.function not in interface.functions:
                raise ModuleError(f"the interface's conformance names the unknown function {call.function}")
        return found


def lookup(result: Mapping[str, Any], field: Field) -> Any:
    """Returns the fact that is at a field; several paths give one list, in order.

    Raises:
        KeyError: it is not there.
    """
    if isinstance(field.at, list):
        found: list[Any] = []
        for path in field.at:
            value = _at(result, path.strip("/").split("/"), field.names)
            found += value if isinstance(value, list) else [value]
        return found
    return _at(result, field.at.strip("/").split("/"), field.names)


def _at(value: Any, steps: list[str], names: Mapping[str, str]) -> Any:
    for index, step in enumerate(steps):
        if step == "*":
            if not isinstance(value, list):
                raise KeyError("/".join(steps[: index + 1]))
            return [_at(item, steps[index + 1 :], names) for item in value]
        if not isinstance(value, Mapping) or step not in value:
            raise KeyError("/".join(steps[: index + 1]))
        value = value[step]
    return names.get(value, value) if isinstance(value, str) else value

"""A call as it is given, checked before it goes anywhere: the same errors in every place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .errors import BAD_CALL, CallError
from .interface import Function, Interface

Buffer = bytes | bytearray | memoryview
Inputs = Mapping[str, Buffer | Sequence[Buffer]]


@dataclass(frozen=True)
class Request:
    """A call of a function.

    Attributes:
        function: as described.
        options: those given.
        text: the options as JSON.
        rows: for each buffer the index of its input in the interface, and its bytes.
    """

    function: Function
    options: Mapping[str, Any]
    text: bytes
    rows: Sequence[tuple[int, memoryview]]

    @classmethod
    def make(cls, interface: Interface, name: str, options: Mapping[str, object], inputs: Inputs) -> Request:
        """Checks that the function is there, that the options are JSON, and that the inputs fit its own.

        Raises:
            CallError: bad_call.
        """
        function = interface.functions.get(name)
        if function is None:
            raise CallError(interface.errors[BAD_CALL], f"the module has no function {name}")
        try:
            return cls(function, options, options_text(options), input_rows(function, inputs))
        except ValueError as error:
            raise CallError(interface.errors[BAD_CALL], str(error)) from None

    @cached_property
    def buffers(self) -> Mapping[str, Sequence[memoryview]]:
        """The buffers by the names of their inputs; inputs without any are left out."""
        found: dict[str, list[memoryview]] = {}
        for index, view in self.rows:
            found.setdefault(self.function.inputs[index].name, []).append(view)
        return found

    @property
    def bytes_in(self) -> int:
        """Bytes of all buffers."""
        return sum(view.nbytes for _, view in self.rows)


def options_text(options: Mapping[str, object]) -> bytes:
    """Returns options as JSON.

    Raises:
        ValueError: JSON has no such values.
    """
    try:
        return json.dumps(dict(options), allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the options are not JSON: {error}") from None


def input_rows(function: Function, inputs: Inputs, pushed: str | None = None) -> list[tuple[int, memoryview]]:
    """Returns a row for each buffer: the index of its input, and its bytes.

    Args:
        function: whose inputs they are.
        inputs: buffers by the names of inputs.
        pushed: name of the input that comes later, in pieces.

    Raises:
        ValueError: an input is unknown, missing, given too often, or no buffer of bytes.
    """
    names = [item.name for item in function.inputs]
    if unknown := set(inputs) - set(names):
        known = ", ".join(names) or "none"
        raise ValueError(f"{function.name} has no input {min(unknown)}; its inputs: {known}")
    rows: list[tuple[int, memoryview]] = []
    for index, item in enumerate(function.inputs):
        given = inputs.get(item.name, ())
        buffers = [given] if isinstance(given, Buffer) else list(given)
        if item.name == pushed:
            if buffers:
                raise ValueError(f"the input {item.name} is pushed, not given")
            continue
        if not buffers and not item.optional:
            raise ValueError(f"the input {item.name} is missing")
        if len(buffers) > 1 and not item.repeated:
            raise ValueError(f"the input {item.name} takes one buffer, not {len(buffers)}")
        rows += [(index, bytes_view(item.name, buffer)) for buffer in buffers]
    return rows


def bytes_view(name: str, buffer: Buffer) -> memoryview:
    """Returns the bytes of a buffer for the input `name`.

    Raises:
        ValueError: it is no contiguous buffer.
    """
    try:
        view = memoryview(buffer)
        # Python cannot cast a view of nothing.
        return view.cast("B") if view.nbytes else memoryview(b"")
    except TypeError:
        raise ValueError(f"the input {name} is not a contiguous buffer of bytes") from None

"""The function by which a file becomes one of a chosen format."""

from __future__ import annotations

from collections.abc import Iterable

from ..interface import Function


def maker(functions: Iterable[Function]) -> Function | None:
    """Returns the function that takes one file and gives one file of a chosen format, if there is one."""
    for function in functions:
        needed = [item for item in function.inputs if not item.optional]
        one = len(function.outputs) == 1 and not (
            function.outputs[0].optional or function.outputs[0].repeated
        )
        if function.format_option and one and len(needed) == 1 and function.inputs[0].formats:
            return function
    return None

"""Writes codec.pyi, the types of the methods that codecs have with the module that was shipped."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path

from .interface import Function, Interface
from .module import Module
from .signatures import (
    Parameter,
    async_docstring,
    async_name,
    docstring,
    literal,
    parameters,
    pushed_docstring,
    pushed_parameters,
    result_fields,
    result_name,
)

_HEAD = """\
# Made by "python -m eitherside.stubs" from the interface of the module; do not edit.
import os
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, type_check_only

from numpy.typing import NDArray

from .connection import CallSettings, Connection, Explanation
from .host import Host
from .module import Module
from .places import Progress
from .planner import Priority
from .provenance import Provenance
from .settings import Settings
from .stream import Stream

Data: TypeAlias = bytes | bytearray | memoryview | os.PathLike[str]
"""

_STREAM = "from .stream import Stream\n"

_METHODS = """\
@type_check_only
class _Methods:
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
"""

_CLASSES = """\
class Codec(_Methods):
    host: Host
    def __init__(
        self, module: Module | Path | str | None = None, settings: Settings | None = None
    ) -> None: ...

class Connected(_Methods):
    connection: Connection
    def __init__(self, connection: Connection, settings: CallSettings | None = None) -> None: ...
    def using(
        self,
        *,
        place: Literal["auto", "local", "server"] | None = ...,
        cancel: threading.Event | None = ...,
        time_limit: float | None = ...,
        deadline: float | datetime | None = ...,
        priority: Priority = ...,
        memory_limit: int | None = ...,
        threads: int | None = ...,
        progress: Progress | None = ...,
    ) -> Connected: ...
    def explain(self, function: str, *args: Any, **kwargs: Any) -> Explanation: ...
"""


def stub(interface: Interface) -> str:
    """Returns the contents of codec.pyi for a module's interface."""
    functions = interface.functions.values()
    head = _HEAD if any(function.pushed for function in functions) else _HEAD.replace(_STREAM, "")
    methods = "".join(_method(function, interface) + _async(function) for function in functions)
    results = [_result(function) + _callable(function, interface) for function in functions]
    return "\n".join([head, *results, _METHODS + methods, _CLASSES])


def _result(function: Function) -> str:
    lines = ["@type_check_only", f"class {result_name(function)}:"]
    lines += [f"    {name}: {hint}" for name, hint, _ in result_fields(function)]
    lines.append("    provenance: Provenance")
    return "\n".join(lines) + "\n"


def _method(function: Function, interface: Interface) -> str:
    if function.pushed is not None:
        return f"    {function.name}: {_callable_name(function)}\n"
    return _definition(
        function.name, parameters(function), result_name(function), docstring(function, interface)
    )


def _async(function: Function) -> str:
    name, result = async_name(function.name), result_name(function)
    return _definition(name, parameters(function), result, async_docstring(function), kind="async def")


def _callable_name(function: Function) -> str:
    return result_name(function).removesuffix("Result") + "Method"


def _callable(function: Function, interface: Interface) -> str:
    """Returns the class of a method that has an attribute `pushed`; nothing for a plain one."""
    if function.pushed is None:
        return ""
    name = result_name(function)
    lines = ["", "@type_check_only", f"class {_callable_name(function)}:"]
    call = _definition("__call__", parameters(function), name, docstring(function, interface))
    pushed = _definition("pushed", pushed_parameters(function), f"Stream[{name}]", pushed_docstring(function))
    return "\n".join(lines) + "\n" + call + pushed


def _definition(name: str, given: list[Parameter], result: str, text: str, *, kind: str = "def") -> str:
    lines = [f"    {kind} {name}(", "        self,"]
    starred = False
    for item in given:
        if not starred and not (item.kind == "input" and item.required):
            lines.append("        *,")
            starred = True
        default = "" if item.default is inspect.Parameter.empty else f" = {literal(item.default)}"
        lines.append(f"        {item.name}: {item.annotation}{default},")
    lines.append(f"    ) -> {result}:")
    doc = textwrap.indent(text.replace("\\", "\\\\"), " " * 8).strip()
    lines += [f'        """{doc}', '        """', ""]
    return "\n".join(lines)


def main() -> None:
    """Writes the file anew."""
    path = Path(__file__).with_name("codec.pyi")
    path.write_text(stub(Module.shipped().interface))


if __name__ == "__main__":
    main()

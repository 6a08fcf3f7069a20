"""A function of the interface as a Python function: parameters, types and docstring."""

from __future__ import annotations

import inspect
import json
import keyword
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .errors import ModuleError
from .interface import Function, Input, Interface, Output

_WIDTH = 100
_SCALARS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter: of an input or of an option."""

    name: str
    kind: Literal["input", "option"]
    described: str
    annotation: str
    default: Any
    doc: str

    @property
    def required(self) -> bool:
        """Whether there is no call without it."""
        return self.default is inspect.Parameter.empty


def python_name(name: str) -> str:
    """Returns `name` as Python can have it: with an underscore after it where it is a keyword."""
    return f"{name}_" if keyword.iskeyword(name) else name


def async_name(name: str) -> str:
    """Returns the name of a function's twin for asyncio."""
    return python_name(f"a{name}")


def annotation(schema: Mapping[str, Any], *, sequence: str = "Sequence") -> str:
    """Returns the Python type of what a JSON Schema describes."""
    if values := schema.get("enum"):
        return f"Literal[{', '.join(literal(value) for value in values)}]"
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(annotation({**schema, "type": item}, sequence=sequence) for item in kind)
    if kind == "array":
        return f"{sequence}[{annotation(schema.get('items', {}), sequence=sequence)}]"
    return _SCALARS.get(str(kind), "Any")


def literal(value: Any) -> str:
    """Returns the Python literal of a JSON value, as the project's layout has it."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def parameters(function: Function) -> list[Parameter]:
    """Returns the parameters of a function: required inputs, then optional inputs, then options.

    Raises:
        ModuleError: an input and an option have the same name.
    """
    filled = {
        name for item in function.inputs if item.array for name in (*item.array.shape, item.array.dtype)
    }
    found = [_input(item) for item in sorted(function.inputs, key=lambda item: item.optional)]
    for name, schema in function.properties.items():
        required = name in function.required and name not in filled
        default = inspect.Parameter.empty if required else schema.get("default")
        hint = annotation(schema)
        doc = _sentences(schema.get("description", ""), _unit(schema), _range(schema))
        if name in filled:
            doc = _sentences(doc, "Taken from the array where one is given.")
        hint = hint if required or default is not None else f"{hint} | None"
        found.append(Parameter(python_name(name), "option", name, hint, default, doc))
    if len({item.name for item in found}) < len(found):
        raise ModuleError(f"{function.name} has an input and an option of the same name")
    return found


def _input(item: Input) -> Parameter:
    hint = "Data | NDArray[Any]" if item.array else "Data"
    if item.repeated:
        hint = f"{hint} | Sequence[{hint}]"
    doc = item.summary
    if item.array:
        doc = _sentences(
            doc, f"Arrays of the shape ({', '.join(item.array.shape)}), or buffers with options."
        )
    if item.optional:
        return Parameter(python_name(item.name), "input", item.name, f"{hint} | None", None, doc)
    return Parameter(python_name(item.name), "input", item.name, hint, inspect.Parameter.empty, doc)


def pushed_parameters(function: Function) -> list[Parameter]:
    """Returns the parameters that a pushed call begins with: all but the input that comes in pieces."""
    pushed = function.pushed.input if function.pushed is not None else None
    return [item for item in parameters(function) if (item.kind, item.described) != ("input", pushed)]


def signature(function: Function, *, pushed: bool = False) -> inspect.Signature:
    """Returns the signature of the Python function: required inputs by position, all else by name.

    Args:
        function: as described.
        pushed: of the method that begins a pushed call, instead.
    """
    found = []
    for item in pushed_parameters(function) if pushed else parameters(function):
        positional = item.kind == "input" and item.required
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if positional else inspect.Parameter.KEYWORD_ONLY
        found.append(inspect.Parameter(item.name, kind, default=item.default, annotation=item.annotation))
    # A required option may come after an optional input, as all of these go by name.
    name = result_name(function)
    return inspect.Signature(found, return_annotation=f"Stream[{name}]" if pushed else name)


def result_name(function: Function) -> str:
    """Returns the name of the class of a function's results."""
    return "".join(part.capitalize() for part in function.name.split("_")) + "Result"


def result_fields(function: Function) -> list[tuple[str, str, str]]:
    """Returns name, type and description of each field of a function's results: outputs, then result fields.

    Raises:
        ModuleError: an output and a field have the same name.
    """
    found = [(python_name(item.name), _output(item), item.summary) for item in function.outputs]
    for name, schema in function.result.get("properties", {}).items():
        hint = annotation(schema, sequence="list")
        if name not in function.result.get("required", []) and "None" not in hint:
            hint = f"{hint} | None"
        found.append((python_name(name), hint, schema.get("description", "")))
    if len({name for name, _, _ in found}) < len(found):
        raise ModuleError(f"{function.name} has an output and a result field of the same name")
    return found


def _output(item: Output) -> str:
    hint = "NDArray[Any]" if item.array else "bytes"
    if item.repeated:
        return f"list[{hint}]"
    return f"{hint} | None" if item.optional else hint


def docstring(function: Function, interface: Interface) -> str:
    """Returns the docstring of a function, in Google's style."""
    lines = [function.summary, ""]
    if function.description:
        lines += [*textwrap.wrap(function.description, _WIDTH), ""]
    lines += _part("Args:", [(item.name, item.doc) for item in parameters(function)])
    lines += _part("Returns:", [(name, doc) for name, _, doc in result_fields(function)])
    codes = "; ".join(f"{code}: {interface.errors[code].title}" for code in function.errors)
    lines += _part("Raises:", [("CallError", codes)])
    return "\n".join(lines).rstrip()


def async_docstring(function: Function) -> str:
    """Returns the docstring of a function's twin for asyncio."""
    name = python_name(function.name)
    text = (
        f"`{name}` for asyncio: the same arguments, result and errors. It waits in a thread while the event "
        "loop goes on, and cancelling the task stops the call."
    )
    return "\n".join([function.summary, "", *textwrap.wrap(text, _WIDTH)])


def pushed_docstring(function: Function) -> str:
    """Returns the docstring of the method that begins a pushed call."""
    name = function.pushed.input if function.pushed is not None else ""
    text = (
        f"Begins a call whose {name} is pushed in pieces as they arrive: a context manager, with `push` for "
        "each piece and `finish` after the last. It runs here, never on a service."
    )
    lines = [
        f"{function.summary} From pieces, with results in between.",
        "",
        *textwrap.wrap(text, _WIDTH),
        "",
    ]
    if found := pushed_parameters(function):
        lines += _part("Args:", [(item.name, item.doc) for item in found])
    return "\n".join(lines).rstrip()


def _part(title: str, items: list[tuple[str, str]]) -> list[str]:
    lines = [title]
    for name, text in items:
        wrapped = textwrap.wrap(f"{name}: {text}", _WIDTH - 4, subsequent_indent="    ")
        lines += [f"    {line}" for line in wrapped]
    return [*lines, ""]


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _unit(schema: Mapping[str, Any]) -> str:
    return f"Unit: {schema['unit']}." if "unit" in schema else ""


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"From {low} to {high}."
    return ""

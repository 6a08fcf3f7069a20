"""Options of a call, from query and JSON part; what is wrong with a value is the module's to say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from .problems import Problem

MAX_JSON = 4 << 20
"""Largest JSON of options in bytes."""

MAX_DEPTH = 32
"""How deeply JSON of options may be nested."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?\Z")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_UNFIT = object()

Schema = Mapping[str, Any]


def from_query(arguments: MultiDict[str, str], properties: Mapping[str, Schema]) -> dict[str, object]:
    """Types the query's parameters by their schemas.

    A text that is not of the schema's type stays a text, and a name that is not known stays too: the module
    refuses both, in the same words as everywhere else.

    Raises:
        Problem: a parameter is given twice.
    """
    options: dict[str, object] = {}
    for name, values in arguments.lists():
        if len(values) > 1:
            raise Problem(
                "bad_option",
                f"the query parameter {_shown(name)} is given {len(values)} times",
                option=pointer(name),
            )
        options[name] = typed(values[0], properties.get(name, {}))
    return options


def from_json(data: bytes | bytearray | memoryview, what: str = "the part options") -> dict[str, object]:
    """Reads the JSON part of options, or a body that is such an object.

    Args:
        data: the text.
        what: what it is called in problems.

    Raises:
        Problem: it is not one JSON object, or a name is in it twice.
    """
    if len(data) > MAX_JSON:
        raise Problem("body_too_large", f"{what} is longer than {MAX_JSON} bytes")
    try:
        found = json.loads(bytes(data), object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        where = (
            f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise Problem("bad_request", f"{what} is not JSON{where}") from None
    if not isinstance(found, dict):
        raise Problem("bad_request", f"{what} is not a JSON object")
    if not _is_shallow(found):
        raise Problem("bad_request", f"{what} is nested more than {MAX_DEPTH} levels deep")
    return found


def merged(query: Mapping[str, object], part: Mapping[str, object]) -> dict[str, object]:
    """Returns the options of both places.

    Raises:
        Problem: one is in both.
    """
    for name in part:
        if name in query:
            raise Problem(
                "bad_option",
                f"the option {_shown(name)} is both in the query and in the part options",
                option=pointer(name),
            )
    return {**query, **part}


def canonical(options: Mapping[str, object], properties: Mapping[str, Schema]) -> dict[str, object]:
    """Returns `options` with defaults filled in and whole numbers as integers: equal meanings are equal."""
    filled = {name: schema["default"] for name, schema in properties.items() if "default" in schema}
    return {name: _whole(value) for name, value in {**filled, **options}.items()}


def typed(text: str, schema: Schema) -> object:
    """Returns the value that `text` stands for under `schema`; the text itself where it stands for none."""
    types = schema.get("type", "string")
    for kind in [types] if isinstance(types, str) else types:
        reader = _READERS.get(kind)
        value = reader(text, schema) if reader is not None else _UNFIT
        if value is not _UNFIT:
            return value
    return text


def pointer(name: str) -> str:
    """Returns the JSON Pointer (RFC 6901) to the member `name`."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _shown(name: str) -> str:
    return json.dumps(name[:80])


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value


def _number(text: str, schema: Schema) -> object:
    if _INTEGER.match(text):
        return int(text)
    if not _NUMBER.match(text):
        return _UNFIT
    value = float(text)
    return value if abs(value) != float("inf") else _UNFIT


def _integer(text: str, schema: Schema) -> object:
    value = _number(text, schema)
    return _whole(value) if isinstance(value, float) else value


def _array(text: str, schema: Schema) -> object:
    if text.lstrip().startswith("["):
        return _json(text, schema)
    items = schema.get("items", {})
    return [typed(item.strip(), items) for item in text.split(",")] if text.strip() else []


def _json(text: str, schema: Schema) -> object:
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_constant)
    except (ValueError, RecursionError):
        return _UNFIT
    return found if _is_shallow(found) else _UNFIT


def _is_shallow(value: object, levels: int = MAX_DEPTH) -> bool:
    """Tells whether everything that walks through `value` may do so by recursion."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in inner)


_READERS: dict[str, Callable[[str, Schema], object]] = {
    "string": lambda text, schema: text,
    "boolean": lambda text, schema: _BOOLEANS.get(text.lower(), _UNFIT),
    "null": lambda text, schema: None if text == "null" else _UNFIT,
    "integer": _integer,
    "number": _number,
    "array": _array,
    "object": _json,
}

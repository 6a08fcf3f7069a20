"""A function's options as flags of a command."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import click

from ..interface import Function
from .failure import flag_name
from .kinds import Json, Named

_TYPES: Mapping[str, Any] = {"integer": int, "number": float, "boolean": bool}

Formats = Callable[[], Iterable[str]]


def option_flags(
    function: Function,
    *,
    required: Collection[str],
    taken: Collection[str] = (),
    formats: Formats = tuple,
) -> list[click.Option]:
    """Returns a flag for each option of a function.

    Args:
        function: as described.
        required: the options that must be given.
        taken: flags that the command has for itself; an option of that name is `--option-NAME`.
        formats: tells the names of formats that the service adds, for shells.
    """
    flags = {name: flag_name(name) for name in function.properties}
    return [
        _flag(
            name,
            schema,
            flags[name] if flags[name] not in taken else flag_name(f"option_{name}"),
            name in required,
            formats,
        )
        for name, schema in function.properties.items()
    ]


def _flag(name: str, schema: Mapping[str, Any], flag: str, required: bool, formats: Formats) -> click.Option:
    if schema.get("type") == "boolean":
        flag = f"{flag}/--no-{flag[2:]}"
    text = " ".join(part for part in (schema.get("description", ""), _facts(schema)) if part)
    names = [flag, f"option_{name}"]
    if required:
        return click.Option(names, type=_type(schema, formats), required=True, help=text)
    # None, not the schema's default: what was not given is left to the module.
    return click.Option(names, type=_type(schema, formats), default=None, help=text)


def _type(schema: Mapping[str, Any], formats: Formats) -> Any:
    values = schema.get("enum")
    if values and all(isinstance(value, str) for value in values):
        return Named(values, formats) if schema.get("format_option") else click.Choice(values)
    if schema.get("type") in ("array", "object"):
        items = schema.get("items", {})
        return Json(texts=items.get("type") == "string", values=items.get("enum", ()))
    return _TYPES.get(str(schema.get("type")), str)


def _facts(schema: Mapping[str, Any]) -> str:
    facts = []
    if "minimum" in schema and "maximum" in schema:
        facts.append(f"{schema['minimum']} to {schema['maximum']}")
    if "unit" in schema:
        facts.append(str(schema["unit"]))
    if "default" in schema:
        facts.append(f"default: {json.dumps(schema['default'])}")
    return f"[{'; '.join(facts)}]" if facts else ""


def given_options(arguments: dict[str, Any]) -> dict[str, Any]:
    """Takes the values of the options' flags out of a command's arguments."""
    keys = [key for key in arguments if key.startswith("option_")]
    taken = {key.removeprefix("option_"): arguments.pop(key) for key in keys}
    return {name: value for name, value in taken.items() if value is not None}

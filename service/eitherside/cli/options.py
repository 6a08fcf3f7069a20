"""A function's options as flags of a command."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import click

from ..interface import Function
from .context import flag_name

_TYPES: Mapping[str, Any] = {"integer": int, "number": float, "boolean": bool}


class Json(click.ParamType[Any]):
    """An array: JSON, or its items with commas between; texts need no quotes then."""

    name = "list"

    def __init__(self, texts: bool = False) -> None:
        """Makes the type of arrays, of `texts` or of anything else."""
        self._texts = texts

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the value parsed."""
        if not isinstance(value, str):
            return value
        if self._texts and not value.lstrip().startswith("["):
            return [item.strip() for item in value.split(",")] if value.strip() else []
        try:
            return json.loads(value if value.lstrip().startswith("[") else f"[{value}]")
        except ValueError:
            self.fail(f"{value!r} is neither JSON nor a list with commas", param, ctx)


def option_flags(function: Function, *, required: Collection[str]) -> list[click.Option]:
    """Returns a flag for each option of a function, which must be given for those of `required`."""
    return [_flag(name, schema, name in required) for name, schema in function.properties.items()]


def _flag(name: str, schema: Mapping[str, Any], required: bool) -> click.Option:
    flag = flag_name(name)
    if schema.get("type") == "boolean":
        flag = f"{flag}/--no-{flag[2:]}"
    text = " ".join(part for part in (schema.get("description", ""), _facts(schema)) if part)
    names = [flag, f"option_{name}"]
    if required:
        return click.Option(names, type=_type(schema), required=True, help=text)
    # None, not the schema's default: what was not given is left to the module.
    return click.Option(names, type=_type(schema), default=None, help=text)


def _type(schema: Mapping[str, Any]) -> Any:
    values = schema.get("enum")
    if values and all(isinstance(value, str) for value in values) and not schema.get("format_option"):
        return click.Choice(values)
    if schema.get("type") in ("array", "object"):
        return Json(texts=schema.get("items", {}).get("type") == "string")
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

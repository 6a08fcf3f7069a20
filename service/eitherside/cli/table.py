"""A result as tables, with the titles and units that the interface gives its fields."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..interface import Function

if TYPE_CHECKING:
    from rich.table import Table

PRESENTATION = "presentation"
# Where standard output is no terminal nothing tells how wide it is.
_WIDTH = 120
_NOTHING = "-"


def is_table(function: Function) -> bool:
    """Tells whether people read the function's result, so that it is shown as a table."""
    return function.result.get(PRESENTATION) == "table"


def print_tables(function: Function, result: Mapping[str, Any]) -> None:
    """Prints a result: a line for each field, and a table of its own for each list of objects.

    Args:
        function: describes the fields: their `title` and `unit` in the schema of the result.
        result: what the function answered.
    """
    from rich.console import Console
    from rich.table import Table

    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    properties: Mapping[str, dict[str, Any]] = function.result.get("properties", {})
    known = [name for name in properties if name in result]
    lists = [name for name in lists_of(function) if name in result]
    table = Table("", "", "", box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.columns[1].justify = "right"
    for name in known:
        if name not in lists:
            table.add_row(
                title_of(name, properties[name]), shown(result[name]), unit_of(properties[name], result[name])
            )
    console.print(table)
    for name in lists:
        console.print()
        console.print(f"[bold]{title_of(name, properties[name])}[/]")
        console.print(_list_table(properties[name]["items"], result[name]))


def lists_of(function: Function) -> list[str]:
    """Returns the fields of the result that are lists of objects, each a table of its own."""
    properties: Mapping[str, dict[str, Any]] = function.result.get("properties", {})
    return [name for name, schema in properties.items() if _is_list_of_objects(schema)]


def _is_list_of_objects(schema: Mapping[str, Any]) -> bool:
    items = schema.get("items")
    return schema.get("type") == "array" and isinstance(items, dict) and "properties" in items


def _list_table(schema: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Table:
    """Returns a table with a row for each object, numbered from 0, and a column for each member."""
    from rich.table import Table

    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("", justify="right")
    columns: Mapping[str, dict[str, Any]] = schema["properties"]
    for name, described in columns.items():
        unit = described.get("unit")
        table.add_column(f"{title_of(name, described)}{f' ({unit})' if unit else ''}", justify="right")
    for number, item in enumerate(items):
        table.add_row(str(number), *(shown(item.get(name)) for name in columns))
    return table


def title_of(name: str, schema: Mapping[str, Any]) -> str:
    """Returns what a field is called for people."""
    return str(schema.get("title", name))


def unit_of(schema: Mapping[str, Any], value: Any) -> str:
    """Returns the unit of a field's value; nothing where there is no value."""
    return str(schema.get("unit", "")) if value is not None else ""


def shown(value: Any) -> str:
    """Returns a value for people."""
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)

"""Commands that tell what there is: the functions, and the module."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ..interface import Function
from ..signatures import annotation
from .context import Context, json_flag, to_stdout
from .failure import flag_name, told

if TYPE_CHECKING:
    from rich.table import Table


@click.command("functions")
@json_flag
@click.pass_obj
def functions_command(context: Context, as_json: bool) -> None:
    """Lists the functions of the module and their options; as JSON, the module's whole interface."""
    with told():
        interface = context.interface
        if as_json:
            to_stdout(interface.raw)
            return
        from rich.console import Console

        console = Console()
        for function in interface.functions.values():
            console.print(_about(function))
            console.print(_table(function))
            console.print()


def _about(function: Function) -> str:
    inputs = " ".join(
        f"{item.name}{'...' if item.repeated else ''}{'?' if item.optional else ''}"
        for item in function.inputs
    )
    outputs = " ".join(
        f"{item.name}{'...' if item.repeated else ''}{'?' if item.optional else ''}"
        for item in function.outputs
    )
    return f"[bold]{function.name}[/]  {function.summary}\n  {inputs} -> {outputs or 'facts alone'}"


def _table(function: Function) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    table.add_column("option", no_wrap=True)
    for title in ("type", "default", "range", "meaning"):
        table.add_column(title)
    for name, schema in function.properties.items():
        default = json.dumps(schema["default"]) if "default" in schema else ""
        if name in function.required:
            default = "required"
        table.add_row(flag_name(name), _kind(schema), default, _range(schema), schema.get("title", ""))
    return table


def _kind(schema: dict[str, Any]) -> str:
    if values := schema.get("enum"):
        return " | ".join(str(value) for value in values)
    return annotation(schema, sequence="list").replace("[", r"\[")


def _range(schema: dict[str, Any]) -> str:
    if "minimum" not in schema or "maximum" not in schema:
        return str(schema.get("unit", ""))
    return f"{schema['minimum']} to {schema['maximum']} {schema.get('unit', '')}".rstrip()


@click.command("module")
@json_flag
@click.pass_obj
def module_command(context: Context, as_json: bool) -> None:
    """Tells what the module is: its hash, size, imports, and what it was built from."""
    with told():
        module = context.module
        facts = {
            "path": str(module.path),
            "sha256": module.sha256,
            "bytes": len(module.bytes),
            "memory": {"minimum": module.minimum_bytes, "maximum": module.maximum_bytes},
            "imports": module.imports,
            "functions": list(module.interface.functions),
            "provenance": module.provenance,
        }
        if as_json:
            to_stdout(facts)
            return
        from rich.console import Console
        from rich.table import Table

        provenance = facts.pop("provenance")
        table = Table("", "", box=None, show_header=False)
        for name, value in facts.items():
            table.add_row(name, ", ".join(value) if isinstance(value, list) else _plain(value))
        console = Console(soft_wrap=True)
        console.print(table)
        if provenance is None:
            console.print("There is no file beside the module that tells what it was built from.")
        else:
            console.print("Built from:")
            console.print_json(data=provenance)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:,} bytes" for name, number in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)

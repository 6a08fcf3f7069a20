"""Kinds of values on the command line, and how a shell completes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem


class Json(click.ParamType[Any]):
    """An array: JSON, or its items with commas between; texts need no quotes then."""

    name = "list"

    def __init__(self, texts: bool = False, values: Sequence[str] = ()) -> None:
        """Makes the type of arrays, of `texts` or of anything else; `values` are what a text can be."""
        self._texts = texts
        self._values = values

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

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Returns the list with each value that is not in it yet."""
        done, comma, last = incomplete.rpartition(",")
        taken = done.split(",") if done else []
        return [
            CompletionItem(f"{done}{comma}{value}")
            for value in self._values
            if value.startswith(last) and value not in taken
        ]


class Named(click.ParamType[str]):
    """A text, of which some are known: others are left to whoever understands them."""

    name = "text"

    def __init__(self, values: Iterable[str], more: Callable[[], Iterable[str]] = tuple) -> None:
        """Makes the type; `more` is asked for further known ones when a shell wants them."""
        self._values = tuple(values)
        self._more = more

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the value as it is."""
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        """Returns the known ones."""
        known = dict.fromkeys([*self._values, *self._more()])
        return [CompletionItem(value) for value in known if value.startswith(incomplete)]

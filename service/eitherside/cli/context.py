"""What the commands share: the settings, the module, and how results are printed."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import click
from pydantic_core import PydanticUndefined

from ..interface import Interface
from ..module import Module
from ..request import Inputs
from ..settings import PREFIX, Settings
from .failure import JSON, flag_name
from .kinds import Named

# What only some commands need is imported by those: it takes longer than many a command itself.
if TYPE_CHECKING:
    from rich.console import Console

    from ..connection import Connection
    from ..host import Answer, Host

# Whoever waits for its own calls alone may wait for any of them.
_DAY = 86400.0

F = TypeVar("F", bound=Callable[..., Any])


class Context:
    """The settings given on the command line, and what is made from them when a command needs it."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given

    @cached_property
    def settings(self) -> Settings:
        """The settings: flags first, then the environment."""
        return Settings.load(**self.given)

    @cached_property
    def module(self) -> Module:
        """The module."""
        return Module.shipped(self.settings.module)

    @cached_property
    def connection(self) -> Connection | None:
        """The connection to a service, where the settings name one."""
        if self.settings.url is None:
            return None
        from ..connecting import connect

        return connect(settings=self.settings).connection

    @cached_property
    def interface(self) -> Interface:
        """The interface of the module that calls run: the service's where there is one."""
        return self.module.interface if self.connection is None else self.connection.interface

    @property
    def sha256(self) -> str:
        """The hash of the module that calls run."""
        return self.module.sha256 if self.connection is None else self.connection.module

    @cached_property
    def host(self) -> Host:
        """A host of the module that calls run here."""
        if self.connection is not None and self.connection.local is not None:
            return self.connection.local.host
        from ..host import Host

        return Host(self.module, self.settings)

    def patient(self) -> Context:
        """Returns this context for many calls at once, which wait for each other however long."""
        found = Context({**self.given, "queue_time": _DAY, "queue_length": 65536})
        if "module" in self.__dict__:
            found.module = self.module
        return found

    def close(self) -> None:
        """Gives back what was made here."""
        if "connection" in self.__dict__ and self.connection is not None:
            self.connection.close()
        if "host" in self.__dict__:
            self.host.close()

    @property
    def is_here(self) -> bool:
        """Whether every call runs in this process."""
        return self.connection is None or self.connection.place == "local"

    def start(self) -> None:
        """Brings the module into place, where every call needs it.

        Raises:
            ModuleError, CacheError: it cannot be.
        """
        if self.is_here:
            self.host.start()

    def call(
        self, function: str, options: Mapping[str, Any], inputs: Inputs, cancel: threading.Event | None
    ) -> Answer:
        """Makes a call, here or where the settings say.

        Raises:
            CallError: it failed.
        """
        if self.connection is not None:
            return self.connection.call(function, options, inputs, cancel=cancel)
        return self.host.call(function, options, inputs, cancel=cancel)


def errors() -> Console:
    """Returns the console for what is not a result."""
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Shows on a terminal that something is being worked on, and for how long."""
    if not sys.stderr.isatty():
        yield
        return
    with errors().status(f"{what} (Ctrl-C stops it)"):
        yield


def settings_flags(command: F) -> F:
    """Adds a flag for each setting to a command; `given_settings` picks their values out of its arguments."""
    for name, field in reversed(Settings.model_fields.items()):
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, PydanticUndefined) else f"; default: {_shown(default)}"
        text = f"{field.description}  [{PREFIX}{name.upper()}{shown}]"
        flags = flag_name(name)
        kind: Any = Named(_choices(field))
        if field.annotation is bool:
            flags, kind = f"{flags}/--no-{flags[2:]}", bool
        elif field.annotation in (Path, Path | None) or Path in get_args(field.annotation):
            kind = click.Path()
        # Eager, so that a --help after them tells the commands of the module that they name.
        command = click.option(
            flags,
            f"setting_{name}",
            default=None,
            type=kind,
            help=text,
            metavar=_metavar(field),
            is_eager=True,
        )(command)
    return command


def given_settings(arguments: dict[str, Any]) -> dict[str, Any]:
    """Takes the values of the settings' flags out of a command's arguments.

    Raises:
        click.UsageError: one that is to be JSON is not.
    """
    found = {}
    for key in [key for key in arguments if key.startswith("setting_")]:
        name, value = key.removeprefix("setting_"), arguments.pop(key)
        if value is None:
            continue
        if get_origin(Settings.model_fields[name].annotation) in (dict, list):
            try:
                value = json.loads(value)
            except ValueError:
                raise click.UsageError(f"{flag_name(name)}: {value!r} is not JSON") from None
        found[name] = value
    return found


def _shown(default: Any) -> str:
    if hasattr(default, "human_readable"):
        return str(default.human_readable()) if default else "0"
    if isinstance(default, bool):
        return "on" if default else "off"
    return json.dumps(default) if isinstance(default, dict | list) else str(default)


def _metavar(field: Any) -> str | None:
    annotation = field.annotation
    if annotation is bool:
        return None
    if annotation in (int, float):
        return "NUMBER"
    if getattr(annotation, "__name__", "") == "ByteSize":
        return "SIZE"
    if get_origin(annotation) in (dict, list):
        return "JSON"
    values = _choices(field)
    return "|".join(values) if len(values) > 1 else "TEXT"


def _choices(field: Any) -> list[str]:
    return [value for value in get_args(field.annotation) if isinstance(value, str)]


json_flag = click.option(
    JSON, "as_json", is_flag=True, help="Print results, and errors on standard error, as lines of JSON."
)
"""The flag that every command has."""


def to_stdout(document: Any, *, plain: bool = False) -> None:
    """Prints a JSON document: laid out and coloured on a terminal unless `plain`, else on one line."""
    if sys.stdout.isatty() and not plain:
        from rich.console import Console

        Console().print_json(data=document)
    else:
        click.echo(as_line(document))


def as_line(document: Any) -> str:
    """Returns a JSON document on one line; names of files that are no text have their bytes escaped."""
    text = json.dumps(document, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(document)
    return text

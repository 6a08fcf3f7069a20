"""How commands fail: one line on standard error, or one JSON document, and an exit status."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from ..errors import CacheError, CallError, EithersideError, ModuleError, SettingsError
from .status import FAILED, USAGE

JSON = "--json"

Error = EithersideError | OSError | click.ClickException


class Interrupted(EithersideError):
    """Somebody stopped the command."""


class Failed(click.ClickException):
    """The command ends with `status`, told why on standard error."""

    def __init__(self, error: Error, status: int) -> None:
        super().__init__(describe(error))
        self.error = error
        self.status = status


_CODES = (
    (SettingsError, "bad_setting"),
    (ModuleError, "bad_module"),
    (CacheError, "bad_cache"),
    (Interrupted, "interrupted"),
)


def fail(error: Error, status: int) -> NoReturn:
    """Ends the command.

    Raises:
        Failed: always.
    """
    raise Failed(error, status)


def flag_name(name: str) -> str:
    """Returns the flag for an option or setting."""
    return f"--{name.replace('_', '-')}"


def describe(error: Error) -> str:
    """Returns one line about an error: its code, what was wrong, and the flag at fault."""
    if isinstance(error, CallError):
        flag = f" (option {flag_name(_option(error))})" if error.option else ""
        text = f"{error.code}: {error.message}{flag}"
    elif isinstance(error, OSError):
        name = f"{error.filename}: " if error.filename else ""
        text = f"{name}{error.strerror or error}"
    elif isinstance(error, click.ClickException):
        text = error.format_message()
    else:
        text = str(error)
    return printable(" ".join(text.split()))


def printable(text: str) -> str:
    """Returns a text with all escaped that could do something to a terminal, as names of files may have."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode()
        for letter in text
    )


def document(error: Error, status: int, file: str | None = None) -> dict[str, Any]:
    """Returns an error as JSON: `code`, `message`, `exit`, and where known `option`, `input`, `file`."""
    if isinstance(error, Failed):
        error = error.error
    found: dict[str, Any] = {"code": _code(error), "message": describe(error), "exit": status}
    if isinstance(error, CallError):
        found["message"] = error.message
        facts = {
            "option": _option(error) if error.option else None,
            "input": error.input,
            "retry_after": error.retry_after,
        }
        found |= {name: value for name, value in facts.items() if value is not None}
    if file is None and isinstance(error, OSError) and error.filename is not None:
        file = str(error.filename)
    return {"error": found | ({"file": file} if file is not None else {})}


def status_of(error: Error) -> int:
    """Returns the exit status for an error: that of wrong usage where the call was wrong in itself."""
    if isinstance(error, CallError):
        return USAGE if error.status == 400 else FAILED
    if isinstance(error, Failed):
        return error.status
    if isinstance(error, click.ClickException):
        return error.exit_code
    return FAILED if isinstance(error, OSError) else USAGE


def tell(error: Error, status: int, *, as_json: bool, file: str | None = None) -> None:
    """Writes an error to standard error: with the command's name before it, or the file's."""
    if as_json:
        text = json.dumps(document(error, status, file))
    else:
        what, where = describe(error), printable(file or "eitherside")
        # The system's own errors name the file already.
        text = what if what.startswith(f"{where}: ") else f"{where}: {what}{_hint(error)}"
    click.echo(text, err=True)


@contextmanager
def told() -> Iterator[None]:
    """Turns errors into the failure of the command, with the status that fits."""
    try:
        yield
    except (EithersideError, OSError) as error:
        # Who reads the output no more is no failure.
        if isinstance(error, BrokenPipeError):
            raise
        fail(error, status_of(error))


def wants_json(arguments: Sequence[str]) -> bool:
    """Tells whether errors are to be JSON, also where the arguments cannot be understood otherwise."""
    given = list(arguments)
    return JSON in (given[: given.index("--")] if "--" in given else given)


def _code(error: Error) -> str:
    if isinstance(error, CallError):
        return error.code
    if isinstance(error, OSError):
        return "file"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "usage")


def _option(error: CallError) -> str:
    return (error.option or "").strip("/").split("/")[0]


def _hint(error: Error) -> str:
    is_usage = isinstance(error, click.UsageError) and error.ctx is not None
    return f' (see "{error.ctx.command_path} --help")' if is_usage else ""  # type: ignore[union-attr]

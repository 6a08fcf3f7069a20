"""The root command: settings as flags, and the commands, those of the functions read out of the module."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from ..errors import EithersideError
from ..interface import Function
from .batch import batch_command
from .call import call_command
from .completion import completion_command
from .conformance import conformance_command
from .context import Context, given_settings, settings_flags
from .failure import Error, Failed, Interrupted, status_of, tell, told, wants_json
from .listing import functions_command, module_command
from .makers import maker
from .serve import serve_command
from .status import DONE, INTERRUPTED, table
from .view import view_command


class Commands(click.Group):
    """A group whose commands are the fixed ones and one for each function of the module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands; those that need no module where there is none to ask."""
        fixed = [name for name in super().list_commands(ctx) if name != batch_command.name]
        try:
            functions = _functions(ctx)
        except EithersideError as error:
            if not ctx.resilient_parsing:
                tell(error, status_of(error), as_json=False)
            return fixed
        batch = [str(batch_command.name)] if maker(functions.values()) is not None else []
        return [*functions, *batch, *fixed]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of that name."""
        fixed = super().get_command(ctx, cmd_name)
        if fixed is not None and fixed is not batch_command:
            return fixed
        with told():
            functions = _functions(ctx)
            if fixed is batch_command:
                return batch_command.made(functions.values())
            function = functions.get(cmd_name)
            return call_command(function) if function is not None else None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the exit statuses."""
        with formatter.section("Exit status"):
            formatter.write_dl([(str(status), text) for status, text in table()])


def _context(ctx: click.Context) -> Context:
    if not isinstance(ctx.obj, Context):
        ctx.obj = Context(given_settings(dict(ctx.params)))
    return ctx.obj


def _functions(ctx: click.Context) -> dict[str, Function]:
    functions = _context(ctx).interface.functions.values()
    return {function.name.replace("_", "-"): function for function in functions}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="eitherside", prog_name="eitherside")
@settings_flags
@click.pass_context
def root(ctx: click.Context, /, **arguments: Any) -> None:
    """Eitherside: a WebAssembly image codec at the command line and as a service.

    Settings go before the command, or come from the environment variables in brackets. Errors are one line on
    standard error; with --json after the command, one JSON document.
    """
    ctx.obj = Context(given_settings(arguments))
    ctx.call_on_close(ctx.obj.close)


for _command in (
    functions_command,
    module_command,
    view_command,
    serve_command,
    batch_command,
    conformance_command,
    completion_command,
):
    root.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = root.main(given, prog_name="eitherside", standalone_mode=False)
    except (EithersideError, click.ClickException) as error:
        status = _told(error.error if isinstance(error, Failed) else error, status_of(error), given)
    except (click.Abort, KeyboardInterrupt):
        status = _told(Interrupted("interrupted"), INTERRUPTED, given)
    except BrokenPipeError:
        # Whoever read the output has seen enough; flushing it at exit would fail again.
        sys.stderr.close()
        status = DONE
    sys.exit(status or DONE)


def _told(error: Error, status: int, given: Sequence[str]) -> int:
    tell(error, status, as_json=wants_json(given))
    return status

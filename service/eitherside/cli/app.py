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
from .conformance import conformance_command
from .context import INTERRUPTED, USAGE, Context, describe, given_settings, settings_flags, told
from .listing import functions_command, module_command
from .serve import serve_command


class Commands(click.Group):
    """A group whose commands are the fixed ones and one for each function of the module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands; the fixed ones alone where there is no module to ask."""
        try:
            return [*_functions(ctx), *super().list_commands(ctx)]
        except EithersideError as error:
            click.echo(f"eitherside: {describe(error)}", err=True)
            return super().list_commands(ctx)

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

    Settings go before the command, or come from the environment variables in brackets. Exit status: 1 where a
    call failed, 2 where it was wrong in itself, 130 where it was interrupted.
    """
    ctx.obj = Context(given_settings(arguments))


root.add_command(functions_command)
root.add_command(module_command)
root.add_command(serve_command)
root.add_command(batch_command)
root.add_command(conformance_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process."""
    try:
        status = root.main(arguments, prog_name="eitherside", standalone_mode=False)
    except click.ClickException as error:
        hint = (
            f' (see "{error.ctx.command_path} --help")'
            if isinstance(error, click.UsageError) and error.ctx
            else ""
        )
        click.echo(f"eitherside: {' '.join(error.format_message().split())}{hint}", err=True)
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("eitherside: interrupted", err=True)
        status = INTERRUPTED
    except EithersideError as error:
        click.echo(f"eitherside: {describe(error)}", err=True)
        status = USAGE
    except BrokenPipeError:
        # Whoever read the output has seen enough; flushing it at exit would fail again.
        sys.stderr.close()
        status = 0
    sys.exit(status or 0)

"""The command that prints what has a shell complete the others."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .context import json_flag, to_stdout

PROGRAM = "eitherside"
_VARIABLE = "_EITHERSIDE_COMPLETE"
_SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@json_flag
@click.pass_context
def completion_command(ctx: click.Context, shell: str, as_json: bool) -> None:
    """Prints a script that has SHELL complete commands, options, their values, and files.

    \b
    bash: eitherside completion bash >> ~/.bashrc
    zsh:  eitherside completion zsh >> ~/.zshrc
    fish: eitherside completion fish > ~/.config/fish/completions/eitherside.fish

    The script asks the program itself, each time, so that it knows the functions of whatever module is set.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this version of click knows nothing of {shell}")
    script = kind(ctx.find_root().command, {}, PROGRAM, _VARIABLE).source()
    if as_json:
        to_stdout({"shell": shell, "script": script}, plain=True)
    else:
        click.echo(script)

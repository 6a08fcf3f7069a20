"""The command of one function: files in, files out."""

from __future__ import annotations

from typing import Any

import click

from ..interface import Function, Input, Output
from ..signatures import parameters
from .comparison import is_comparison
from .context import Context, json_flag
from .failure import JSON, flag_name, told
from .jobs import main_inputs
from .options import option_flags
from .outputs import is_sure
from .sources import STREAM


def call_command(function: Function) -> click.Command:
    """Returns the command that calls `function`: inputs it must have and the output as arguments, else flags.

    Outputs that may be absent are flags; one whose format an option chooses is also `--output`.

    Raises:
        ModuleError: the function has an input and an option of the same name.
    """
    parameters(function)
    params = [*_arguments(function), *_files(function), *_own_flags(function)]
    taken = {flag for item in params for flag in item.opts}
    # Arrays tell some options, and the name of the output its format.
    arrays = any(item.array for item in function.inputs)
    told_otherwise = set(function.properties) if arrays else {function.format_option}
    required = set(function.required) - told_otherwise
    params += option_flags(function, required=required, taken=taken, formats=_foreign)

    @json_flag
    @click.pass_obj
    def run(context: Context, /, *, as_json: bool, **arguments: Any) -> None:
        from .calling import Calling

        with told():
            Calling(context, function, arguments, as_json=as_json).run()

    more = run.__click_params__  # type: ignore[attr-defined]
    return click.Command(
        function.name.replace("_", "-"),
        params=[*params, *more],
        callback=run,
        short_help=function.summary,
        help=f"{function.summary}\n\n{function.description}\n\n{_about_files(function)}",
    )


def _arguments(function: Function) -> list[click.Parameter]:
    main, _ = main_inputs(function)
    found: list[click.Parameter] = []
    for item in main:
        many = item.repeated or len(main) == 1
        found.append(
            click.Argument(
                [f"main_{item.name}"],
                nargs=-1 if many else 1,
                required=True,
                type=click.Path(),
                metavar=f"{item.name.upper()}{'...' if many else ''}",
            )
        )
    if is_sure(function):
        found.append(click.Argument(["output"], metavar="OUTPUT", type=click.Path()))
    return found


def _files(function: Function) -> list[click.Parameter]:
    found: list[click.Parameter] = []
    if not is_sure(function) and function.outputs and function.format_option is not None:
        text = f"Where to write: {function.outputs[0].summary}"
        found.append(click.Option(["-o", "--output"], type=click.Path(), metavar="FILE|FOLDER", help=text))
    _, further = main_inputs(function)
    found += [_file_flag(item, "input", f"{item.summary} A file.") for item in further]
    saved = function.outputs[1 if is_sure(function) else 0 :]
    return found + [_file_flag(item, "save", f"Where to write: {item.summary}") for item in saved]


def _own_flags(function: Function) -> list[click.Parameter]:
    main, _ = main_inputs(function)
    found: list[click.Parameter] = []
    if main:
        text = "Folders stand for the files in all folders below them, too."
        found.append(click.Option(["-r", "--recursive"], is_flag=True, help=text))
    if is_comparison(function):
        text = "Write a report with the pictures, which needs no other file and loads nothing."
        found.append(click.Option(["--html"], type=click.Path(), metavar="FILE|FOLDER", help=text))
    if function.outputs or is_comparison(function):
        text = (
            "Replace files that are there already; otherwise they are left as they are, and it is an error."
        )
        found.append(click.Option(["--overwrite"], is_flag=True, help=text))
    return found


def _file_flag(item: Input | Output, kind: str, text: str) -> click.Option:
    flag = flag_name(item.name if kind == "input" else f"save_{item.name}")
    # Others than a function's own inputs and options can have that name.
    names = [flag if flag != JSON else f"--file-{item.name}", f"{kind}_{item.name}"]
    required = kind == "input" and not item.optional
    return click.Option(names, type=click.Path(), metavar="FILE", required=required, help=text)


def _foreign() -> list[str]:
    from ..foreign.formats import KNOWN

    return [item.format.name for item in KNOWN if item.format.write]


def _about_files(function: Function) -> str:
    main, _ = main_inputs(function)
    text = f"{STREAM} stands for standard input or output."
    if main:
        text += " Folders stand for the files in them, patterns such as '*.jxl' for what they match."
    if main and not any(item.repeated for item in main):
        text += " Outputs of several files go into a folder, each under the name of its file."
    if any(item.array is not None for item in main):
        text += " Arrays are .npy files, which tell their shape and sample type; other files are raw samples."
    if function.outputs and function.outputs[0].array is not None:
        text += " An output whose name ends in .npy is an array; another one gets the raw samples."
    if function.format_option is not None:
        option = flag_name(function.format_option)
        text += f" The output's format is that of its file name, unless {option} tells it."
    return text

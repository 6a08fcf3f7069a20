"""The command of one function: files in, files out."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ModuleError
from ..files import write_atomically
from ..interface import Array, Function, Input, Output
from ..request import Buffer
from ..signatures import parameters
from .context import Context, to_stdout, told, working
from .options import given_options, option_flags
from .table import is_table, print_tables
from .transcoding import Transcoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..answer import Answer
    from ..answer import Output as Part

STREAM = "-"
_NPY = b"\x93NUMPY"


def call_command(function: Function) -> click.Command:
    """Returns the command that calls `function`: inputs it must have and the output as arguments, else flags.

    Outputs that may be absent are flags; one whose format an option chooses is also `--output`.

    Raises:
        ModuleError: the function has an input and an option of the same name.
    """
    parameters(function)
    main, further = _main(function)
    arrays = any(item.array for item in function.inputs)
    params: list[click.Parameter] = []
    for item in main:
        metavar = _metavar(item.name, item.repeated)
        params.append(
            click.Argument(
                [f"main_{item.name}"], nargs=-1 if item.repeated else 1, required=True, metavar=metavar
            )
        )
    if _is_argument(function):
        params.append(click.Argument(["output"], metavar="OUTPUT"))
    elif _is_flag(function):
        text = f"Where to write: {function.outputs[0].summary}"
        params.append(click.Option(["-o", "--output"], type=click.Path(), metavar="FILE", help=text))
    params += [_file_flag(item, "input", f"{item.summary} A file.") for item in further]
    saved = function.outputs[1 if _is_argument(function) else 0 :]
    params += [_file_flag(item, "save", f"Where to write: {item.summary}") for item in saved]
    # Arrays tell some options, and the name of the output its format.
    told_otherwise = set(function.properties) if arrays else {function.format_option}
    params += option_flags(function, required=set(function.required) - told_otherwise)
    if is_table(function):
        params.append(click.Option(["--json", "as_json"], is_flag=True, help="Print the result as JSON."))

    @click.pass_obj
    def run(context: Context, /, **arguments: Any) -> None:
        with told():
            _run(context, function, arguments)

    return click.Command(
        function.name.replace("_", "-"),
        params=params,
        callback=run,
        short_help=function.summary,
        help=f"{function.summary}\n\n{function.description}\n\n{_about_files(function)}",
    )


def _main(function: Function) -> tuple[list[Input], list[Input]]:
    """Returns the inputs that are arguments, and those that are flags."""
    main: list[Input] = []
    for item in function.inputs:
        if item.optional or (main and main[-1].repeated):
            break
        main.append(item)
    return main, function.inputs[len(main) :]


def _is_argument(function: Function) -> bool:
    """Tells whether the first output is always there, and so is where to write it."""
    return bool(function.outputs) and not function.outputs[0].optional


def _is_flag(function: Function) -> bool:
    """Tells whether the first output may be absent, and is asked for by a file name of its format."""
    return bool(function.outputs) and function.outputs[0].optional and function.format_option is not None


def _metavar(name: str, repeated: bool) -> str:
    return f"{name.upper()}..." if repeated else name.upper()


def _file_flag(item: Input | Output, kind: str, text: str) -> click.Option:
    flag = f"--{item.name}" if kind == "input" else f"--save-{item.name}"
    required = not item.optional
    return click.Option(
        [flag.replace("_", "-"), f"{kind}_{item.name}"],
        type=click.Path(),
        metavar="FILE",
        required=required,
        help=text,
    )


def _about_files(function: Function) -> str:
    text = f"{STREAM} stands for standard input or output."
    main, _ = _main(function)
    if any(item.array is not None for item in main):
        text += " Arrays are .npy files, which tell their shape and sample type; other files are raw samples."
    if function.outputs and function.outputs[0].array is not None:
        text += " An output whose name ends in .npy is an array; another one gets the raw samples."
    if function.format_option is not None:
        text += f" The output's format is that of its file name, unless --{function.format_option} tells it."
    return text


def _run(context: Context, function: Function, arguments: dict[str, Any]) -> None:
    options = given_options(arguments)
    target: str | None = arguments.get("output")
    if target == STREAM and sys.stdout.isatty():
        raise click.UsageError("standard output is a terminal; name a file or a pipe")
    transcoder = Transcoder(context, function)
    if function.format_option is not None and function.format_option not in options and target is not None:
        options[function.format_option] = transcoder.format_of(target)
    inputs, told_by_arrays = _inputs(function, arguments)
    options = told_by_arrays | options
    with working("loading the module"):
        context.start()
    with working(function.name):
        answer = transcoder.call(options, inputs)
    _write(function, answer, target, arguments)
    if target == STREAM:
        return
    if is_table(function) and not arguments["as_json"]:
        print_tables(function, answer.result)
    else:
        to_stdout(answer.result)


def _inputs(function: Function, arguments: dict[str, Any]) -> tuple[dict[str, list[Buffer]], dict[str, Any]]:
    main, further = _main(function)
    inputs: dict[str, list[Buffer]] = {}
    options: dict[str, Any] = {}
    for item in main:
        given = arguments[f"main_{item.name}"]
        paths: Sequence[str] = given if item.repeated else [given]
        inputs[item.name], told_by_arrays = _main_input(item, [_read(path) for path in paths])
        options |= told_by_arrays
    for item in further:
        if (path := arguments.get(f"input_{item.name}")) is not None:
            inputs[item.name] = [_read(path)]
    return inputs, options


def _main_input(main: Input, files: Sequence[bytes]) -> tuple[list[Buffer], dict[str, Any]]:
    """Returns the buffers of files and what arrays among them tell: those of .npy files, else the files."""
    if main.array is None or not all(data.startswith(_NPY) for data in files):
        return [*files], {}
    import numpy as np

    from ..arrays import from_arrays

    try:
        arrays = [np.load(io.BytesIO(data), allow_pickle=False) for data in files]
        buffers, options = from_arrays(arrays[0] if len(arrays) == 1 else arrays, main.array)
    except ValueError as error:
        raise click.UsageError(f"{main.name}: {error}") from None
    return [*buffers], options


def _read(path: str) -> bytes:
    return sys.stdin.buffer.read() if path == STREAM else Path(path).read_bytes()


def _write(function: Function, answer: Answer, target: str | None, arguments: dict[str, Any]) -> None:
    came = {part.name for part in answer.outputs}
    # Where the first output may be absent, the target is for the one that came instead of it.
    main = next((item.name for item in function.outputs if item.name in came), None)
    for index, described in enumerate(function.outputs):
        is_main = described.name == main if not _is_argument(function) else index == 0
        path = (target if is_main else None) or arguments.get(f"save_{described.name}")
        parts = [part for part in answer.outputs if part.name == described.name]
        if path is None or not (parts or (is_main and _is_argument(function))):
            continue
        array = described.array if path.endswith(".npy") else None
        pieces = [part.data for part in parts]
        if array is not None and parts:
            pieces = _npy(array, parts, answer)
        if len(pieces) > 1 and (array is not None or not described.array) and path != STREAM:
            _write_numbered(Path(path), pieces)
        elif path == STREAM:
            for chunk in pieces:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        else:
            write_atomically(Path(path), pieces)


def _write_numbered(path: Path, pieces: Sequence[bytes | bytearray]) -> None:
    for number, data in enumerate(pieces):
        write_atomically(path.with_name(f"{path.stem}-{number}{path.suffix}"), [data])


def _npy(array: Array, parts: list[Part], answer: Answer) -> list[bytes | bytearray]:
    """Returns the contents of one file, or of one for each array where they differ in shape."""
    import numpy as np

    from ..arrays import to_array

    try:
        arrays = [to_array(part.data, array, answer.result, index) for index, part in enumerate(parts)]
    except ValueError as error:
        raise ModuleError(f"the module's answer is wrong: {error}") from None
    if len(arrays) > 1 and len({each.shape for each in arrays}) == 1:
        arrays = [np.stack(arrays)]
    return [_saved(each) for each in arrays]


def _saved(array: NDArray[Any]) -> bytes:
    import numpy as np

    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()

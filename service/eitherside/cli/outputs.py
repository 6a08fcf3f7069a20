"""The files that the outputs of a call become."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModuleError
from ..interface import Array, Function
from .sources import STREAM
from .targets import check_free, write

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..answer import Answer
    from ..answer import Output as Part

Piece = bytes | bytearray
NPY = "npy"


@dataclass(frozen=True)
class Targets:
    """Where the outputs of one call go.

    Attributes:
        main: the file for the output that was asked for first; `STREAM`: standard output.
        saved: files for further outputs, by their names.
        page: the file for a report.
        overwrite: whether they may replace what is there.
        makes_folders: whether folders are made for them.
    """

    main: str | None = None
    saved: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None
    overwrite: bool = False
    makes_folders: bool = False

    def check(self) -> None:
        """Does nothing where all may be written.

        Raises:
            TargetError: something is there.
        """
        for path in (self.main, *self.saved.values(), self.page):
            if path is not None and path != STREAM:
                check_free(Path(path), overwrite=self.overwrite)

    def write(self, function: Function, answer: Answer) -> list[str]:
        """Writes the outputs that came and were asked for, and returns the files written.

        Raises:
            ModuleError: an output is not as described.
            OSError: one cannot be written.
        """
        written: list[str] = []
        for name, path in self._wanted(function, answer).items():
            array = next(item.array for item in function.outputs if item.name == name)
            parts = [part for part in answer.outputs if part.name == name]
            written += self._written(path, array, parts, answer)
        return written

    def write_page(self, text: str) -> list[str]:
        """Writes the report, and returns the file written.

        Raises:
            OSError: it cannot be written.
        """
        return [self._put(Path(str(self.page)), [text.encode()])]

    def _wanted(self, function: Function, answer: Answer) -> dict[str, str]:
        came = {part.name for part in answer.outputs}
        # Where the first output may be absent, the target is for the one that came instead of it.
        first = next((item.name for item in function.outputs if item.name in came), None)
        if is_sure(function):
            first = function.outputs[0].name
        wanted = {name: path for name, path in self.saved.items() if name in came}
        if self.main is not None and first is not None:
            wanted = {first: self.main} | {name: path for name, path in wanted.items() if name != first}
        return wanted

    def _written(self, path: str, array: Array | None, parts: list[Part], answer: Answer) -> list[str]:
        shaped = array if path.endswith(f".{NPY}") else None
        pieces = _npy(shaped, parts, answer) if shaped is not None and parts else [p.data for p in parts]
        if path == STREAM:
            for chunk in pieces:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            return []
        if len(pieces) > 1 and (shaped is not None or array is None):
            whole = Path(path)
            paths = [whole.with_name(f"{whole.stem}-{at}{whole.suffix}") for at in range(len(pieces))]
            return [self._put(each, [data]) for each, data in zip(paths, pieces, strict=True)]
        return [self._put(Path(path), pieces)]

    def _put(self, path: Path, pieces: Sequence[Piece]) -> str:
        if self.makes_folders:
            path.parent.mkdir(parents=True, exist_ok=True)
        write(path, pieces, overwrite=self.overwrite)
        return str(path)


def is_sure(function: Function) -> bool:
    """Tells whether the first output is always there, so that it must be said where to write it."""
    return bool(function.outputs) and not function.outputs[0].optional


def _npy(array: Array, parts: list[Part], answer: Answer) -> Sequence[Piece]:
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

"""Makes goldens of outcomes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import CallError
from .errors import GoldenError
from .outcome import Outcome, Part
from .pictures import Pictures
from .record import Kept, Picture, Record, json_path, picture_path, save


@dataclass(frozen=True)
class Keeper:
    """Makes goldens.

    Attributes:
        pictures: the module's functions.
        module: SHA-256 of the module.
        keep_all: keep pictures also where they are not needed.
        most_bytes: of a picture that is kept.
    """

    pictures: Pictures
    module: str
    keep_all: bool
    most_bytes: int

    def write(
        self, stem: Path, check: str, outcome: Outcome, old: Record | None, *, bounded: bool
    ) -> list[str]:
        """Writes the golden of an outcome; returns what there is to say of it, what was removed included.

        Args:
            stem: its path without extension.
            check: what it is of.
            outcome: what came.
            old: the golden that it replaces.
            bounded: bounds will be measured from it.

        Raises:
            GoldenError: it cannot be written, or no picture can be kept of what bounds are measured from.
        """
        told: list[str] = []
        outputs: list[Kept] = []
        files: list[bytes | None] = []
        for part in outcome.parts:
            file = self._file(stem, part, bounded, told) if bounded or self.keep_all else None
            files.append(file)
            outputs.append(self._kept(part, file))
        record = Record(
            check=check,
            module=self.module,
            function=outcome.function,
            options=dict(outcome.options),
            inputs=dict(outcome.inputs),
            outputs=outputs,
            result=dict(outcome.result) if outcome.result is not None else None,
        )
        save(stem, record, files)
        return told + _remove(stem, old, record)

    def _kept(self, part: Part, file: bytes | None) -> Kept:
        picture = None
        if file is not None:
            extension = part.extension or self.pictures.roles.file_extension
            picture = Picture(extension=extension, sha256=hashlib.sha256(file).hexdigest())
        if part.array is None:
            return Kept(name=part.name, sha256=part.sha256, bytes=len(part.data), picture=picture)
        shape, dtype = list(part.array.shape), part.array.dtype.name
        return Kept(name=part.name, sha256=part.sha256, shape=shape, dtype=dtype, picture=picture)

    def _file(self, stem: Path, part: Part, bounded: bool, told: list[str]) -> bytes | None:
        """Returns the picture to keep of an output, and tells why there is none."""
        if not part.is_picture:
            return None
        try:
            file = part.file(self.pictures, quick=False)
            exact = part.array is None or self._is_exact(part, file)
        except CallError as error:
            if bounded:
                raise GoldenError(f"no picture of {part.name} can be kept: {error.message}") from None
            told.append(f"{part.name}: its picture is not kept: {error.message}")
            return None
        if len(file) > self.most_bytes:
            why = f"its picture has {len(file)} bytes, golden_picture_bytes allows {self.most_bytes}"
            if bounded:
                raise GoldenError(f"{json_path(stem)}, {part.name}: {why}")
            told.append(f"{part.name}: {why}, so that only its hash is kept")
            return None
        if not exact:
            told.append(f"{part.name}: the picture that is kept is not exact in every sample")
        return file

    def _is_exact(self, part: Part, file: bytes) -> bool:
        read = self.pictures.read(file)
        array = part.array
        return (
            array is not None
            and len(read) == 1
            and np.array_equal(
                read[0].reshape(array.shape).astype(array.dtype), array, equal_nan=array.dtype.kind == "f"
            )
        )


def _remove(stem: Path, old: Record | None, new: Record) -> list[str]:
    """Removes the pictures that only the old golden had; returns what was removed."""
    if old is None:
        return []
    stay = set(_pictures(stem, new.outputs))
    told = []
    for path in _pictures(stem, old.outputs):
        if path not in stay and path.is_file():
            path.unlink()
            told.append(f"removed {path.name}, which belongs to it no longer")
    return told


def _pictures(stem: Path, outputs: Sequence[Kept]) -> list[Path]:
    return [picture_path(stem, index, each.picture) for index, each in enumerate(outputs) if each.picture]

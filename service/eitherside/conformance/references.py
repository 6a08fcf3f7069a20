"""What decoded samples are compared with: the suite's own arrays, or native floats."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from . import native
from .measure import Samples
from .suite import Case

ARRAY, PREVIEW_ARRAY, PROFILE = "reference_image.npy", "reference_preview.npy", "reference.icc"


@dataclass(frozen=True)
class NativeFloats:
    """What the native decoder gave; the samples stay on disk until they are needed."""

    folder: Path
    icc: bytes
    version: str
    has_preview: bool

    @property
    def samples(self) -> Samples:
        """Its frames."""
        return self._load("samples")

    @property
    def preview(self) -> Samples | None:
        """Its preview as one frame, where there is one."""
        return self._load("preview") if self.has_preview else None

    def _load(self, name: str) -> Samples:
        found: NDArray[np.float32] = np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        return found


class References:
    """The references of a suite. What the native decoder gives is kept in a folder until this is closed."""

    def __init__(self) -> None:
        self._known: dict[Path, NativeFloats] = {}

    @cached_property
    def _folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="eitherside-conformance-")

    def native(self, bitstream: Path) -> NativeFloats:
        """Returns native floats of a bitstream.

        Raises:
            NativeError: there is no native decoder, or it fails.
        """
        if bitstream not in self._known:
            found = native.decode(bitstream.read_bytes())
            folder = Path(self._folder.name) / str(len(self._known))
            folder.mkdir()
            np.save(folder / "samples.npy", found.samples)
            if found.preview is not None:
                np.save(folder / "preview.npy", found.preview[np.newaxis])
            has_preview = found.preview is not None
            self._known[bitstream] = NativeFloats(folder, found.icc, found.version, has_preview)
        return self._known[bitstream]

    def close(self) -> None:
        """Removes the folder."""
        if "_folder" in self.__dict__:
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def array(case: Case, name: str = ARRAY) -> Samples | None:
    """Returns the suite's own array of samples, where its large files were fetched, too.

    Raises:
        ValueError: it is not the array whose SHA-256 the test case names.
    """
    path = case.folder / name
    if not path.is_file():
        return None
    expected = case.hashes.get(name)
    if expected is not None and hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        raise ValueError(f"{path} is not the file that the test case names")
    found: NDArray[np.float32] = np.load(path, allow_pickle=False)
    return found

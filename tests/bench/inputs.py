"""The files that go in: made of the pictures by native libjxl and Pillow, the same for every side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .cases import Case, Coding
from .pictures import Picture
from .process import Asked
from .task import Task


class Inputs:
    """Makes each file once, in a folder."""

    def __init__(self, folder: Path, maker: Asked) -> None:
        """Prepares.

        Args:
            folder: where the files go.
            maker: the side that encodes: native libjxl on all cores.
        """
        self._folder = folder
        self._maker = maker
        self._samples: dict[Picture, Path] = {}
        self._files: dict[tuple[Picture, Coding, str], Path] = {}

    def samples(self, picture: Picture) -> NDArray[Any]:
        """Returns a picture's samples, (frames, height, width, channels)."""
        shape = (picture.frames, picture.height, picture.width, picture.channels)
        return np.fromfile(self._raw(picture), picture.dtype).reshape(shape)

    def task(self, case: Case) -> Task:
        """Returns what the sides are told for a case."""
        picture, coding = case.picture, case.coding
        shape = (picture.frames, picture.height, picture.width, picture.channels)
        path = self._raw(picture) if case.source == "raw" else self._file(picture, coding, case.source)
        told = (picture.dtype, picture.colour, coding.effort, coding.distance)
        return Task(case.function, str(path), shape, *told)

    def _raw(self, picture: Picture) -> Path:
        if picture not in self._samples:
            path = self._folder / f"{len(self._samples)}.raw"
            picture.make().tofile(path)
            self._samples[picture] = path
        return self._samples[picture]

    def _file(self, picture: Picture, coding: Coding, source: str) -> Path:
        key = (picture, coding, source)
        if key not in self._files:
            path = self._folder / f"{len(self._files)}.{source}"
            if source == "jxl":
                function = "progressive" if coding.progressive else "encode"
                self._made(path, function, self._raw(picture), picture, coding)
            elif source == "recompressed":
                jpeg = self._file(picture, coding, "jpeg")
                self._made(path, "recompress", jpeg, picture, coding)
            else:
                image = Image.fromarray(self.samples(picture)[0])
                if source == "jpeg":
                    image.save(path, "JPEG", quality=90)
                else:
                    image.save(path, "PNG", compress_level=1)
            self._files[key] = path
        return self._files[key]

    def _made(self, path: Path, function: str, source: Path, picture: Picture, coding: Coding) -> None:
        shape = (picture.frames, picture.height, picture.width, picture.channels)
        told = (picture.dtype, picture.colour, coding.effort, coding.distance)
        self._maker.prepare(Task(function, str(source), shape, *told))
        self._maker.run()
        self._maker.save(path)
        self._maker.drop()

"""Side: native libjxl."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calls import timed
from .libjxl import Libjxl
from .side import Peak, Side
from .task import Absent, Measured, Output, Task


class Native(Side):
    """libjxl of imagecodecs, called by its C interface."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._libjxl = Libjxl(threads)
        self._peak = Peak()
        self._task: Task | None = None
        self._call: Callable[[], NDArray[Any] | bytes] | None = None
        self._given: NDArray[Any] | bytes = b""

    def describe(self) -> dict[str, Any]:
        """See `Side.describe`."""
        from importlib.metadata import version

        told = f"libjxl {self._libjxl.version} (of imagecodecs {version('imagecodecs')})"
        return {"version": told, "libjxl": self._libjxl.version, "threads": self._threads}

    def prepare(self, task: Task) -> None:
        """See `Side.prepare`."""
        self._task, self._call = task, self._made(task)

    def _made(self, task: Task) -> Callable[[], NDArray[Any] | bytes]:
        libjxl, effort, distance = self._libjxl, task.effort, task.distance
        if task.function in ("encode", "progressive"):
            samples, progressive = task.samples(), task.function == "progressive"
            return lambda: libjxl.encode(samples, task.colour, effort, distance, progressive)
        data = Path(task.path).read_bytes()
        match task.function:
            case "decode":
                return lambda: libjxl.decode(data, task.dtype)
            case "recompress":
                return lambda: libjxl.recompress(data, effort)
            case "reconstruct":
                return lambda: libjxl.reconstruct(data)
            case "transcode":
                return lambda: libjxl.encode(_png(data), task.colour, effort, distance)
        raise Absent(f"libjxl alone has no {task.function}")

    def run(self) -> Measured:
        """See `Side.run`."""
        assert self._call is not None
        self._given = b""
        self._given, seconds, peak = timed(self._peak, self._call)
        size = self._given.nbytes if isinstance(self._given, np.ndarray) else len(self._given)
        return Measured(seconds, peak, 0, size)

    def save(self, path: str) -> Output:
        """See `Side.save`."""
        if isinstance(self._given, bytes):
            Path(path).write_bytes(self._given)
            return Output(path)
        self._given.tofile(path)
        frames, height, width, channels = self._given.shape
        return Output(path, (frames, height, width, channels), self._given.dtype.name)

    def drop(self) -> None:
        """See `Side.drop`."""
        self._task, self._call, self._given = None, None, b""


def _png(data: bytes) -> NDArray[Any]:
    """Decodes a PNG file with libpng, by Pillow."""
    from PIL import Image

    return np.asarray(Image.open(BytesIO(data)))[None]

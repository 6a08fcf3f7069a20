"""A registered plugin, and how rows of the table are found with it."""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from support.images import picture

OURS, PEER = "eitherside.pillow", "pillow_jxl"
NO = "no"


class Plugin:
    """A registered plugin and the folder of files."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.module = importlib.import_module(name)

    @property
    def is_ours(self) -> bool:
        return self.name == OURS

    def path(self, name: str) -> Path:
        return self.folder / name

    def open(self, name: str) -> Image.Image:
        return Image.open(self.path(f"{name}.jxl"))

    def expected(self, name: str) -> NDArray[Any]:
        found: NDArray[Any] = np.load(self.path(f"{name}.npy"))
        return found

    def save(self, image: Image.Image, **options: Any) -> bytes:
        file = io.BytesIO()
        image.save(file, "JXL", **options)
        return file.getvalue()

    def again(self, image: Image.Image, **options: Any) -> Image.Image:
        found = Image.open(io.BytesIO(self.save(image, **options)))
        found.load()
        return found

    def modules(self) -> Iterator[ModuleType]:
        for name, module in list(sys.modules.items()):
            if name == self.name or name.startswith(f"{self.name}."):
                yield module


Row = Callable[[Plugin], str]


class Rows(dict[str, Row]):
    """What is looked at, by the text of the table's first column."""

    def row(self, text: str) -> Callable[[Row], Row]:
        """Adds a row; an exception that it lets out is its cell."""

        def added(function: Row) -> Row:
            self[text] = function
            return function

        return added


def outcome(work: Callable[[], str]) -> str:
    """Returns what `work` does, or the name of the exception that ends it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return work()
    except Exception as error:  # noqa: BLE001 -- what it is goes into the table
        return f"`{type(error).__name__}`"


def yes(found: object, otherwise: str = NO) -> str:
    return "yes" if found else otherwise


class Counted(io.BytesIO):
    """A file that counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def image_of(mode: str) -> Image.Image:
    """Returns a picture in a mode; of palettes also one with a transparent colour."""
    if mode == "CMYK":
        return Image.fromarray(picture(31, 23, 4), "CMYK")
    if mode == "1":
        return Image.fromarray(picture(31, 23, 1)[..., 0] > 127)
    if mode == "I;16":
        return Image.fromarray(picture(31, 23, 1, "u16")[..., 0])
    if mode == "I":
        return Image.fromarray(picture(31, 23, 1, "u16")[..., 0].astype("i4"))
    if mode == "F":
        return Image.fromarray(picture(31, 23, 1, "f32")[..., 0])
    if mode == "P":
        return Image.fromarray(picture(31, 23, 3)).quantize(40)
    if mode == "P with transparency":
        image = Image.fromarray(picture(31, 23, 3)).quantize(40)
        image.info["transparency"] = 3
        return image
    return Image.fromarray(picture(31, 23, len(mode)).squeeze(), mode)

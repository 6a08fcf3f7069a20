"""Side: Pillow with pillow-jxl-plugin, as a Python program would use it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, files, version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .calls import timed
from .side import Peak, Side
from .task import THUMBNAIL, Absent, Measured, Output, Task

QUALITY_OF_DISTANCE_1 = 90
"""libjxl's `JxlEncoderDistanceFromQuality` makes distance 1 of it."""


class Pillow(Side):
    """pillow-jxl-plugin with its own number of threads: all cores."""

    def __init__(self) -> None:
        try:
            self._version = version("pillow-jxl-plugin")
            import pillow_jxl  # noqa: F401
        except (PackageNotFoundError, ImportError) as error:
            raise Absent(f"pillow-jxl-plugin is not installed ({error})") from None
        self._peak = Peak()
        self._call: Callable[[], Image.Image | bytes] | None = None
        self._given: Image.Image | bytes = b""

    def describe(self) -> dict[str, Any]:
        """See `Side.describe`."""
        libjxl = _libjxl_of_plugin()
        told = f"pillow-jxl-plugin {self._version} (libjxl {libjxl}), Pillow {version('pillow')}"
        return {"version": told, "libjxl": libjxl, "threads": 0}

    def prepare(self, task: Task) -> None:
        """See `Side.prepare`."""
        frames, _, _, channels = task.shape
        if frames > 1 or task.dtype != "uint8" or task.colour != "srgb":
            raise Absent("the plugin has 8-bit sRGB stills alone")
        if task.function == "encode":
            samples = task.samples()[0]
            image = Image.fromarray(samples[..., 0] if channels == 1 else samples)
            self._call = lambda: self._encoded(image, task)
            return
        data = Path(task.path).read_bytes()
        match task.function:
            case "decode":
                self._call = lambda: self._decoded(data)
            case "transcode":
                self._call = lambda: self._encoded(Image.open(BytesIO(data)), task)
            case "thumbnail":
                self._call = lambda: self._thumbnail(data)
            case _:
                raise Absent("the plugin carries over JPEG files of a folder alone")

    @staticmethod
    def _decoded(data: bytes) -> Image.Image:
        image = Image.open(BytesIO(data))
        image.load()
        return image

    @staticmethod
    def _encoded(image: Image.Image, task: Task) -> bytes:
        target = BytesIO()
        if task.distance is None:
            image.save(target, "JXL", lossless=True, effort=task.effort)
        else:
            assert task.distance == 1, "the plugin has a quality, whose distance is known for 1 alone"
            image.save(target, "JXL", quality=QUALITY_OF_DISTANCE_1, effort=task.effort)
        return target.getvalue()

    @staticmethod
    def _thumbnail(data: bytes) -> bytes:
        target = BytesIO()
        image = Image.open(BytesIO(data))
        image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
        image.save(target, "JPEG", quality=90)
        return target.getvalue()

    def run(self) -> Measured:
        """See `Side.run`."""
        assert self._call is not None
        self._given = b""
        given, seconds, peak = timed(self._peak, self._call)
        self._given = given
        size = len(given) if isinstance(given, bytes) else given.width * given.height * len(given.getbands())
        return Measured(seconds, peak, 0, size)

    def save(self, path: str) -> Output:
        """See `Side.save`."""
        if isinstance(self._given, bytes):
            Path(path).write_bytes(self._given)
            return Output(path)
        samples = np.asarray(self._given)
        samples.tofile(path)
        height, width = samples.shape[:2]
        return Output(path, (1, height, width, samples.size // (height * width)), samples.dtype.name)

    def drop(self) -> None:
        """See `Side.drop`."""
        self._call, self._given = None, b""


def _libjxl_of_plugin() -> str:
    """Returns the version of libjxl that the plugin's list of parts (CycloneDX) names."""
    import json

    for path in files("pillow-jxl-plugin") or ():
        if path.name.endswith(".cyclonedx.json"):
            parts = json.loads(path.read_text())["components"]
            return next((each["version"] for each in parts if each["name"] == "jpegxl-src"), "unknown")
    return "unknown"

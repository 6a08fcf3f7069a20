"""What calls take of memory: the table of docs/codec.md is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from eitherside import Answer, Host, Module, Settings
from support.images import picture, saved

DOCUMENT = Path(__file__).parents[2] / "docs" / "codec.md"
WIDTH, HEIGHT = 2304, 1536
SAMPLES = WIDTH * HEIGHT * 3
ROW = re.compile(r"^\| ([^|]+?) \| ([0-9.]+) MB, ([0-9.]+) \S \|", re.MULTILINE)
STATED = {row[1]: (float(row[2]), float(row[3])) for row in ROW.finditer(DOCUMENT.read_text("utf-8"))}


class Calls:
    """Makes the calls of the table; a file that several start from is made once."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.made: dict[str, bytes] = {}

    def samples(self, sample_type: str = "u8", channels: int = 3) -> NDArray[Any]:
        """The picture."""
        return np.tile(picture(WIDTH // 6, HEIGHT // 4, channels, sample_type), (4, 6, 1))

    def encode(
        self, sample_type: str = "u8", channels: int = 3, frames: int = 1, effort: int = 1, **options: Any
    ) -> Answer:
        """Encodes the picture; more frames are shifted."""
        samples = self.samples(sample_type, channels)
        shape = {"width": WIDTH, "height": HEIGHT, "channels": channels, "type": sample_type}
        inputs = [np.roll(samples, 9 * frame, 1).tobytes() for frame in range(frames)]
        return self.host.call("encode", {**shape, "effort": effort, **options}, {"samples": inputs})

    def file(self, name: str) -> bytes:
        """A file of the picture."""
        if name not in self.made:
            self.made[name] = self._file(name)
        return self.made[name]

    def _file(self, name: str) -> bytes:
        if name in ("PNG", "JPEG", "PPM"):
            return saved(self.samples(), name, **({"quality": 90} if name == "JPEG" else {}))
        if name == "recompressed":
            return bytes(self.transcode("JPEG", to="jxl").outputs[0].data)
        options: dict[str, dict[str, Any]] = {
            "lossy": {},
            "lossy 16": {"sample_type": "u16"},
            "lossy RGBA": {"channels": 4},
            "progressive": {"progressive": True},
            "lossless": {"lossless": True},
            "lossless 16": {"lossless": True, "sample_type": "u16"},
            "lossless RGBA": {"lossless": True, "channels": 4},
            "squeezed": {"lossless": True, "responsive": "on", "effort": 2},
            "animation": {"frames": 3, "durations": [0.1, 0.1, 0.1]},
        }
        return bytes(self.encode(**options[name]).outputs[0].data)

    def decode(self, name: str, **options: Any) -> Answer:
        """Decodes a file."""
        return self.host.call("decode", options, {"image": [self.file(name)]})

    def transcode(self, name: str, **options: Any) -> Answer:
        """Transcodes a file."""
        return self.host.call("transcode", options, {"image": [self.file(name)]})

    def thumbnail(self, name: str) -> Answer:
        """Makes a thumbnail."""
        return self.host.call("thumbnail", {"width": 200, "height": 200}, {"image": [self.file(name)]})

    def edit(self, name: str, **options: Any) -> Answer:
        """Edits a file."""
        return self.host.call("edit", {"to": "jpeg", **options}, {"image": [self.file(name)]})

    def compare(self, metric: str) -> Answer:
        """Compares the lossy file with the lossless one."""
        inputs = {"a": [self.file("lossless")], "b": [self.file("lossy")]}
        return self.host.call("compare", {"metrics": [metric]}, inputs)


# Each with the bytes that the multiple is of: samples that come out of `decode`, else those that go in.
CASES: dict[str, tuple[int, Callable[[Calls], Answer]]] = {
    "`decode` lossy to `u8`": (SAMPLES, lambda calls: calls.decode("lossy", type="u8")),
    "the same, progressive": (SAMPLES, lambda calls: calls.decode("progressive", type="u8")),
    "the same with alpha": (SAMPLES // 3 * 4, lambda calls: calls.decode("lossy RGBA", type="u8")),
    "`decode` lossy to `u16`": (2 * SAMPLES, lambda calls: calls.decode("lossy 16", type="u16")),
    "`decode` lossy to `f32`": (4 * SAMPLES, lambda calls: calls.decode("lossy", type="f32")),
    "the same, in linear light": (
        4 * SAMPLES,
        lambda calls: calls.decode("lossy", type="f32", colour="linear_srgb"),
    ),
    "`decode` lossless to `u8`": (SAMPLES, lambda calls: calls.decode("lossless", type="u8")),
    "the same of RGBA": (SAMPLES // 3 * 4, lambda calls: calls.decode("lossless RGBA", type="u8")),
    "the same to `u16`": (2 * SAMPLES, lambda calls: calls.decode("lossless 16", type="u16")),
    "the same, `responsive`": (SAMPLES, lambda calls: calls.decode("squeezed", type="u8")),
    "`decode` of 3 frames to `u8`": (3 * SAMPLES, lambda calls: calls.decode("animation", type="u8")),
    "`decode` of a recompressed JPEG": (SAMPLES, lambda calls: calls.decode("recompressed", type="u8")),
    "`decode` of a JPEG": (SAMPLES, lambda calls: calls.decode("JPEG", type="u8")),
    "`decode` of a PNG": (SAMPLES, lambda calls: calls.decode("PNG", type="u8")),
    "`encode`, `effort=1`": (SAMPLES, lambda calls: calls.encode()),
    "`encode`, `effort=3`": (SAMPLES, lambda calls: calls.encode(effort=3)),
    "the same of `f32`": (4 * SAMPLES, lambda calls: calls.encode("f32", effort=3)),
    "the same, `progressive`": (SAMPLES, lambda calls: calls.encode(effort=3, progressive=True)),
    "`encode`, `lossless`, `effort=1`": (SAMPLES, lambda calls: calls.encode(lossless=True)),
    "`encode`, `lossless`, `effort=3`": (SAMPLES, lambda calls: calls.encode(lossless=True, effort=3)),
    "`transcode` JPEG to JPEG XL, exact": (SAMPLES, lambda calls: calls.transcode("JPEG", to="jxl")),
    "`transcode` of that to JPEG": (SAMPLES, lambda calls: calls.transcode("recompressed", to="jpeg")),
    "`transcode` PNG to JPEG XL, `effort=3`": (
        SAMPLES,
        lambda calls: calls.transcode("PNG", to="jxl", effort=3),
    ),
    "`transcode` lossy to PNG": (SAMPLES, lambda calls: calls.transcode("lossy", to="png")),
    "`transcode` PNG to JPEG": (SAMPLES, lambda calls: calls.transcode("PNG", to="jpeg")),
    "`thumbnail` of lossy": (SAMPLES, lambda calls: calls.thumbnail("lossy")),
    "`thumbnail` of lossless": (SAMPLES, lambda calls: calls.thumbnail("lossless")),
    "`thumbnail` of a JPEG": (SAMPLES, lambda calls: calls.thumbnail("JPEG")),
    "`edit` of a JPEG to JPEG, `exposure`": (SAMPLES, lambda calls: calls.edit("JPEG", exposure=1)),
    "the same, `rotate` and `width`": (SAMPLES, lambda calls: calls.edit("JPEG", rotate=90, width=600)),
    "`compare`, PSNR": (SAMPLES, lambda calls: calls.compare("psnr")),
    "`compare`, SSIMULACRA 2": (SAMPLES, lambda calls: calls.compare("ssimulacra2")),
    "`compare`, Butteraugli": (SAMPLES, lambda calls: calls.compare("butteraugli")),
}


@pytest.fixture(scope="module")
def calls(module: Module, settings: Settings) -> Iterator[Calls]:
    """One thread a call: each helper takes room of its own."""
    with Host(module, settings.model_copy(update={"threads_per_call": 1})) as host:
        yield Calls(host)


def test_the_table_is_of_these_cases() -> None:
    assert list(STATED) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_peaks_are_those_stated(calls: Calls, name: str) -> None:
    of, make = CASES[name]
    peak, multiple = STATED[name]
    found = make(calls).memory
    assert peak / 1.1 < found / 1e6 < peak * 1.05
    assert multiple == pytest.approx(peak * 1e6 / of, abs=0.06 + multiple / 100)

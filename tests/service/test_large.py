"""Pictures of many megapixels through a real service, within a memory ceiling that is stated here.

25 megapixels each time, 100 where LARGE=1 asks for it (make large): that takes a minute or two.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from numpy.typing import NDArray

from eitherside import Module
from server import Server, running_server

MIB = 1 << 20


@dataclass(frozen=True)
class Size:
    """A picture, and the ceilings in MiB: of the module's memory for each kind of call, of the process."""

    width: int
    height: int
    encode: int
    decode_lossy: int
    decode_lossless: int
    process: int


SIZES = {
    "25 megapixels": Size(5792, 4316, 416, 192, 192, 640),
    "100 megapixels": Size(11585, 8632, 704, 576, 576, 1408),
}


@dataclass
class Large:
    """A service with a picture for it, and what became of that."""

    server: Server
    size: Size
    picture: NDArray[np.uint8]
    told: list[str]

    def post(self, function: str, body: bytes, ceiling: int, **options: Any) -> bytes:
        """Makes a call, and checks that the module's memory kept below `ceiling` MiB."""
        texts = {
            name: json.dumps(value) if not isinstance(value, str) else value
            for name, value in options.items()
        }
        query = urlencode(texts)
        headers = {"Accept": "image/jxl" if function == "encode" else "application/octet-stream"}
        reply = self.server.request("POST", f"/v1/{function}?{query}", body, headers, timeout=900)
        assert reply.status == 200, reply.body[:500]
        memory = int(reply.headers["eitherside-memory"]) / MIB
        self.told.append(f"{function} {query}: {memory:.0f} MiB, {reply.headers['server-timing']}")
        assert memory <= ceiling
        return reply.body

    def encode(self, **options: Any) -> bytes:
        height, width, channels = self.picture.shape
        shape = {"width": width, "height": height, "channels": channels, "type": "u8"}
        return self.post("encode", self.picture.tobytes(), self.size.encode, **shape, **options)

    def decode(self, image: bytes, ceiling: int, **options: Any) -> NDArray[np.uint8]:
        samples = self.post("decode", image, ceiling, type="u8", **options)
        return np.frombuffer(samples, np.uint8)


def drawn(width: int, height: int) -> NDArray[np.uint8]:
    """Waves with edges and grain, different in each channel: no encoder has it easy."""
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    tile = np.random.default_rng(1).normal(0, 6, (1024, 1024)).astype(np.float32)
    grain = np.tile(tile, (height // 1024 + 1, width // 1024 + 1))[:height, :width]
    found = np.empty((height, width, 3), np.uint8)
    for channel in range(3):
        waves = 128 + 70 * np.sin(x / (211 + 37 * channel)) * np.cos(y / (173 + 29 * channel))
        edges = 30 * np.sign(np.sin((x + y) / (97 + channel)))
        found[..., channel] = np.clip(waves + edges + grain, 0, 255)
    return found


def most_memory(process: int) -> float:
    """The most memory in MiB that a process of the service has had at once: `VmHWM` of proc(5)."""
    workers = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    texts = [Path(f"/proc/{each}/status").read_text() for each in (str(process), *workers)]
    return max(int(text.split("VmHWM:")[1].split()[0]) / 1024 for text in texts)


@pytest.fixture(scope="module", params=SIZES)
def large(request: pytest.FixtureRequest) -> Iterator[Large]:
    if request.param.startswith("100") and os.environ.get("LARGE") != "1":
        pytest.skip("takes minutes: LARGE=1 asks for it (make large)")
    size = SIZES[request.param]
    settings: dict[str, object] = {
        "threads": 1,
        "max_body": "320MiB",
        "memory_per_call": f"{size.encode}MiB",
        "time_limit": 900,
        "body_time": 900,
        "result_store": 0,
    }
    with running_server(**settings) as server:
        found = Large(server, size, drawn(size.width, size.height), [])
        yield found
        print("", *found.told, sep="\n")


@pytest.fixture(scope="module")
def lossy(large: Large) -> bytes:
    return large.encode(distance=1, effort=3)


@pytest.fixture(scope="module")
def decoded(large: Large, lossy: bytes) -> NDArray[np.uint8]:
    return large.decode(lossy, large.size.decode_lossy).reshape(large.picture.shape)


def test_lossy(large: Large, lossy: bytes, decoded: NDArray[np.uint8]) -> None:
    assert len(lossy) < large.picture.nbytes / 8
    # A part of it in each direction, as floats of it all would take more than the codec does.
    for part in (np.s_[::64], np.s_[:, ::64]):
        error = decoded[part].astype(np.float64) - large.picture[part]
        assert 10 * np.log10(255**2 / np.mean(error**2)) > 32


def test_lossless(large: Large) -> None:
    image = large.encode(lossless=True, effort=1)
    back = large.decode(image, large.size.decode_lossless)
    assert np.array_equal(back.reshape(large.picture.shape), large.picture)


def test_a_region(large: Large, lossy: bytes, decoded: NDArray[np.uint8], module: Module) -> None:
    """The whole must be decoded for it, but its samples alone are held."""
    if "region" not in module.interface.functions["decode"].properties:
        pytest.skip("the module has no regions")
    x, y, width, height = large.size.width - 901, large.size.height // 2, 701, 307
    part = large.decode(lossy, large.size.decode_lossy, region=[x, y, width, height])
    expected = decoded[y : y + height, x : x + width]
    assert np.array_equal(part.reshape(height, width, 3), expected)


def test_the_process(large: Large, lossy: bytes, decoded: NDArray[np.uint8]) -> None:
    """Body, module's memory and answer together."""
    memory = most_memory(large.server.process.pid)
    large.told.append(f"process: {memory:.0f} MiB")
    assert memory <= large.size.process

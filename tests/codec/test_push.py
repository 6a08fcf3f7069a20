"""Input in pieces, by the module's binary interface (docs/abi.md)."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wasmtime

from eitherside import Codec, Module, Settings
from eitherside.binary import PAGE
from eitherside.compiled import Compiled, compile_module
from support.images import animated, picture, saved

DECODE = 1
SAMPLES = 0


class Pushing:
    """Pushed calls in an instance of their own, whose memory's ceiling is `pages`."""

    def __init__(self, module: Module, compiled: Compiled, pages: int) -> None:
        self._store = wasmtime.Store(compiled.engine)
        # No clock runs: nothing stops it.
        self._store.set_epoch_deadline(1)
        limits = wasmtime.Limits(module.memory.minimum, pages)
        self._memory = wasmtime.Memory(self._store, wasmtime.MemoryType(limits))
        stubs = wasmtime.Instance(self._store, compiled.stubs, []).exports(self._store)
        imports = [
            self._memory if item.module == "env" else stubs[item.name or ""]
            for item in compiled.module.imports
        ]
        self._exports = wasmtime.Instance(self._store, compiled.module, imports).exports(self._store)
        self.run("start")
        self.run("limit", pages * PAGE)
        self._answer = self.run("answer")

    def run(self, name: str, *arguments: int) -> int:
        """Calls an export."""
        function = self._exports[f"eitherside_{name}"]
        assert isinstance(function, wasmtime.Func)
        return int(function(self._store, *arguments) or 0) & 0xFFFFFFFF

    def read(self, address: int, length: int) -> bytes:
        """Bytes of memory."""
        return bytes(self._memory.read(self._store, address, address + length))

    def write(self, address: int, data: bytes) -> None:
        """Writes bytes into the memory."""
        self._memory.write(self._store, data, address)

    def close(self) -> None:
        """Gives the memory back."""
        self._store.close()

    def _block(self, data: bytes) -> int:
        address = self.run("allocate", len(data))
        self.write(address, data)
        return address

    def answer(self) -> tuple[int, dict[str, Any], list[tuple[int, bytes]]]:
        """Status, document and outputs, which are freed."""
        head = self.read(self._answer, 20)
        status, at, length, table, count = struct.unpack("<5I", head)
        document = json.loads(self.read(at, length))
        rows = struct.iter_unpack("<3I", self.read(table, 12 * count))
        outputs = []
        for address, size, output in rows:
            outputs.append((output, self.read(address, size)))
            self.run("free", address)
        return status, document, outputs

    def open(
        self, function: int = DECODE, inputs: list[tuple[int, bytes]] | None = None, **options: Any
    ) -> int:
        """Begins a call; what it was given is overwritten and freed at once."""
        text = json.dumps(options).encode()
        blocks = [(self._block(data), len(data), index) for index, data in inputs or []]
        table = b"".join(struct.pack("<3I", *block) for block in blocks)
        at, rows = self._block(text), self._block(table)
        status = self.run("open", function, at, len(text), rows, len(blocks))
        for address, length, _ in [*blocks, (at, len(text), 0), (rows, len(table), 0)]:
            self.write(address, b"\xaa" * length)
            self.run("free", address)
        return status

    def push(self, piece: bytes, last: bool = False) -> tuple[int, dict[str, Any], list[tuple[int, bytes]]]:
        """Gives a piece, whose block is overwritten and freed at once."""
        address = self._block(piece)
        status = self.run("push", address, len(piece), int(last))
        self.write(address, b"\xaa" * len(piece))
        self.run("free", address)
        answer = self.answer()
        assert answer[0] == status
        return answer


@pytest.fixture(scope="module")
def compiled(module: Module, settings: Settings) -> Compiled:
    """The module, compiled once for all these tests."""
    return compile_module(module, Path(settings.cache_dir))


@pytest.fixture
def instances(module: Module, compiled: Compiled) -> Iterator[Callable[[int], Pushing]]:
    """Makes instances with a ceiling of memory in pages."""
    made: list[Pushing] = []

    def make(pages: int) -> Pushing:
        made.append(Pushing(module, compiled, pages))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def pushing(instances: Callable[[int], Pushing]) -> Pushing:
    """An instance with room enough."""
    return instances(4096)


def _pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def _samples(outputs: list[tuple[int, bytes]]) -> list[bytes]:
    return [data for output, data in outputs if output == SAMPLES]


@pytest.fixture(scope="module")
def progressive(codec: Codec) -> bytes:
    return bytes(codec.encode(picture(600, 520, 3), distance=1, effort=3, progressive=True).image)


@pytest.mark.parametrize("size", [97, 4096, 1 << 20])
def test_pictures_come_as_the_file_does(
    codec: Codec, pushing: Pushing, progressive: bytes, size: int
) -> None:
    whole = codec.decode(progressive)
    expected = whole.samples[0].tobytes()
    assert pushing.open(type="u8") == 0
    assert pushing.answer() == (0, {}, [])
    stages: list[str] = []
    finals: list[bytes] = []
    errors: list[float] = []
    for piece in _pieces(progressive, size):
        status, document, outputs = pushing.push(piece)
        assert status == 0
        if not document:
            assert outputs == []
            continue
        assert document["complete"] is False
        assert (document["width"], document["height"], document["type"]) == (600, 520, "u8")
        stages.append(document["stage"])
        assert len(_samples(outputs)) == len(document["frames"])
        for frame, data in zip(document["frames"], _samples(outputs), strict=True):
            assert (frame["index"], len(data)) == (0, len(expected))
            if frame["stage"] == "full":
                finals.append(data)
            else:
                found = np.frombuffer(data, np.uint8).astype(int)
                errors.append(np.abs(found - whole.samples[0].reshape(-1)).mean())
    status, document, outputs = pushing.push(b"", last=True)
    assert (status, document["complete"]) == (0, True)
    assert finals + _samples(outputs) == [expected]
    if size < 10000:
        assert stages[:2] == ["header", "dc"]
        assert "pass" in stages
        assert errors[0] > 2 * errors[-1]
        # As often as the file grows by half, and at the decoder's own steps.
        assert len(stages) < 30


def test_each_frame_comes_once(codec: Codec, pushing: Pushing) -> None:
    frames = np.stack([picture(80, 60, 4, seed=seed) for seed in range(6)])
    file = bytes(codec.encode(list(frames), distance=0.5, durations=[0.1] * 6, effort=3).image)
    whole = codec.decode(file)
    assert pushing.open() == 0
    finals: dict[int, bytes] = {}
    answers = [pushing.push(piece) for piece in _pieces(file, 700)] + [pushing.push(b"", last=True)]
    for status, document, outputs in answers:
        assert status == 0
        for frame, data in zip(document.get("frames", []), _samples(outputs), strict=True):
            if frame["stage"] == "full":
                assert frame["index"] not in finals
                finals[frame["index"]] = data
    assert [finals[i] for i in range(6)] == [samples.tobytes() for samples in whole.samples]
    assert sum(bool(document.get("frames")) for _, document, _ in answers) > 1


def test_options_hold_for_what_is_pushed(codec: Codec, pushing: Pushing) -> None:
    file = bytes(codec.encode(picture(300, 280, 4), distance=1, effort=3).image)
    icc = codec.decode(file, colour="display_p3").icc
    assert icc is not None
    profile = bytes(icc)
    options: dict[str, Any] = {
        "type": "f32",
        "region": [5, 6, 70, 80],
        "colour": "profile",
        "alpha": "premultiplied",
    }
    expected = codec.decode(file, profile=profile, **options)
    assert pushing.open(inputs=[(1, profile)], **options) == 0
    for piece in _pieces(file, 1000):
        status, document, outputs = pushing.push(piece)
        assert status == 0
        if document.get("frames"):
            last = outputs
    status, document, outputs = pushing.push(b"", last=True)
    last = outputs if document["frames"] else last
    assert _samples(last) == [expected.samples[0].tobytes()]


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "GIF"])
def test_other_formats_come_at_the_end(codec: Codec, pushing: Pushing, image_format: str) -> None:
    file = animated("GIF") if image_format == "GIF" else saved(picture(40, 30, 3), image_format)
    assert pushing.open() == 0
    for piece in _pieces(file, 100):
        assert pushing.push(piece) == (0, {}, [])
    status, document, outputs = pushing.push(b"", last=True)
    assert (status, document["format"], document["complete"]) == (0, image_format.lower(), True)
    assert _samples(outputs) == [samples.tobytes() for samples in codec.decode(file).samples]


def test_a_truncated_file_fails_at_its_end(codec: Codec, pushing: Pushing, progressive: bytes) -> None:
    assert pushing.open() == 0
    for piece in _pieces(progressive[:-500], 2000):
        assert pushing.push(piece)[0] == 0
    status, document, _ = pushing.push(b"", last=True)
    assert (status, document["code"]) == (5, "truncated")
    assert str(len(progressive) - 500) in document["message"]


def test_a_corrupt_file_fails_where_it_is(codec: Codec, pushing: Pushing, progressive: bytes) -> None:
    damaged = bytearray(progressive)
    damaged[len(damaged) // 2 :] = b"\x55" * (len(damaged) - len(damaged) // 2)
    assert pushing.open() == 0
    statuses = []
    for piece in _pieces(bytes(damaged), 2000):
        statuses.append(pushing.push(piece)[0])
        if statuses[-1]:
            break
    else:
        statuses.append(pushing.push(b"", last=True)[0])
    assert statuses[-1] in (5, 6)
    status, document, _ = pushing.push(b"more")
    assert (status, document["code"]) == (1, "bad_call")


@pytest.mark.parametrize(
    ("function", "inputs", "options", "code", "message"),
    [
        (99, [], {}, "bad_call", "no function with the id 99"),
        (2, [], {"width": 1, "height": 1, "channels": 1}, "bad_call", "can be pushed"),
        (DECODE, [(0, b"file")], {}, "bad_call", "is to be pushed"),
        (DECODE, [], {"type": "u7"}, "bad_option", "'type'"),
        (DECODE, [], {"prefix": True}, "bad_option", "prefix"),
        (DECODE, [], {"colour": "profile"}, "bad_option", "input 'profile'"),
    ],
)
def test_calls_that_cannot_be_opened(
    pushing: Pushing,
    function: int,
    inputs: list[tuple[int, bytes]],
    options: dict[str, Any],
    code: str,
    message: str,
) -> None:
    assert pushing.open(function, inputs, **options) > 0
    status, document, _ = pushing.answer()
    assert status > 0
    assert document["code"] == code
    assert message in document["message"]
    assert pushing.push(b"")[1]["code"] == "bad_call"


def test_an_instance_goes_on_after_a_pushed_call(codec: Codec, pushing: Pushing, progressive: bytes) -> None:
    expected = codec.decode(progressive).samples[0].tobytes()
    for round_ in range(3):
        assert pushing.open() == 0
        pushing.push(progressive[:20000])
        if round_ == 1:
            # Opening another abandons the first.
            continue
        status, _, outputs = pushing.push(progressive[20000:], last=True)
        assert status == 0
        assert _samples(outputs) == [expected]


def test_memory_is_bounded_by_the_picture(codec: Codec, instances: Callable[[int], Pushing]) -> None:
    """Many frames pass through an instance that has room for a few."""
    frames = [picture(256, 256, 4, seed=seed) for seed in range(24)]
    file = bytes(codec.encode(frames, lossless=True, durations=[0.1] * 24, effort=1).image)
    assert len(file) > 3 << 20
    pushing = instances(256)
    assert pushing.open() == 0
    found = 0
    for piece in _pieces(file, 30000):
        status, document, _ = pushing.push(piece)
        assert status == 0, document
        found += sum(frame["stage"] == "full" for frame in document.get("frames", []))
    status, document, _ = pushing.push(b"", last=True)
    assert status == 0
    assert found + len(document["frames"]) == 24


def test_a_ceiling_of_memory_ends_a_pushed_call(
    instances: Callable[[int], Pushing], progressive: bytes
) -> None:
    pushing = instances(80)
    assert pushing.open(type="f32") == 0
    document: dict[str, Any] = {}
    for piece in [*_pieces(progressive, 5000), b""]:
        status, document, _ = pushing.push(piece, last=not piece)
        if status:
            break
    assert document["code"] == "memory_limit"

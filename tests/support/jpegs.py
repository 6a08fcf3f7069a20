"""JPEG files of odd kinds, written here bit by bit: coefficients are random, the syntax is what counts."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
from numpy.typing import NDArray

from .images import picture, saved

SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def segment(marker: int, content: bytes) -> bytes:
    """A marker segment with its length."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def insert(jpeg: bytes, *segments: bytes) -> bytes:
    """The file with more segments behind its SOI."""
    return SOI + b"".join(segments) + jpeg[2:]


def split(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and segments (with their headers) before the first scan, then 0 and the rest."""
    at = 2
    while jpeg[at + 1] != 0xDA:
        length = 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        yield jpeg[at + 1], jpeg[at : at + length]
        at += length
    yield 0, jpeg[at:]


def _codes(table: bytes) -> dict[int, tuple[int, int]]:
    """Code and length for each symbol of a DHT table without its class (ITU-T T.81, annex C)."""
    codes: dict[int, tuple[int, int]] = {}
    code, at = 0, 16
    for length, count in enumerate(table[:16], 1):
        for symbol in table[at : at + count]:
            codes[symbol] = (code, length)
            code += 1
        at += count
        code <<= 1
    return codes


def _standard_tables() -> dict[int, bytes]:
    """The tables of annex K by class and number, as libjpeg writes them."""
    found: dict[int, bytes] = {}
    for marker, content in split(saved(picture(16, 16, 3), "JPEG")):
        at = 4
        while marker == 0xC4 and at < len(content):
            size = 16 + sum(content[at + 1 : at + 17])
            found[content[at]] = content[at + 1 : at + 1 + size]
            at += 1 + size
    return found


_TABLES = _standard_tables()
_CODES = {key: _codes(table) for key, table in _TABLES.items()}


class _Bits:
    """Entropy-coded data with stuffed bytes; `padding` is the bit that fills the last byte."""

    def __init__(self, padding: int) -> None:
        self.data = bytearray()
        self._word, self._count, self._padding = 0, 0, padding

    def put(self, value: int, length: int) -> None:
        for shift in reversed(range(length)):
            self._word = self._word << 1 | (value >> shift & 1)
            self._count += 1
            if self._count == 8:
                self.data.append(self._word)
                if self._word == 0xFF:
                    self.data.append(0)
                self._word = self._count = 0

    def flush(self) -> None:
        while self._count:
            self.put(self._padding, 1)


@dataclass
class Scan:
    """Components by index, the band of coefficients, and the bits of successive approximation."""

    components: Sequence[int]
    first: int = 0
    last: int = 63
    high: int = 0
    low: int = 0


@dataclass
class Jpeg:
    """What is to be written. `sampling` has a pair (horizontal, vertical) for each component."""

    width: int = 37
    height: int = 29
    sampling: Sequence[tuple[int, int]] = ((1, 1), (1, 1), (1, 1))
    sof: int = 0xC0
    restart: int = 0
    padding: int = 1
    wide_quantisation: bool = False
    scans: Sequence[Scan] = ()
    separate_tables: bool = False
    ids: Sequence[int] = (1, 2, 3, 4)
    before: bytes = b""
    after: bytes = b""
    precision: int = 8
    told_height: int | None = None
    fill: bytes = b""
    _blocks: list[NDArray[np.int64]] = field(default_factory=list)

    def write(self, seed: int = 1) -> bytes:
        """The file."""
        rng = np.random.default_rng(seed)
        most_h = max(h for h, _ in self.sampling)
        most_v = max(v for _, v in self.sampling)
        across, down = -(-self.width // (8 * most_h)), -(-self.height // (8 * most_v))
        self._blocks = [self._random(rng, down * v, across * h) for h, v in self.sampling]
        everything = [Scan(range(len(self.sampling)))]
        body = b"".join(self.fill + self._scan(scan, across, down) for scan in self.scans or everything)
        return SOI + self.before + self._tables() + self._frame() + body + EOI + self.after

    @staticmethod
    def _random(rng: np.random.Generator, rows: int, columns: int) -> NDArray[np.int64]:
        blocks = np.zeros((rows, columns, 64), np.int64)
        blocks[..., 0] = rng.integers(-60, 60, (rows, columns))
        sparse = rng.random((rows, columns, 63)) < 0.08
        blocks[..., 1:] = np.where(sparse, rng.integers(-9, 10, (rows, columns, 63)), 0)
        return blocks

    def _tables(self) -> bytes:
        values = range(2, 66)
        dqts = [
            bytes([0x10 | n]) + struct.pack(">64H", *(300 + v for v in values))
            if self.wide_quantisation
            else bytes([n, *values])
            for n in (0, 1)
        ]
        dhts = [bytes([key]) + table for key, table in sorted(_TABLES.items())]
        if self.separate_tables:
            return b"".join(segment(0xDB, t) for t in dqts) + b"".join(segment(0xC4, t) for t in dhts)
        return segment(0xDB, b"".join(dqts)) + segment(0xC4, b"".join(dhts))

    def _frame(self) -> bytes:
        height = self.height if self.told_height is None else self.told_height
        content = struct.pack(">BHHB", self.precision, height, self.width, len(self.sampling))
        for index, (h, v) in enumerate(self.sampling):
            content += bytes([self.ids[index], h << 4 | v, min(index, 1)])
        restart = segment(0xDD, struct.pack(">H", self.restart)) if self.restart else b""
        return segment(self.sof, content) + restart

    def _units(self, scan: Scan, across: int, down: int) -> Iterator[list[tuple[int, NDArray[np.int64]]]]:
        """The blocks of each MCU, with their component."""
        if len(scan.components) == 1:
            c = scan.components[0]
            h, v = self.sampling[c]
            most_h, most_v = max(h for h, _ in self.sampling), max(v for _, v in self.sampling)
            columns = ceil(ceil(self.width * h / most_h) / 8)
            rows = ceil(ceil(self.height * v / most_v) / 8)
            for y in range(rows):
                for x in range(columns):
                    yield [(c, self._blocks[c][y, x])]
            return
        for y in range(down):
            for x in range(across):
                yield [
                    (c, self._blocks[c][y * self.sampling[c][1] + i, x * self.sampling[c][0] + j])
                    for c in scan.components
                    for i in range(self.sampling[c][1])
                    for j in range(self.sampling[c][0])
                ]

    def _scan(self, scan: Scan, across: int, down: int) -> bytes:
        content = bytes([len(scan.components)])
        for c in scan.components:
            content += bytes([self.ids[c], 0x11 * min(c, 1)])
        content += bytes([scan.first, scan.last, scan.high << 4 | scan.low])
        bits, before, data = _Bits(self.padding), dict.fromkeys(scan.components, 0), b""
        for count, unit in enumerate(self._units(scan, across, down)):
            if self.restart and count and count % self.restart == 0:
                bits.flush()
                data += bytes(bits.data) + bytes([0xFF, 0xD0 + (count // self.restart - 1) % 8])
                bits, before = _Bits(self.padding), dict.fromkeys(scan.components, 0)
            for c, block in unit:
                self._block(bits, scan, c, block, before)
        bits.flush()
        return segment(0xDA, content) + data + bytes(bits.data)

    @staticmethod
    def _block(bits: _Bits, scan: Scan, c: int, block: NDArray[np.int64], before: dict[int, int]) -> None:
        table = min(c, 1)
        if scan.first == 0 and scan.high:
            bits.put(int(block[0]) >> scan.low & 1, 1)
        elif scan.first == 0:
            value = int(block[0]) >> scan.low
            _number(bits, _CODES[table], 0, value - before[c])
            before[c] = value
        run = 0
        for k in range(max(scan.first, 1), scan.last + 1):
            if not block[k]:
                run += 1
                continue
            while run > 15:
                bits.put(*_CODES[0x10 | table][0xF0])
                run -= 16
            _number(bits, _CODES[0x10 | table], run, int(block[k]))
            run = 0
        if run:
            bits.put(*_CODES[0x10 | table][0])


def _number(bits: _Bits, codes: dict[int, tuple[int, int]], run: int, value: int) -> None:
    size = abs(value).bit_length()
    bits.put(*codes[run << 4 | size])
    bits.put(value if value >= 0 else value + (1 << size) - 1, size)

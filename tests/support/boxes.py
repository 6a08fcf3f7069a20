"""Files put together from parts: JPEG XL containers (ISO/IEC 18181-2) and PNG."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = bytes.fromhex("0000000c4a584c200d0a870a")
FILE_TYPE = struct.pack(">I4s4sI4s", 20, b"ftyp", b"jxl ", 0, b"jxl ")


def box(kind: bytes, content: bytes, *, wide: bool = False, to_the_end: bool = False) -> bytes:
    """A box; `wide` tells its size in 64 bits, `to_the_end` not at all."""
    if to_the_end:
        return struct.pack(">I4s", 0, kind) + content
    if wide:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def part(index: int, codestream: bytes, *, last: bool = False) -> bytes:
    """A jxlp box."""
    return box(b"jxlp", struct.pack(">I", index | (1 << 31 if last else 0)) + codestream)


def container(*boxes: bytes) -> bytes:
    """A file of these boxes behind the two that every file begins with."""
    return b"".join((SIGNATURE, FILE_TYPE, *boxes))


def split(codestream: bytes, *sizes: int) -> list[bytes]:
    """A codestream in jxlp boxes: of these sizes, then one with the rest."""
    boxes = []
    for index, size in enumerate(sizes):
        boxes.append(part(index, codestream[:size]))
        codestream = codestream[size:]
    return [*boxes, part(len(sizes), codestream, last=True)]


def gain_map(image: bytes, metadata: bytes = b"", icc: bytes = b"", version: int = 0) -> bytes:
    """A gain map bundle, the content of a jhgm box, without a colour encoding."""
    head = struct.pack(">BH", version, len(metadata)) + metadata + b"\0"
    return head + struct.pack(">I", len(icc)) + icc + image


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of PNG."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(*chunks: bytes) -> bytes:
    """A PNG of one pixel, with these chunks before its data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(4)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + data + chunk(b"IEND", b"")

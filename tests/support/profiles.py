"""ICC profiles, made here."""

from __future__ import annotations

import struct


def _tag(kind: bytes, content: bytes) -> bytes:
    return kind + bytes(4) + content


def _text(kind: bytes, text: bytes) -> bytes:
    if kind == b"desc":
        return _tag(kind, struct.pack(">I", len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67))
    return _tag(kind, text + b"\0")


def cmyk_profile() -> bytes:
    """A small printer profile (ICC.1:2001-04): CMYK to Lab by a table with two points an axis."""
    ramp = bytes(range(256))
    table = bytearray()
    for corner in range(16):
        cyan, magenta, yellow, black = (corner >> shift & 1 for shift in (3, 2, 1, 0))
        light = (1 - black) * (1 - 0.27 * (cyan + magenta + yellow))
        table += bytes(
            (round(255 * light), 128 + 40 * (magenta - cyan), 128 + 40 * (yellow - (cyan + magenta) // 2))
        )
    identity = struct.pack(">9i", *(65536 if i in (0, 4, 8) else 0 for i in range(9)))
    lut = _tag(b"mft1", bytes((4, 3, 2, 0)) + identity + 4 * ramp + bytes(table) + 3 * ramp)
    white = _tag(b"XYZ ", struct.pack(">3i", 63190, 65536, 54061))
    tags = {
        b"desc": _text(b"desc", b"Test inks"),
        b"cprt": _text(b"text", b"none"),
        b"wtpt": white,
        b"A2B0": lut,
    }
    directory, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        directory += name + struct.pack(">II", start + len(body), len(content))
        body += content
    head = (
        struct.pack(">I4xI", start + len(body), 0x02400000)
        + b"prtrCMYKLab "
        + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    )
    head += b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + directory + body

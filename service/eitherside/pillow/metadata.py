"""Exif, XMP and ICC profiles on their way in and out.

The codestream says how a picture is to be turned, and decoding has turned it. What Exif or XMP say of that
would have `ImageOps.exif_transpose` turn it again, so there it becomes 1, in place: no other byte changes.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

ORIENTATION = 0x0112
UPRIGHT = 1
SHORT = 3
PREFIX = b"Exif\0\0"

# As Pillow looks for it (Image.getexif).
_IN_XMP = re.compile(rb'(tiff:Orientation(?:="|>))([0-9])')
_ENTRY = 12
_SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
_SPACE_AT = slice(16, 20)


@dataclass(frozen=True)
class Turned:
    """Metadata in which the orientation is 1, and the one that it was, from 1 to 8."""

    orientation: int
    exif: bytes
    xmp: bytes


def turned(exif: bytes, xmp: bytes) -> Turned:
    """Takes the orientation out of Exif (from its TIFF header on) and XMP; the first that has one tells."""
    where = _orientation_at(exif)
    found = None
    if where is not None:
        order, at = where
        found = struct.unpack_from(f"{order}H", exif, at)[0]
        exif = exif[:at] + struct.pack(f"{order}H", UPRIGHT) + exif[at + 2 :]
    said = _IN_XMP.search(xmp)
    if said is not None:
        found = int(said[2]) if found is None else found
        xmp = _IN_XMP.sub(rb"\g<1>1", xmp)
    return Turned(found if found is not None and UPRIGHT <= found <= 8 else UPRIGHT, exif, xmp)


def _orientation_at(exif: bytes) -> tuple[str, int] | None:
    """Returns byte order and place of the orientation in the first directory of a TIFF (Exif 3.0, 4.6.2)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return None
    start = struct.unpack_from(f"{order}I", exif, 4)[0]
    if start + 2 > len(exif):
        return None
    count = struct.unpack_from(f"{order}H", exif, start)[0]
    for at in range(start + 2, min(start + 2 + count * _ENTRY, len(exif) - _ENTRY + 1), _ENTRY):
        tag, kind = struct.unpack_from(f"{order}HH", exif, at)
        if tag == ORIENTATION:
            return (order, at + 8) if kind == SHORT else None
    return None


def fits(icc: bytes, colours: int) -> bool:
    """Tells whether an ICC profile is one of so many colour channels (ICC.1, 7.2.6)."""
    return icc[_SPACE_AT] == _SPACES[colours]

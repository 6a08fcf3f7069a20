"""What the beginning of a file tells: read a little at a time, until it tells enough to open an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from ..errors import CallError
from .calls import EXIF, TRUNCATED, XMP, looked
from .errors import opening
from .metadata import turned

if TYPE_CHECKING:
    from ..codec import InspectResult

# Nearly every header and most metadata end before; libjxl writes metadata before the codestream.
FIRST = 4096
GROWTH = 4

SIGNATURES = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
"""How a codestream (ISO/IEC 18181-1) and a container (ISO/IEC 18181-2) begin."""

_MILLISECONDS = 1000


def accepts(prefix: bytes) -> bool:
    """Tells whether a file that begins so may be JPEG XL."""
    return prefix.startswith(SIGNATURES)


@dataclass(frozen=True)
class Header:
    """The beginning of a file, and what it tells."""

    data: bytes
    told: InspectResult


def read_header(file: IO[bytes], name: str) -> Header:
    """Reads as much of a file as opening it takes: 4 KiB, and four times that as long as it is too little.

    It is enough when the image's size and colours are known, metadata that begin are whole and, of an
    animation, there is a frame.

    Args:
        file: at its beginning.
        name: for errors.

    Raises:
        SyntaxError: it does not begin as JPEG XL files do.
        UnidentifiedImageError: it is no JPEG XL file, is damaged, or ends before its size is known.
        OSError: a limit was reached.
    """
    data = file.read(FIRST)
    if not accepts(data):
        raise SyntaxError("not a JPEG XL file")
    while True:
        more = b""
        with opening(name):
            try:
                told = looked(data)
                if _is_enough(told) or not (more := _next(file, data)):
                    return Header(data, told)
            except CallError as error:
                if error.code != TRUNCATED or not (more := _next(file, data)):
                    raise
        data += more


def _next(file: IO[bytes], data: bytes) -> bytes:
    return file.read(len(data) * (GROWTH - 1))


def _is_enough(told: InspectResult) -> bool:
    if told.complete:
        return True
    has_profile = told.colour["icc_bytes"] is not None
    has_frame = told.animation is None or bool(told.frames)
    has_metadata = all(box["complete"] for box in told.boxes if box["type"] in (EXIF, XMP))
    return has_profile and has_frame and has_metadata


def end_of_boxes(told: InspectResult) -> int:
    """Returns where the last box that was seen ends, in bytes; 0 for a file without boxes."""
    return max((box["offset"] + box["bytes"] for box in told.boxes), default=0)


def info_of(told: InspectResult) -> dict[str, Any]:
    """Returns what goes into an image's `info`, but for what single frames have."""
    found: dict[str, Any] = {}
    if told.icc and not _is_srgb(told.colour):
        found["icc_profile"] = told.icc
    metadata = turned(told.exif or b"", told.xmp or b"")
    if metadata.exif:
        found["exif"] = metadata.exif
    if metadata.xmp:
        found["xmp"] = metadata.xmp
    if told.jumbf:
        found["jumbf"] = told.jumbf
    if told.gain_map:
        found["gain_map"] = told.gain_map
    if told.animation is not None:
        found["loop"] = told.animation["loops"]
    return found


def _is_srgb(colour: dict[str, Any]) -> bool:
    """Tells whether colours are what Pillow takes them for where an image has no profile."""
    plain = {"white_point": "d65", "transfer_function": "srgb"}
    if colour["space"] != "grey":
        plain["primaries"] = "srgb"
    return not colour["icc_embedded"] and plain.items() <= colour.items()


def milliseconds(seconds: float) -> float:
    """Returns a duration in milliseconds, as a whole number where it is one."""
    found = round(seconds * _MILLISECONDS, 6)
    return int(found) if found == int(found) else found
